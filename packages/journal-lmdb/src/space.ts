/**
 * How much of the data file is in use, and a smaller file where that is little. LMDB uses pages again that became free,
 * but never gives them back: the file stays as large as it was at the worst moment.
 */
import { mkdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { dataFile } from './data-file.js'
import { type Environment, openEnvironment } from './environment.js'
import { statisticsOf } from './statistics.js'
import { syncNow } from './sync.js'

/** Of a data file, in bytes. */
export interface DataFileSpace {
  readonly size: number
  /** What is not in use, and will be before the file grows. */
  readonly free: number
}

/** Measures the environment that is open at this path. Not to be called inside a transaction. */
export const spaceOf = (env: Environment, path: string): DataFileSpace => {
  const { size } = statSync(dataFile(path))
  const { pageSize, pages: own } = statisticsOf(env)
  let pages = metaPages + own
  for (const name of env.getKeys({}))
    if (typeof name === 'string') pages += statisticsOf(env.openDB({ name, encoding: 'binary' })).pages
  return { size, free: Math.max(0, size - pages * pageSize) }
}

const metaPages = 2

/** What became of an attempt to make the file smaller, and the file's bytes before and after. */
export type Shrunk = { readonly before: number; readonly after: number } | { readonly refused: string }

/**
 * Writes the data file anew without its free pages, where these are at least `leastFree` bytes and more than half of it.
 * Nothing is returned where they are not. Nobody may have the environment open: what another process wrote meanwhile would
 * be lost. A failure, such as too little room beside the file, changes nothing.
 */
export const shrinkDataFile = async (path: string, leastFree: number): Promise<Shrunk | undefined> => {
  const copy = join(path, 'shrinking')
  rmSync(copy, { recursive: true, force: true })
  const env = openEnvironment({ path, durability: 'disk' })
  const { size: before, free } = spaceOf(env, path)
  if (free < leastFree || free <= before / 2) {
    await env.close()
    return undefined
  }
  try {
    const { bavail, bsize } = statfsSync(path)
    const needed = 2 * (before - free)
    if (bavail * bsize < needed)
      return { refused: `it takes ${needed} bytes beside it, and there are ${bavail * bsize}` }
    mkdirSync(copy, { mode: 0o700 })
    await env.backup(copy, true)
  } catch (cause) {
    rmSync(copy, { recursive: true, force: true })
    return { refused: cause instanceof Error ? cause.message : String(cause) }
  } finally {
    await env.close()
  }
  syncNow(join(copy, 'data.mdb'))
  renameSync(join(copy, 'data.mdb'), dataFile(path))
  syncNow(path)
  rmSync(copy, { recursive: true, force: true })
  return { before, after: statSync(dataFile(path)).size }
}
