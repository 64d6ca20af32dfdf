/**
 * A copy of a journal while another process may be writing it: a directory that can be opened in its place.
 *
 * What is copied is what a crash could have left: LMDB of one moment, and of the log all that LMDB was made of and more, up to a
 * later moment. So the next opening does the rest, as after a crash. It is right by the order of three steps:
 *
 * 1. All files of the log are opened. Whatever is trimmed from here on can still be read.
 * 2. LMDB is copied as one transaction sees it. It needs no row that was trimmed before 1, and has nothing that is not in the
 *    log by now.
 * 3. What there is of the log is copied: the files of 1, and those that came since. A record that is being written is a torn tail.
 *
 * A file that came and went between 1 and 3 is missing in 3. Then those of 1 are taken alone, unless LMDB was made of more: that
 * is of a moment soon after 1, however long it takes to copy it.
 *
 * The copy is read before it counts. Where it is not whole, also since the writer took something back meanwhile as its disk
 * failed, all is done once more.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Damage,
  damageText,
  type LogFile,
  type LogFolder,
  nodeFolder,
  openContent,
  openIfThere,
} from '@smacks/log-file'
import { dataFile } from './data-file.js'
import { openEnvironment } from './environment.js'
import { type LogNote, readNote } from './log-note.js'
import { logPathIn } from './log-rows.js'
import { openRowDatabase } from './row-database.js'
import { syncNow } from './sync.js'

export interface JournalBackupOptions {
  /** The directory of an environment, which may be in use. */
  readonly from: string
  /** A directory with nothing in it; what an attempt left there that failed is removed. */
  readonly to: string
  /** Called, and waited for, behind each of the first two steps. */
  readonly between?: () => Promise<void>
}

/** What there is to say of a copy. */
export interface JournalBackup {
  /** What was damaged before it was copied, in words for people. */
  readonly damage: ReadonlyArray<string>
}

/** A writer that takes something back does so seldom. */
const attempts = 3

/**
 * Copies the journal, the stores and the records of an environment. It is on the disk when this resolves. Rejects with an `Error`
 * that says why it cannot be copied.
 */
export const backupJournal = async (options: JournalBackupOptions): Promise<JournalBackup> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      emptyDirectory(options.to)
      const damage = await checked(options.to, await copy(options))
      // What a writer takes back is gone the next time; damage is not.
      if (damage.length === 0 || attempt === attempts) return { damage }
    } catch (error) {
      if (attempt === attempts) throw error
    }
}

/** Copies an LMDB environment, which may be in use, as it is at one moment. `to` is a directory that is there. */
export const backupEnvironment = async (from: string, to: string): Promise<void> => {
  const env = openEnvironment({ path: from, durability: 'disk' })
  try {
    // Of readers that were killed: what they saw would be kept for them for as long as anybody has it open.
    env.readerCheck()
    await env.backup(to, true)
  } finally {
    await env.close()
  }
  syncNow(dataFile(to))
  syncNow(to)
}

/** Returns the files of the log that came while it was copied. */
const copy = async ({ from, to, between = async () => {} }: JournalBackupOptions): Promise<ReadonlyArray<string>> => {
  const files = new HeldFiles(logPathIn(from))
  try {
    files.hold()
    await between()
    await backupEnvironment(from, to)
    await between()
    const later = files.hold()
    files.copyTo(logPathIn(to))
    syncNow(to)
    return later
  } finally {
    files.close()
  }
}

/** Files of a log that are open, so that they can be read after they were removed. */
class HeldFiles {
  private readonly files = new Map<string, LogFile>()

  constructor(private readonly path: string) {}

  /** Opens those that are not open yet, and returns their names. */
  hold(): ReadonlyArray<string> {
    if (!existsSync(this.path)) return []
    const folder = nodeFolder(this.path)
    return folder.names().filter(name => {
      const file = this.files.has(name) ? undefined : openIfThere(folder, name)
      if (file !== undefined) this.files.set(name, file)
      return file !== undefined
    })
  }

  copyTo(path: string): void {
    if (this.files.size === 0) return
    mkdirSync(path, { mode: 0o700 })
    const folder = nodeFolder(path)
    for (const [name, file] of [...this.files].sort(([one], [other]) => (one < other ? -1 : 1)))
      copyFile(file, folder.create(name))
    folder.sync()
  }

  close(): void {
    for (const file of this.files.values()) file.close()
  }
}

const copyFile = (from: LogFile, to: LogFile): void => {
  try {
    to.write(from.read(), 0)
    to.syncNow()
  } finally {
    to.close()
  }
}

/** Reads what was copied of the log, and returns what is damaged there. Throws an `Error` if it does not go with the copy of LMDB. */
const checked = async (directory: string, later: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const note = await noteIn(directory)
  if (note === undefined) return []
  const path = logPathIn(directory)
  if (!existsSync(path)) throw new Error(`${path} is missing`)
  const folder = nodeFolder(path)
  try {
    return readLog(folder, note).damage
  } catch (error) {
    if (later.length === 0) throw error
    for (const name of later) folder.remove(name)
    folder.sync()
    const { damage, last } = readLog(folder, note)
    if (last < note.applied) throw error
    return damage
  }
}

const readLog = (folder: LogFolder, note: LogNote) => {
  const content = openContent(folder, () => note.first)
  try {
    if (content.log !== note.log || (content.first ?? 0) > note.first)
      throw new Error(`the log in ${folder.path} does not go with data.mdb`)
    const damage = [...content.read()].filter((found): found is Damage => found._tag === 'Damage')
    return { damage: damage.map(damageText), last: Math.max(0, ...content.segments().map(({ last }) => last)) }
  } finally {
    content.close()
  }
}

const noteIn = async (directory: string): Promise<LogNote | undefined> => {
  const env = openEnvironment({ path: directory, durability: 'disk' })
  try {
    return readNote(openRowDatabase(env))
  } finally {
    await env.close()
    // Whoever opens it makes another.
    rmSync(join(directory, 'lock.mdb'), { force: true })
  }
}

const emptyDirectory = (directory: string): void => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true })
}
