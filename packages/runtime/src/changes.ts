/** Changes on their way to the journal: what begins with them, and what ends once they are durable. */

import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import type { Guard } from './guard.js'
import type { PendingSpills } from './pending-spills.js'
import type { Change } from './ports.js'
import type { RefusedChanges } from './refused-changes.js'
import { ofRecords, ofStores, Settling } from './settling.js'
import type { TurnCycle } from './turn-cycle.js'

export interface ChangesOptions<A> {
  readonly accounts: Accounts<A>
  readonly cycle: TurnCycle<A>
  /** Absent if the journal keeps no sessions. */
  readonly kept: PendingSpills<A> | undefined
  /** It comes later than this. */
  readonly refused: () => RefusedChanges<A>
  readonly guard: Guard
  readonly isStepping: () => boolean
}

export class Changes<A> {
  /** Offline messages and counts of old sessions. */
  readonly ofStores = new Settling(ofStores)
  readonly ofRecords = new Settling(ofRecords)

  constructor(private readonly options: ChangesOptions<A>) {}

  /** Adds a change to the turn at hand. */
  readonly add = (made: Change<A>): void => {
    const { cycle, kept, isStepping } = this.options
    cycle.turn.add(made)
    this.ofStores.began(made)
    this.ofRecords.began(made)
    if (made._tag === 'KeepUnacked') kept?.began(made)
    if (!isStepping()) cycle.touched()
  }

  /** The changes are durable. */
  durable(changes: ReadonlyArray<Change<A>>, emptied: ReadonlyArray<AccountId>): void {
    const { kept, refused, guard } = this.options
    if (kept !== undefined && !kept.isEmpty)
      for (const made of changes) if (made._tag === 'KeepUnacked') kept.ended(made)
    refused().ended(changes)
    const ofStores = this.ofStores.ended(changes)
    const ofRecords = this.ofRecords.ended(changes)
    for (const account of emptied) this.forgetIfIdle(account)
    // An event that leaves nothing of its account is told of above.
    for (const { _tag, account } of changes) if (_tag !== 'EventLogged') this.forgetIfIdle(account)
    for (const callback of ofStores) guard.hand('whenSettled', callback)
    for (const callback of ofRecords) guard.hand('whenSettled', callback)
  }

  /** Takes an account out of memory that nobody needs there, and of which all is durable. */
  forgetIfIdle(id: AccountId): void {
    if (this.ofStores.isSettled(id)) this.options.accounts.forgetIfIdle(id)
  }
}
