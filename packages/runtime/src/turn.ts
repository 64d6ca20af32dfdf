/** What one turn of the host's event loop caused, across accounts. */
import type { ArmTimer, SendNonza, VisibleEffect } from '@smacks/core'
import type { AccountId } from './account-id.js'
import { sizeOfChange } from './change-size.js'
import type { Change, MonotonicInstant } from './ports.js'
import type { Answer } from './runtime.js'

/**
 * A visible effect and the account it came from. When a timer is due was decided with the step: it may wait for a commit,
 * and the wall clock may be set meanwhile.
 */
export type Visible<A> =
  | { readonly account: AccountId; readonly effect: Exclude<VisibleEffect<A>, ArmTimer> }
  | { readonly account: AccountId; readonly effect: ArmTimer; readonly due: MonotonicInstant }
  /** Goes to whoever asked, instead of the transport. */
  | { readonly account: AccountId; readonly effect: SendNonza; readonly answer: Answer }

/**
 * Filled while the turn lasts, then committed, then performed: changes first, and only then what can be seen. It knows
 * about how large its changes are, so that a turn that has much ends early.
 */
export class Turn<A> {
  readonly changes: Array<Change<A>> = []
  /** About how many bytes the changes take. */
  size = 0
  visible: Array<Visible<A>> = []
  /** Accounts that lost their last session. */
  readonly emptied: Array<AccountId> = []

  /** `sizeOf`: how large a stanza is. */
  constructor(private readonly sizeOf: (stanza: A) => number) {}

  add(change: Change<A>): void {
    this.changes.push(change)
    this.size += sizeOfChange(change, this.sizeOf)
  }
}
