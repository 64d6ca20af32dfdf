/**
 * The log: database `journal-log`, one row a batch, its key a number that only grows. A row is text: a line that tells the
 * version and who wrote it, then a line for each entry.
 */
import { randomUUID } from 'node:crypto'
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import { stamp } from './record-version.js'

export type LogRows = Database<string, number>

export interface Row {
  readonly seq: number
  /** The first line. */
  readonly head: string
  /** The others. */
  readonly lines: ReadonlyArray<string>
  /** Characters of the row, with what it takes besides. */
  readonly size: number
}

/** What a row takes besides its characters: its key and LMDB's own notes. Rows without entries add up too. */
const rowOverhead = 24

/** All rows, in order. */
export function* readRows(rows: LogRows): Generator<Row, void, undefined> {
  for (const { key: seq, value } of rows.getRange({})) {
    const [head = '', ...lines] = value.split('\n')
    yield { seq, head, lines, size: value.length + rowOverhead }
  }
}

/** The number of the last row; 0 if there is none. */
export const lastRow = (rows: LogRows): number => firstKey(rows, true) ?? 0

/**
 * The rows, and which of them are still needed: those from the oldest entry on that no snapshot covers. What is noted
 * here follows what is durable: `next`, `put` and `trim` belong into a transaction, the others after it. Transactions and
 * what is noted of them take turns.
 */
export class Log {
  /** The greatest number that was given away, also to a batch that failed. */
  private last = 0
  /** No row before this one is there. */
  private first: number
  /** The oldest row that each account needs; the map's order is that of the rows. */
  private needed = new Map<AccountId, number>()
  private sizes = new Map<number, number>()
  private total = 0
  /** Until the log was read nobody knows what is needed. */
  private isRead = false
  /** Tells our rows from those of other processes that use the same numbers. */
  private readonly head = `${stamp},"by":"${randomUUID()}"}`

  constructor(private readonly rows: LogRows) {
    this.first = firstKey(rows, false) ?? 1
  }

  /** A number for a new row, above that of each row there is, whoever wrote it. */
  next(): number {
    this.last = Math.max(this.last, lastRow(this.rows)) + 1
    return this.last
  }

  /** No new row may have this number or one below. */
  beyond(seq: number): void {
    this.last = Math.max(this.last, seq)
  }

  /** True if we stored a row under this number. */
  has(seq: number): boolean {
    return this.rows.get(seq)?.startsWith(this.head) === true
  }

  /** True if there is a row of this number. */
  isThere(seq: number): boolean {
    return this.rows.doesExist(seq)
  }

  put(seq: number, lines: ReadonlyArray<string>): void {
    this.rows.putSync(seq, [this.head, ...lines].join('\n'))
  }

  /** How much a row of these lines takes. */
  sizeOf(lines: ReadonlyArray<string>): number {
    return lines.reduce((sum, line) => sum + line.length + 1, this.head.length + rowOverhead)
  }

  /** How much all rows take. */
  size(): number {
    return this.total
  }

  /** Begins to note anew what is needed. `finish` is to be called when all rows are noted. */
  beginReading(): LogReading {
    const needed = new Map<AccountId, number>()
    return {
      note: (seq, size) => this.note(seq, size),
      need: (account, seq) => {
        if (!needed.has(account)) needed.set(account, seq)
      },
      finish: () => {
        // What came meanwhile is newer.
        for (const [account, seq] of this.needed) if (!needed.has(account)) needed.set(account, seq)
        this.needed = needed
        this.isRead = true
      },
    }
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

  /** Nothing in the rows so far is needed of the account. */
  release(account: AccountId): void {
    this.needed.delete(account)
  }

  /** The accounts that need the oldest rows, without some. */
  oldest(limit: number, isLeftOut: (account: AccountId) => boolean): ReadonlyArray<AccountId> {
    const accounts: Array<AccountId> = []
    for (const account of this.needed.keys()) {
      if (accounts.length >= limit) break
      if (!isLeftOut(account)) accounts.push(account)
    }
    return accounts
  }

  /** Removes rows before the number that nobody needs, at most `limit`, and tells the first that is left. */
  trim(before: number, limit: number): number {
    if (!this.isRead) return this.first
    const oldest = this.needed.values().next()
    const end = Math.min(before, this.first + limit, oldest.done === true ? before : oldest.value)
    for (let seq = this.first; seq < end; seq += 1) this.rows.removeSync(seq)
    return Math.max(this.first, end)
  }

  /** The rows before this one are gone. */
  trimmed(first: number): void {
    for (; this.first < first; this.first += 1) {
      this.total -= this.sizes.get(this.first) ?? 0
      this.sizes.delete(this.first)
    }
  }
}

export interface LogReading {
  readonly note: (seq: number, size: number) => void
  readonly need: (account: AccountId, seq: number) => void
  readonly finish: () => void
}

const firstKey = (rows: LogRows, reverse: boolean): number | undefined => {
  for (const key of rows.getKeys({ reverse, limit: 1 })) return key
  return undefined
}
