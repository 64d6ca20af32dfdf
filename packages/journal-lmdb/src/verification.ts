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
  if (state !== undefined && state.size < state.extent) readInChild(directory, 'values', state.size)
}

/**
 * To be called by who owns the directory, before it is opened. Throws an `Error` that says what is wrong with its data
 * file, if there is one. Until `closedInOrder` the file counts as left in disorder.
 */
export const verifyDataFile = (directory: string): void => {
  checkDataFile(directory)
  const state = readDataFile(directory)
  if (state !== undefined && !isAsItWasClosed(directory)) readInChild(directory, 'keys', state.size)
  rmSync(noteIn(directory), { force: true })
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

const readInChild = (directory: string, what: 'keys' | 'values', size: number): void => {
  const { error, signal, status, stderr } = spawnSync(process.execPath, [reader, directory, what], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Options of this process are not for that one.
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    windowsHide: true,
  })
  if (signal !== null && crashes.includes(signal)) throw damaged(size, `reading it ends in a crash of LMDB (${signal})`)
  if (status === cannotRead) throw damaged(size, stderr.trim())
  if (status === 0) return
  const reason = error?.message ?? signal ?? (stderr.trim().slice(-1000) || `exit code ${status}`)
  throw new Error(`the process that reads data.mdb failed: ${reason}`, { cause: error })
}
