/**
 * What batches say of LMDB, done there after they are durable in the log: many of them in one transaction, which also notes
 * how far it came. So each is done once, however the process ends.
 */
import type { SegmentedLog } from '@smacks/log-file'
import type { AccountId, BatchStores } from '@smacks/runtime'
import type { Act, RowActs } from './acts.js'
import type { EmptiedAccounts } from './emptied-accounts.js'
import { readNote, writeNote } from './log-note.js'
import { isOfMedium } from './naming.js'
import type { NeededRows } from './needed-rows.js'
import { perform } from './perform-act.js'
import { rangeOfRows, trimRows } from './row-database.js'
import type { SetAside } from './set-aside.js'
import type { Stored } from './stored.js'

export interface ApplyingOptions<A> {
  readonly stored: Stored<A>
  readonly log: SegmentedLog
  /** The log's name. */
  readonly name: string
  readonly others: Pick<BatchStores<A>, 'apply'>
  readonly setAside: SetAside<A>
  readonly emptied: EmptiedAccounts
  readonly needed: NeededRows
  /** An act failed for a reason of its own, and is left out: it would fail again and again. */
  readonly onFault: (fault: { readonly account: AccountId; readonly seq: number; readonly error: unknown }) => void
}

/** Rows that a program before this one left in LMDB, and that one transaction removes at most. */
const trimmedAtOnce = 256

export class Applying<A> {
  private pending: Array<RowActs<A>> = []
  private readonly accounts = new Set<AccountId>()
  private count = 0

  constructor(private readonly options: ApplyingOptions<A>) {}

  add(row: RowActs<A>): void {
    this.pending.push(row)
    this.count += row.acts.length
    for (const { account } of row.acts) this.accounts.add(account)
  }

  /** How much there is to do. */
  get length(): number {
    return this.count
  }

  /** True if there is something to do of the account; of any, if none is named. */
  isPending(account: AccountId | undefined): boolean {
    return account === undefined ? this.count > 0 : this.accounts.has(account)
  }

  /** True if the transaction of the last `write` is committed. */
  isApplied(): boolean {
    return (readNote(this.options.stored.rows)?.applied ?? 0) >= this.options.log.last
  }

  /**
   * Does all of it, in the transaction that this is called in. `first` is the first row that is needed from then on. What
   * comes back is to be called once the transaction is committed.
   */
  write(first: number): () => void {
    const { emptied, log, name, setAside, stored } = this.options
    const done = this.pending
    const { last } = log
    const applied = readNote(stored.rows)?.applied ?? 0
    for (const { seq, acts } of done) if (seq > applied) for (const act of acts) this.perform(seq, act)
    const moved = setAside.isDue() ? setAside.move(last) : undefined
    const rows = this.trimEarlier()
    const over = emptied.before(Math.min(rows ?? log.first, log.first))
    for (const account of over) stored.snapshots.removeSync(account)
    writeNote(stored.rows, { log: name, first, applied: Math.max(applied, last) })
    return () => {
      this.forget(done.length)
      for (const account of over) emptied.delete(account)
      for (const account of moved?.() ?? []) {
        this.options.needed.release(account)
        emptied.delete(account)
      }
    }
  }

  private perform(seq: number, act: Act<A>): void {
    try {
      perform(this.options.stored, this.options.others, seq, act)
    } catch (error) {
      if (isOfMedium(error)) throw error
      this.options.onFault({ account: act.account, seq, error })
    }
  }

  /** The first row in LMDB that is left there. */
  private trimEarlier(): number | undefined {
    const { log, needed, stored } = this.options
    const range = rangeOfRows(stored.rows)
    if (range === undefined) return undefined
    trimRows(stored.rows, Math.min(needed.first(log.last), range.last + 1), trimmedAtOnce)
    return rangeOfRows(stored.rows)?.first
  }

  private forget(length: number): void {
    this.pending = this.pending.slice(length)
    this.accounts.clear()
    this.count = 0
    for (const { acts } of this.pending) {
      this.count += acts.length
      for (const { account } of acts) this.accounts.add(account)
    }
  }
}
