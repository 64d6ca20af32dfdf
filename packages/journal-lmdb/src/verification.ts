/**
 * Whether LMDB can read a data file, found out in a process of its own: where LMDB crashes, that process does.
 *
 * Each opening looks at the meta pages. Where the file is shorter than they say, all of it is read. The owner of a folder
 * lets all keys be read besides, so each page of the trees, unless the file is as it was closed in good order: it costs as
 * much as to read those pages once.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { damaged, dataFile, readDataFile } from './data-file.js'
import { cannotRead } from './read-outcome.js'

/** Throws an `Error` that says what is wrong with the data file of a directory, if there is one. Cheap, unless it is short. */
export const checkDataFile = (directory: string): void => {
  const state = readDataFile(directory)
  if (state !== undefined && state.size < state.extent) readInChild('values', [{ directory, size: state.size }])
}

/**
 * To be called by who owns these directories, before they are opened. Throws an `Error` that names the first whose data file
 * is damaged, and says what is wrong with it. Until `closedInOrder` the files count as left in disorder.
 */
export const verifyDataFiles = (directories: ReadonlyArray<string>): void => {
  const unsure: Array<Unsure> = []
  for (const directory of directories) {
    try {
      checkDataFile(directory)
      const state = readDataFile(directory)
      if (state !== undefined && !isAsItWasClosed(directory)) unsure.push({ directory, size: state.size })
    } catch (cause) {
      throw new DamagedDataFile(directory, cause)
    }
  }
  if (unsure.length > 0) readInChild('keys', unsure)
  for (const directory of directories) rmSync(noteIn(directory), { force: true })
}

/** A data file that cannot be used, and what is wrong with it. */
export class DamagedDataFile extends Error {
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** A data file that may be damaged. */
interface Unsure {
  readonly directory: string
  /** In bytes. */
  readonly size: number
}

/** To be called by the owner once the environment is closed: the file is synced, and known to be whole. */
export const closedInOrder = (directory: string): void => {
  const file = openSync(dataFile(directory), 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  writeFileSync(noteIn(directory), identityOf(directory), { mode: 0o600 })
}

const noteIn = (directory: string): string => join(directory, 'closed-in-order')

const isAsItWasClosed = (directory: string): boolean => {
  try {
    return readFileSync(noteIn(directory), 'utf8') === identityOf(directory)
  } catch {
    // It was not closed, or by a program that left no note.
    return false
  }
}

const identityOf = (directory: string): string => {
  const { size, mtimeMs, ino } = statSync(dataFile(directory))
  return JSON.stringify({ size, mtimeMs, ino })
}

/** The compiled program, also for whoever runs this from its sources. */
const reader = fileURLToPath(new URL('../dist/read-all.js', import.meta.url))

/** How a process ends that LMDB crashes. */
const crashes: ReadonlyArray<string> = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGTRAP']

const readInChild = (what: 'keys' | 'values', files: ReadonlyArray<Unsure>): void => {
  const { error, signal, status, stderr, stdout } = spawnSync(
    process.execPath,
    [reader, what, ...files.map(({ directory }) => directory)],
    // Options of this process are not for that one.
    { env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8', windowsHide: true },
  )
  if (status === 0) return
  const file = files[(stdout ?? '').length - 1]
  const crash =
    signal !== null && crashes.includes(signal) ? `reading it ends in a crash of LMDB (${signal})` : undefined
  const fault = crash ?? (status === cannotRead ? stderr.trim() : undefined)
  if (file !== undefined && fault !== undefined) throw new DamagedDataFile(file.directory, damaged(file.size, fault))
  const reason = error?.message ?? signal ?? (stderr.trim().slice(-1000) || `exit code ${status}`)
  throw new Error(`the process that reads data.mdb failed: ${reason}`, { cause: error })
}
