/** Rows of the log that a program before this one wrote into LMDB: database `journal-log`, one row a batch. */
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'

export type RowDatabase = Database<string, number>

export const openRowDatabase = (env: Environment): RowDatabase =>
  env.openDB({ name: 'journal-log', encoding: 'string' })

/** The numbers of the first and the last row; nothing if there is none. */
export const rangeOfRows = (rows: RowDatabase): { readonly first: number; readonly last: number } | undefined => {
  const [first] = rows.getKeys({ start: 1, limit: 1 })
  const [last] = rows.getKeys({ start: Number.MAX_SAFE_INTEGER, end: 0, reverse: true, limit: 1 })
  return first === undefined || last === undefined ? undefined : { first, last }
}

/** Removes rows before the number, at most `limit`. Belongs into a transaction. */
export const trimRows = (rows: RowDatabase, before: number, limit: number): void => {
  for (const seq of [...rows.getKeys({ start: 1, end: before, limit })]) rows.removeSync(seq)
}
