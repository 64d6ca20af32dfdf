/**
 * The data files in the data folder: looked at before anything is opened, made smaller where most of them is free, and left
 * in good order. Only who owns the folder may do that.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  closedInOrder,
  DamagedDataFile,
  type Environment,
  shrinkDataFile,
  spaceOf,
  verifyDataFiles,
} from '@smacks/journal-lmdb'
import type { Logger } from 'pino'
import { accountsFolder } from './accounts/accounts-environment.js'

/** Bytes that have to be free, besides being more than half of the file, before it is written anew. */
const leastFree = 64 * 1024 * 1024

/** Rejects with an `Error` that says which file is damaged, how, and what to do. */
export const prepareDataFolder = async (data: string, log: Pick<Logger, 'info' | 'warn'>): Promise<void> => {
  verify(data)
  if (!existsSync(join(data, 'data.mdb'))) return
  const shrunk = await shrinkDataFile(data, leastFree)
  if (shrunk === undefined) return
  if ('refused' in shrunk)
    log.warn({ reason: shrunk.refused }, 'most of the data file is free, and it stays as large as it is')
  else log.info(shrunk, 'most of the data file was free; it is smaller now')
}

/** Says how large the data file is, and how much of it is free. */
export const tellSpace = (data: string, env: Environment, log: Pick<Logger, 'info'>): void => {
  const { size, free } = spaceOf(env, data)
  log.info({ bytes: size, freeBytes: free }, 'the data file')
}

/** To be called when the environments are closed and all was stored. */
export const leaveDataFolder = (data: string, log: Pick<Logger, 'warn'>): void => {
  for (const folder of [data, accountsFolder(data)])
    try {
      closedInOrder(folder)
    } catch (err) {
      log.warn({ err, folder }, 'it cannot be noted that the data file is in good order; the next start reads it')
    }
}

const verify = (data: string): void => {
  try {
    verifyDataFiles([accountsFolder(data), data])
  } catch (cause) {
    if (!(cause instanceof DamagedDataFile)) throw cause
    const { directory, message } = cause
    throw new Error(`${join(directory, 'data.mdb')}: ${message}. ${remedyFor(data, directory)}`, { cause })
  }
}

/** What there is in the folder of the damaged file, for whoever has to decide. */
const remedyFor = (data: string, damaged: string): string => {
  if (damaged !== data) return 'Accounts are there and nowhere else.'
  return existsSync(join(accountsFolder(data), 'data.mdb'))
    ? 'Moved away with lock.mdb and the folder journal, it takes sessions, rosters and offline messages along, and no accounts.'
    : 'It has the accounts too.'
}
