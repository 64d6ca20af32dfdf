/** What the loop tells of its journal and of faults, counted on the way. */
import type { Clock, Journal, RuntimeOptions } from '@smacks/runtime'
import { Buckets } from './buckets.js'

/** What is told of the loop, as far as it is counted here. */
export type Reports = Pick<RuntimeOptions<unknown>, 'onFault' | 'onRecovery' | 'onStall'>

export class LoopTally {
  /** Seconds until a batch was durable. */
  readonly commitDuration = new Buckets([
    0.000_01, 0.000_025, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5,
  ])
  readonly commitChanges = new Buckets([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000])
  commitFailures = 0
  stalls = 0
  isStalled = false
  faults = 0
  readonly authenticationFailures = new Map<string, number>()

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** The same journal, whose commits are measured. */
  timed<A>(journal: Journal<A>): Journal<A> {
    return {
      ...journal,
      commit: batch => {
        const begun = this.clock.monotonic()
        const committed = this.#tried(() => journal.commit(batch))
        if (committed === undefined) this.#durable(begun, batch.length)
        else
          committed.then(
            () => this.#durable(begun, batch.length),
            () => this.#failed(),
          )
        return committed
      },
    }
  }

  /** The same reports, counted. */
  counted<R extends Reports>(reports: R): R {
    return {
      ...reports,
      onFault: (error, where) => {
        this.faults += 1
        reports.onFault(error, where)
      },
      onStall: (error, attempt) => {
        this.isStalled = true
        if (attempt === 1) this.stalls += 1
        reports.onStall(error, attempt)
      },
      onRecovery: () => {
        this.isStalled = false
        reports.onRecovery()
      },
    }
  }

  authenticationFailed(reason: string): void {
    this.authenticationFailures.set(reason, (this.authenticationFailures.get(reason) ?? 0) + 1)
  }

  #tried<T>(commit: () => T): T {
    try {
      return commit()
    } catch (error) {
      this.#failed()
      throw error
    }
  }

  #durable(begun: number, changes: number): void {
    this.commitDuration.add((this.clock.monotonic() - begun) / 1000)
    this.commitChanges.add(changes)
  }

  #failed(): void {
    this.commitFailures += 1
  }
}
