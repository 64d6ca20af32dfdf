/** What the parts of the reducer return. */
import type { Effect } from '../effect.js'
import type { Account } from '../state.js'

/** The account after an event, or after a part of what it does, and the effects in order. */
export type AccountStep<A> = readonly [Account<A>, ReadonlyArray<Effect<A>>]
