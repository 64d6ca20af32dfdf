/** How much an environment stores. */
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'

/**
 * Tells whether the databases of an environment have more than so many bytes. Pages that are free do not count: LMDB uses
 * them again, though its file never shrinks. Not to be called inside a transaction.
 */
export const storageGauge = (env: Environment): ((bytes: number) => boolean) => {
  const databases = new Map<string, Database<string, string>>()
  return bytes => {
    const { lastPageNumber, pageSize } = numbersOf(env.getStats())
    // The file is not larger either.
    if ((lastPageNumber + 1) * pageSize <= bytes) return false
    for (const name of env.getKeys({}))
      if (typeof name === 'string' && !databases.has(name))
        databases.set(name, env.openDB<string, string>({ name, encoding: 'string' }))
    let pages = 0
    for (const database of databases.values()) {
      const { treeBranchPageCount, treeLeafPageCount, overflowPages } = numbersOf(database.getStats())
      pages += treeBranchPageCount + treeLeafPageCount + overflowPages
    }
    return pages * pageSize > bytes
  }
}

interface Numbers {
  readonly lastPageNumber: number
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

/** lmdb hands out its statistics without a type. */
const numbersOf = (stats: object): Numbers => {
  const numberOf = (name: keyof Numbers): number => {
    const found: unknown = Object.entries(stats).find(([key]) => key === name)?.[1]
    if (typeof found !== 'number') throw new Error(`lmdb tells no ${name}`)
    return found
  }
  return {
    lastPageNumber: numberOf('lastPageNumber'),
    pageSize: numberOf('pageSize'),
    treeBranchPageCount: numberOf('treeBranchPageCount'),
    treeLeafPageCount: numberOf('treeLeafPageCount'),
    overflowPages: numberOf('overflowPages'),
  }
}
