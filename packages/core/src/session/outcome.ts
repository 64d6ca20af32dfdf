/** What the step of one session comes to: a session that goes on, or one that is over. */
import type { Effect, EndReason } from '../effect.js'
import type { Session } from '../state.js'

/** The session goes on as `session`. */
export interface GoesOn<A> {
  readonly _tag: 'GoesOn'
  readonly session: Session<A>
  readonly effects: ReadonlyArray<Effect<A>>
}

/** The session is over. What becomes of its unacked stanzas is the account's decision. */
export interface Over<A> {
  readonly _tag: 'Over'
  /** As it was last. */
  readonly session: Session<A>
  readonly reason: EndReason
  /** What goes over its connection before it is closed. */
  readonly effects: ReadonlyArray<Effect<A>>
}

export type Outcome<A> = GoesOn<A> | Over<A>

const nothing: ReadonlyArray<never> = []

export const goesOn = <A>(session: Session<A>, effects: ReadonlyArray<Effect<A>> = nothing): Outcome<A> => ({
  _tag: 'GoesOn',
  session,
  effects,
})

export const over = <A>(
  session: Session<A>,
  reason: EndReason,
  effects: ReadonlyArray<Effect<A>> = nothing,
): Over<A> => ({ _tag: 'Over', session, reason, effects })
