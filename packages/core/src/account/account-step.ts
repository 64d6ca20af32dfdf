/** What the parts of the reducer return. */
import type { Effect } from '../effect.js'
import type { Ignored } from '../ignored.js'
import type { Account } from '../state.js'

/**
 * The account after an event, or after a part of what it does, and the effects in order. Where the event was void, why: then
 * the account is the one that there was, and there are no effects.
 */
export type AccountStep<A> = readonly [
  account: Account<A>,
  effects: ReadonlyArray<Effect<A>>,
  ignored?: Ignored | undefined,
]
