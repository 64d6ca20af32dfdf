/** Opens the log to write it: what a crash left behind its last record is cut off, and all that is wrong is told. */
import { randomUUID } from 'node:crypto'
import { type LogContent, type LogFolder, nodeFolder, openContent, SegmentedLog } from '@smacks/log-file'
import { makeDirectory } from './directory.js'
import { pathOf } from './disk-reservation.js'
import type { Environment, EnvironmentOptions } from './environment.js'
import { type LogNote, readNote, writeNote } from './log-note.js'
import { logFolder, logPath, rowOf } from './log-rows.js'
import { PendingReading } from './pending-acts.js'
import { segmentStamp } from './record-version.js'
import { openRowDatabase, rangeOfRows } from './row-database.js'
import type { SessionCodecs } from './session-codecs.js'

export interface OpenLogOptions<A> {
  readonly env: Environment
  readonly durability: EnvironmentOptions['durability']
  readonly segmentSize: number
  /** Where the files are; in the environment's directory unless told. */
  readonly folder: LogFolder | undefined
  readonly codecs: SessionCodecs<A>
}

export interface OpenLog<A> {
  readonly folder: LogFolder
  readonly log: SegmentedLog
  /** The log's name. */
  readonly name: string
  /** What is not done in LMDB yet. */
  readonly pending: PendingReading<A>
}

/** Throws an `Error` that says what is wrong, and what to do. */
export const openLog = <A>(options: OpenLogOptions<A>): OpenLog<A> => {
  const { env } = options
  if (options.folder === undefined) makeDirectory(logPath(env))
  const folder = options.folder ?? logFolder(env)
  const rows = openRowDatabase(env)
  const note = readNote(rows)
  const content = openContent(folder, () => note?.first ?? 0)
  try {
    return note === undefined ? begin(options, folder, content) : goOn(options, folder, content, note)
  } finally {
    content.close()
  }
}

/** There never was one here: what a program before this one wrote is followed by it. */
const begin = <A>(options: OpenLogOptions<A>, folder: LogFolder, content: LogContent): OpenLog<A> => {
  const { codecs, env } = options
  for (const _ of content.read()) throw new Error(`${folder.path} is the log of another data.mdb${remedy}`)
  // A crash may have come between the two.
  for (const name of [...content.leftover, ...content.segments().map(segment => segment.name)]) folder.remove(name)
  const rows = openRowDatabase(env)
  const name = randomUUID()
  const last = rangeOfRows(rows)?.last ?? 0
  const log = new SegmentedLog({ ...writing(options, folder), log: name, segments: [], last })
  log.begin()
  if (options.folder === undefined) nodeFolder(pathOf(env)).sync()
  env.transactionSync(() => writeNote(rows, { log: name, first: log.first, applied: last }))
  return { folder, log, name, pending: new PendingReading(codecs, last) }
}

const goOn = <A>(
  options: OpenLogOptions<A>,
  folder: LogFolder,
  content: LogContent,
  { log: name, first, applied }: LogNote,
): OpenLog<A> => {
  if (content.first === undefined) throw new Error(`${folder.path} is empty, and data.mdb goes on there${remedy}`)
  if (content.log !== name) throw new Error(`${folder.path} is the log of another data.mdb${remedy}`)
  if (content.first > first)
    throw new Error(
      `${folder.path} begins with record ${content.first}, and data.mdb needs it from ${first} on${remedy}`,
    )
  const pending = new PendingReading(options.codecs, applied)
  for (const found of content.read()) if (found._tag === 'Record' && found.number > applied) pending.read(rowOf(found))
  const log = new SegmentedLog({
    ...writing(options, folder),
    log: name,
    segments: content.segments(),
    leftover: content.leftover,
    // A power loss may have taken the end of a log that was not synced.
    last: applied,
  })
  return { folder, log, name, pending }
}

const remedy =
  ': restore both from the same backup; or, to begin without sessions, rosters and offline messages, move both away'

const writing = (
  { durability, segmentSize }: Pick<OpenLogOptions<unknown>, 'durability' | 'segmentSize'>,
  folder: LogFolder,
) => ({
  folder,
  stamp: segmentStamp,
  segmentSize,
  isSynced: durability === 'disk',
})
