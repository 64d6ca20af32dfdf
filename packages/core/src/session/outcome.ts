/** What the step of one session comes to: a session that goes on, or one that is over. */
import type { Effect } from '../effect.js'
import type { EndReason } from '../end-reason.js'
import type { IgnoredReason } from '../ignored.js'
import type { Session } from '../state.js'

/** The session goes on as `session`. */
export interface Continues<A> {
  readonly _tag: 'Continues'
  readonly session: Session<A>
  readonly effects: ReadonlyArray<Effect<A>>
}

/** The session is over. What becomes of its unacked stanzas is the account's decision. */
export interface Ended<A> {
  readonly _tag: 'Ended'
  /** As it was last. */
  readonly session: Session<A>
  readonly reason: EndReason
  /** What goes over its connection before it is closed. */
  readonly effects: ReadonlyArray<Effect<A>>
}

export type Outcome<A> = Continues<A> | Ended<A>

/** The event means nothing to the session, which stays what it is. */
export interface Ignoring {
  readonly _tag: 'Ignoring'
  readonly reason: IgnoredReason
}

const nothing: ReadonlyArray<never> = []

export const continues = <A>(session: Session<A>, effects: ReadonlyArray<Effect<A>> = nothing): Continues<A> => ({
  _tag: 'Continues',
  session,
  effects,
})

export const ends = <A>(
  session: Session<A>,
  reason: EndReason,
  effects: ReadonlyArray<Effect<A>> = nothing,
): Ended<A> => ({ _tag: 'Ended', session, reason, effects })

export const ignores = (reason: IgnoredReason): Ignoring => ({ _tag: 'Ignoring', reason })
