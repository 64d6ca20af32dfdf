/** What is written survives a power loss, whatever the durability of its writer. */
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dataFile } from './data-file.js'
import { logPathIn } from './log-rows.js'

/** What was written to the data file of the directory is on the disk once this resolves. */
export const syncDataFile = (directory: string): Promise<void> => sync(dataFile(directory), 'r+')

/** What was committed to a journal in the directory is on the disk once this resolves. */
export const syncJournal = async (directory: string): Promise<void> => {
  const log = logPathIn(directory)
  if (existsSync(log)) {
    for (const name of await readdir(log)) await syncIfThere(join(log, name))
    await sync(log, 'r')
  }
  await syncDataFile(directory)
}

/** What was written to a file is on the disk when this returns; of a directory, which files it has. */
export const syncNow = (path: string): void => {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const sync = async (path: string, flags: string): Promise<void> => {
  const file = await open(path, flags)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A file that went meanwhile is not needed. */
const syncIfThere = async (path: string): Promise<void> => {
  try {
    await sync(path, 'r+')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
