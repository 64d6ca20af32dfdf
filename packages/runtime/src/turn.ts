/** What one turn of the host's event loop caused, across accounts. */
import type { ArmTimer, VisibleEffect } from '@smacks/core'
import type { AccountId, Change, MonotonicInstant } from './ports.js'

/**
 * A visible effect and the account it came from. When a timer is due was decided with the step: it may wait for a commit,
 * and the wall clock may be set meanwhile.
 */
export type Visible<A> =
  | { readonly account: AccountId; readonly effect: Exclude<VisibleEffect<A>, ArmTimer> }
  | { readonly account: AccountId; readonly effect: ArmTimer; readonly due: MonotonicInstant }

/** Filled while the turn lasts, then committed, then performed: changes first, and only then what can be seen. */
export interface Turn<A> {
  readonly changes: Array<Change<A>>
  readonly visible: Array<Visible<A>>
  /** Accounts that lost their last session. */
  readonly emptied: Array<AccountId>
}

export const newTurn = <A>(): Turn<A> => ({ changes: [], visible: [], emptied: [] })
