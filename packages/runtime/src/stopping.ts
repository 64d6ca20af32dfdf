/** The end: sessions end, or wait in the journal (`ServerStopping`), and all that follows from it is durable. */
import type { Event } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import type { Commits } from './commits.js'
import type { Heartbeat } from './heartbeat.js'
import type { Clock, Timers } from './ports.js'
import type { TurnCycle } from './turn-cycle.js'

export interface StoppingOptions<A> {
  readonly accounts: Accounts<A>
  readonly commits: Commits<A>
  readonly cycle: TurnCycle<A>
  readonly heartbeat: Heartbeat
  readonly timers: Timers
  readonly clock: Clock
  readonly dispatch: (account: AccountId, event: Event<A>) => void
  /** The journal keeps sessions, so they wait there. */
  readonly areSessionsJournalled: boolean
}

export class Stopping<A> {
  private underWay = false
  private stopped: Promise<void> | undefined

  constructor(private readonly options: StoppingOptions<A>) {}

  /** From now on no session begins. */
  get isUnderWay(): boolean {
    return this.underWay
  }

  readonly committed = async (): Promise<void> => {
    const { commits, cycle } = this.options
    // Whoever asks may be in the middle of a step.
    await Promise.resolve()
    do {
      cycle.end()
      await commits.underWay()
    } while (commits.failure() === undefined && (cycle.isEndDue || commits.underWay() !== undefined))
    const failure = commits.failure()
    if (failure !== undefined) throw failure.error
  }

  readonly stop = (): Promise<void> => {
    this.stopped ??= this.endAll()
    return this.stopped
  }

  private async endAll(): Promise<void> {
    const { accounts, areSessionsJournalled, clock, commits, cycle, dispatch, heartbeat, timers } = this.options
    // Whoever asks may be in the middle of a step, or of performing one.
    await Promise.resolve()
    this.underWay = true
    commits.insistNoMore()
    for (const account of [...accounts.ids()]) {
      const journalled = areSessionsJournalled ? { journalled: true as const } : {}
      dispatch(account, { _tag: 'ServerStopping', at: clock.now(), ...journalled })
      cycle.endIfFull()
    }
    if (areSessionsJournalled && accounts.someHibernates()) heartbeat.beat()
    try {
      await this.committed()
    } finally {
      timers.stop()
    }
  }
}
