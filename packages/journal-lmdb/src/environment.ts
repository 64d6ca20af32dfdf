/**
 * The LMDB environment: one directory, one file, one lock that several processes share.
 *
 * What a resolved transaction has survived:
 * - `process`: it is in the page cache, where `kill -9` cannot reach it. LMDB does not sync (`noSync`), so a
 *   power loss may take the last transactions with it or even damage the file.
 * - `disk`: it was synced before it counts as done (no `overlappingSync`: that resolves before the sync).
 */
import { type Key, open, type RootDatabase } from 'lmdb'
import { makeDirectory } from './directory.js'
import { checkDataFile } from './verification.js'

/** An open environment. Whoever opened it closes it (`close()`), after all that use it. */
export type Environment = RootDatabase<string, Key>

export interface EnvironmentOptions {
  /** A directory; it is made, for its owner only, if it is not there. */
  readonly path: string
  /** What a transaction survives once it is done. */
  readonly durability: 'disk' | 'process'
}

/**
 * Of address space, which costs nothing; the file is as large as what is in it. A map that is too small is replaced by a
 * larger one, and the pages of the old one stay in memory beside those of the new one.
 */
const mapSize = 2 ** 30

/** Databases in one environment: the journal's own, and one for each kind of the application's records. */
const maxDbs = 64

/**
 * Opens the environment, also while other processes have it open; each of them may choose its own durability.
 * Throws an `Error` that names the path if that cannot be.
 */
export const openEnvironment = ({ path, durability }: EnvironmentOptions): Environment => {
  makeDirectory(path)
  try {
    checkDataFile(path)
    return open<string, Key>({
      path,
      noSubdir: false,
      encoding: 'string',
      noSync: durability === 'process',
      overlappingSync: false,
      // Transactions start at once. It also spares the promise that lmdb makes for each turn's batch: nobody
      // could handle its rejection, and an unhandled one ends the process.
      eventTurnBatching: false,
      mapSize,
      maxDbs,
    })
  } catch (cause) {
    throw new Error(`cannot open the LMDB environment at ${path}: ${String(cause)}`, { cause })
  }
}
