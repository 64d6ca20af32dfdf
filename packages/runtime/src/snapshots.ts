/** Snapshots of accounts: in the journal each takes the place of all that is journalled of its account before it. */
import type { Account } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import type { ConfigInForce } from './config-in-force.js'
import type { Change, SessionJournal } from './ports.js'
import type { TurnCycle } from './turn-cycle.js'

/** Snapshots taken in one turn, if the journal wants any. */
const snapshotsAtOnce = 32

export interface SnapshotsOptions<A> {
  /** Absent if the journal keeps no sessions: then there are no snapshots. */
  readonly journal: Pick<SessionJournal<A>, 'wanted'> | undefined
  readonly accounts: Accounts<A>
  readonly inForce: ConfigInForce
  readonly cycle: TurnCycle<A>
  readonly batchLimit: number
}

export class Snapshots<A> {
  constructor(private readonly options: SnapshotsOptions<A>) {}

  /** Adds the account as it is now to the turn at hand. */
  add(account: AccountId): Change<A> | undefined {
    const { journal, accounts } = this.options
    return journal === undefined ? undefined : this.write(account, accounts.current(account))
  }

  /** A batch that is written anyway takes along what lets the journal free space. */
  addWanted(): void {
    const { journal, accounts, batchLimit, cycle } = this.options
    if (journal === undefined || cycle.turn.changes.length === 0) return
    // One at a time, since each may be large; but never none, or the journal would grow without end.
    for (let taken = 0; taken < snapshotsAtOnce && (taken === 0 || cycle.turn.size < batchLimit); taken += 1) {
      const [account] = journal.wanted(1)
      if (account === undefined) return
      const state = accounts.journalled(account)
      if (state !== undefined) this.write(account, state)
    }
  }

  private write(account: AccountId, state: Account<A>): Change<A> {
    const { accounts, inForce, cycle } = this.options
    const snapshot: Change<A> = {
      _tag: 'PutSnapshot',
      account,
      state,
      config: accounts.ownConfig(account) ?? inForce.config,
    }
    cycle.turn.add(snapshot)
    accounts.forgotten(account)
    return snapshot
  }
}
