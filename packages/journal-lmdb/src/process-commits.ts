/**
 * Commits with durability `process`: one `write`, and the batch is done. What it says of LMDB waits there for others, but
 * never longer than until somebody reads it.
 *
 * LMDB may fail when the log did not, as on a disk that is full or failing. Then no batch is taken until it can be written,
 * and what is read meanwhile is read as if it were: whoever reads is in the middle of a step, and has nothing to do instead.
 */
import { type Change, kindOf, type Reading } from '@smacks/runtime'
import { ABORT } from 'lmdb'
import { commitFailure } from './commit-failure.js'
import type { Commits, CommitsOptions } from './commits.js'
import { pathOf } from './disk-reservation.js'
import { LogBatches } from './log-batches.js'
import { syncDataFile } from './sync.js'

/** So much is done in LMDB at once, besides what one turn brings, so that it never takes long: 128 acts take some 3 ms. */
const mostWaiting = 128

/** Milliseconds that something waits at most, so that other processes see it and the end of this one leaves little. */
const longestWait = 200

export class ProcessCommits<A> implements Commits<A> {
  private readonly batches: LogBatches<A>
  /** LMDB could not be written: no batch is taken before it can be. */
  private isBehind = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private trimming: Promise<void> | undefined
  private refusing: Promise<unknown> = Promise.resolve()
  /** Batches that are in the log, though their part of LMDB failed. */
  private readonly logged = new WeakSet<ReadonlyArray<unknown>>()

  constructor(private readonly options: CommitsOptions<A>) {
    this.batches = new LogBatches(options)
    if (this.batches.isApplyingDue()) this.apply()
  }

  commit(batch: ReadonlyArray<Change<A>>): Promise<void> | undefined {
    try {
      this.write(batch)
      return undefined
    } catch (cause) {
      this.batches.failed()
      const refused = commitFailure(this.options.env, cause).then(error => Promise.reject(error))
      this.refusing = refused.catch(() => undefined)
      return refused
    }
  }

  bringUpToDate(): void {
    if (this.options.applying.isPending(undefined)) this.apply()
  }

  readonly reading: Reading = (account, read) => {
    if (!this.options.applying.isPending(account)) return read()
    if (!this.isBehind) this.attempt()
    return this.isBehind ? this.readAhead(read) : read()
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    await this.refusing
    await this.trimming
    // Where it fails the next start does it.
    if (this.batches.isApplyingDue()) this.attempt()
  }

  private write(batch: ReadonlyArray<Change<A>>): void {
    const { applying, defersAll, parts } = this.options
    if (!this.logged.has(batch)) {
      const prepared = this.batches.prepare(batch)
      if (this.isBehind || applying.length > mostWaiting) this.apply()
      this.batches.conclude(prepared, this.batches.append(prepared))
    }
    if (!defersAll && batch.some(isStored)) this.applyFor(batch)
    else if (parts.setAside.isDue()) this.attempt()
    else if (applying.length > 0) this.applyLater()
    if (this.trimming === undefined && this.batches.isTrimmable()) this.trimming = this.trim()
  }

  private applyLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      if (this.batches.isApplyingDue()) this.attempt()
    }, longestWait).unref()
  }

  private apply(): void {
    const { env } = this.options
    this.isBehind = true
    let done = (): void => {}
    env.transactionSync(() => {
      done = this.batches.apply()
    })
    // An asynchronous transaction of this process may have taken it in, and is then under way itself.
    if (!this.options.applying.isApplied())
      throw new Error('another transaction of this process is under way; this one is done again after it')
    done()
    this.isBehind = false
  }

  /** A store is read without `reading`, so the batch is not done before it is there. */
  private applyFor(batch: ReadonlyArray<Change<A>>): void {
    try {
      this.apply()
    } catch (error) {
      this.logged.add(batch)
      throw error
    }
  }

  private attempt(): void {
    try {
      this.apply()
    } catch {
      // The next batch is refused with the reason, unless it succeeds then.
      this.batches.failed()
    }
  }

  /** What waits is done in a transaction that is given up once `read` has seen it. */
  private readAhead<T>(read: () => T): T {
    let found: { readonly value: T } | undefined
    this.options.env.transactionSync(() => {
      this.batches.apply()
      found = { value: read() }
      return ABORT
    })
    if (found === undefined) throw new Error('lmdb did not run a transaction')
    return found.value
  }

  /** What the files have that go must be on the disk elsewhere. */
  private async trim(): Promise<void> {
    try {
      while (this.batches.isTrimmable()) {
        this.apply()
        await syncDataFile(pathOf(this.options.env))
        this.batches.trim()
      }
    } catch {
      // It is tried again with a later batch.
      this.batches.failed()
    } finally {
      this.trimming = undefined
    }
  }
}

/** Others read it in LMDB. */
const isStored = (change: Change<unknown>): boolean => {
  const kind = kindOf(change)
  return kind !== 'sessions' && kind !== 'records' && kind !== 'old-sessions'
}
