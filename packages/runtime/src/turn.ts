/** What one turn of the host's event loop caused, across accounts. */
import type { VisibleEffect } from '@smacks/core'
import type { AccountId, Change } from './ports.js'

/** A visible effect and the account it came from. */
export interface Visible<A> {
  readonly account: AccountId
  readonly effect: VisibleEffect<A>
}

/** Filled while the turn lasts, then committed, then performed: changes first, and only then what can be seen. */
export interface Turn<A> {
  readonly changes: Array<Change<A>>
  readonly visible: Array<Visible<A>>
  /** Accounts that lost their last session. */
  readonly emptied: Array<AccountId>
}

export const newTurn = <A>(): Turn<A> => ({ changes: [], visible: [], emptied: [] })
