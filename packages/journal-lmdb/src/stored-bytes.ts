/** How much an environment stores. */
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import { statisticsOf } from './statistics.js'

/**
 * Tells whether the databases of an environment have more than so many bytes. Pages that are free do not count: LMDB uses
 * them again, though its file never shrinks. Not to be called inside a transaction.
 */
export const storageGauge = (env: Environment): ((bytes: number) => boolean) => {
  const databases = new Map<string, Database<string, string>>()
  return bytes => {
    const { lastPageNumber, pageSize } = statisticsOf(env)
    // The file is not larger either.
    if ((lastPageNumber + 1) * pageSize <= bytes) return false
    for (const name of env.getKeys({}))
      if (typeof name === 'string' && !databases.has(name))
        databases.set(name, env.openDB<string, string>({ name, encoding: 'string' }))
    let pages = 0
    for (const database of databases.values()) pages += statisticsOf(database).pages
    return pages * pageSize > bytes
  }
}
