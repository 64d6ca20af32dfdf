/**
 * Commits with durability `disk`: the log is synced, in a thread; batches that come meanwhile wait. What a batch says of LMDB is
 * done there, and synced, before it counts as done, so whoever reads LMDB finds it.
 */
import type { Change, Reading } from '@smacks/runtime'
import { commitFailure } from './commit-failure.js'
import type { Commits, CommitsOptions } from './commits.js'
import { LogBatches } from './log-batches.js'

export class DiskCommits<A> implements Commits<A> {
  private readonly batches: LogBatches<A>
  /** Batches that are in the log, though their part of LMDB failed. */
  private readonly logged = new WeakSet<ReadonlyArray<unknown>>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: CommitsOptions<A>) {
    this.batches = new LogBatches(options)
    if (!this.batches.isApplyingDue()) return
    let done = (): void => {}
    options.env.transactionSync(() => {
      done = this.batches.apply()
    })
    done()
  }

  commit(batch: ReadonlyArray<Change<A>>): Promise<void> {
    const done = this.inTurn(batch, this.last)
    this.last = done.catch(() => undefined)
    return done
  }

  bringUpToDate(): void {
    // What is done is there.
  }

  readonly reading: Reading = (_account, read) => read()

  async close(): Promise<void> {
    await this.last
  }

  private async inTurn(batch: ReadonlyArray<Change<A>>, before: Promise<unknown>): Promise<void> {
    await before
    try {
      if (!this.logged.has(batch)) await this.write(batch)
      if (this.batches.isApplyingDue() || this.batches.isTrimmable()) await this.apply()
    } catch (cause) {
      this.batches.failed()
      throw await commitFailure(this.options.env, cause)
    }
  }

  private async write(batch: ReadonlyArray<Change<A>>): Promise<void> {
    const prepared = this.batches.prepare(batch)
    const seq = this.batches.append(prepared)
    await this.options.log.sync()
    this.logged.add(batch)
    this.batches.conclude(prepared, seq)
  }

  private async apply(): Promise<void> {
    let done = (): void => {}
    await this.options.env.childTransaction(() => {
      done = this.batches.apply()
    })
    done()
    this.batches.trim()
  }
}
