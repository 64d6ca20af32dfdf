/** How much an environment stores, with the log beside it. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import { existingLogFolder } from './log-rows.js'
import { statisticsOf } from './statistics.js'

/**
 * Tells whether the databases of an environment, and its log, have more than so many bytes. Pages that are free do not count: LMDB uses
 * them again, though its file never shrinks. Not to be called inside a transaction.
 */
export const storageGauge = (env: Environment): ((bytes: number) => boolean) => {
  const databases = new Map<string, Database<string, string>>()
  return bytes => {
    const { lastPageNumber, pageSize } = statisticsOf(env)
    const ofLog = bytesOfLog(env)
    // The file is not larger either.
    if ((lastPageNumber + 1) * pageSize + ofLog <= bytes) return false
    for (const name of env.getKeys({}))
      if (typeof name === 'string' && !databases.has(name))
        databases.set(name, env.openDB<string, string>({ name, encoding: 'string' }))
    let pages = 0
    for (const database of databases.values()) pages += statisticsOf(database).pages
    return pages * pageSize + ofLog > bytes
  }
}

const bytesOfLog = (env: Environment): number => {
  const folder = existingLogFolder(env)
  if (folder === undefined) return 0
  const sizes = readdirSync(folder.path).map(
    name => statSync(join(folder.path, name), { throwIfNoEntry: false })?.size ?? 0,
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
