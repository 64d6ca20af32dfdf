/**
 * The core: an account and an event in, the account after it and the effects out. Total, pure and
 * deterministic; the same events give the same states and effects on every runtime.
 */

import type { AccountStep } from './account/account-step.js'
import { bounded } from './account/bounded.js'
import { handle } from './account/handle.js'
import type { Config } from './config.js'
import type { Event } from './event.js'
import type { Account } from './state.js'

/**
 * An account and what happened to it; the account after that, and what is to be done about it. Of an event that is void, as a
 * race or as misuse, a third element says why (`Ignored`).
 */
export type Step = <A>(account: Account<A>, event: Event<A>) => AccountStep<A>

/** Makes one step. The effects are to be performed in their order. */
export const step =
  (given: Config): Step =>
  (account, event) => {
    const config = event._tag === 'ConfigChanged' ? event.config : given
    const handled = handle(config, account, event)
    // The account was within its limits, so it still is where nothing changed.
    return handled[0] === account ? handled : bounded(config, account, event, handled)
  }
