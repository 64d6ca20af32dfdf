/**
 * The log: database `journal-log`, one row a batch, its key a number that only grows. A row is text: a line that tells the
 * version, then a line for each entry.
 */
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import { rowHead } from './session-codecs.js'

export interface Row {
  readonly seq: number
  /** Without the first. */
  readonly lines: ReadonlyArray<string>
  /** Characters of the row. */
  readonly size: number
  /** False if the row is of a version that is not ours. */
  readonly isOurs: boolean
}

/**
 * The rows, and which of them are still needed: those from the oldest entry on that no snapshot covers. `put` and
 * `trim` belong into a transaction.
 */
export class Log {
  private readonly rows: Database<string, number>
  /** The number of the last row. */
  private last: number
  /** The first row that is there. */
  private first: number
  /** The oldest row that each account needs; the map's order is that of the rows. */
  private readonly needed = new Map<AccountId, number>()
  private readonly sizes = new Map<number, number>()
  private total = 0
  /** Until the log was read nobody knows what is needed. */
  private isRead = false

  constructor(env: Environment) {
    this.rows = env.openDB<string, number>({ name: 'journal-log', encoding: 'string' })
    this.last = firstKey(this.rows, true) ?? 0
    this.first = firstKey(this.rows, false) ?? 1
  }

  /** A number for a new row. */
  next(): number {
    this.last += 1
    return this.last
  }

  has(seq: number): boolean {
    return this.rows.doesExist(seq)
  }

  put(seq: number, lines: ReadonlyArray<string>): void {
    this.rows.putSync(seq, `${rowHead}\n${lines.join('\n')}`)
  }

  /** Characters of all rows. */
  size(): number {
    return this.total
  }

  /** All rows, in order; afterwards it is known which are needed, if each was noted. */
  *read(): Generator<Row, void, undefined> {
    for (const { key: seq, value } of this.rows.getRange({})) {
      const [head, ...lines] = value.split('\n')
      yield { seq, lines, size: value.length, isOurs: head === rowHead }
    }
    this.isRead = true
  }

  /** A row is there. */
  note(seq: number, size: number): void {
    if (this.sizes.has(seq)) return
    this.sizes.set(seq, size)
    this.total += size
  }

  /** The account needs the row, and all after it. */
  need(account: AccountId, seq: number): void {
    if (!this.needed.has(account)) this.needed.set(account, seq)
  }

  /** A snapshot covers all that there is of the account. */
  release(account: AccountId): void {
    this.needed.delete(account)
  }

  /** The accounts that need the oldest rows. */
  oldest(limit: number): ReadonlyArray<AccountId> {
    const accounts: Array<AccountId> = []
    for (const account of this.needed.keys()) {
      if (accounts.length >= limit) break
      accounts.push(account)
    }
    return accounts
  }

  /** Removes rows that nobody needs, at most `limit`. */
  trim(limit: number): void {
    if (!this.isRead) return
    const oldest = this.needed.values().next()
    const end = oldest.done === true ? this.last : oldest.value
    for (let count = 0; count < limit && this.first < end; count += 1) {
      this.rows.removeSync(this.first)
      this.total -= this.sizes.get(this.first) ?? 0
      this.sizes.delete(this.first)
      this.first += 1
    }
  }
}

const firstKey = (rows: Database<string, number>, reverse: boolean): number | undefined => {
  for (const key of rows.getKeys({ reverse, limit: 1 })) return key
  return undefined
}
