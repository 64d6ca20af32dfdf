/**
 * The phase `Negotiating` (initiating role): `<enable/>` is sent, and what is submitted is held until the answer is there. So
 * nothing is on the line yet: if it breaks, all waits for the next connection, and nothing of it can be doubled or lost.
 */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type {
  ConnectionFailed,
  EnabledReceived,
  FailedReceived,
  StanzaReceived,
  StanzaSubmitted,
  StreamRefused,
} from '../event.js'
import type { StreamError } from '../nonza.js'
import type { Connecting, Negotiating } from '../state.js'
import { isAboveCeiling, tooMuchUnacked } from './ceiling.js'
import { closeStream } from './closing.js'
import { bound, firstTime } from './connecting.js'
import { activeFrom } from './enabling.js'
import { submit } from './outbound.js'
import { type Continues, continues, ends, type Outcome } from './outcome.js'

/** `<enabled/>`: both count from here on, and what was held goes first, in its order. */
export const begin = <A>(config: Config, session: Negotiating<A>, event: EnabledReceived): Outcome<A> => {
  const { session: active, effects } = activeFrom(config, session, { ...event, resume: session.resume && event.resume })
  return continues(active, [...firstTime(session.connection, session.outbound.unacked), ...effects])
}

/** `<failed/>`: the stream goes on without stream management, and takes what was held. */
export const goWithout = <A>(_: Config, session: Negotiating<A>, __: FailedReceived): Outcome<A> =>
  continues<A>(...bound(session, session.connection))

export const receive = <A>(_: Config, session: Negotiating<A>, event: StanzaReceived<A>): Outcome<A> =>
  continues(session, [{ _tag: 'Deliver', resource: session.resource, stanza: event.stanza }])

export const queue = <A>(config: Config, session: Negotiating<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const queued = { ...session, outbound: submit(session.outbound, event) }
  return isAboveCeiling(config, queued.outbound)
    ? ends(queued, 'evicted', closeStream(session, tooMuchUnacked(config, queued.outbound)))
    : continues(queued)
}

/** The line dropped without an answer: nothing of the queue was on it. */
export const lose = <A>(_: Config, session: Negotiating<A>): Outcome<A> => fallBack(session, [])

/** The stream is of no use. Whatever the peer may have begun on it ends with it, since nobody could resume that. */
export const leave = <A>(_: Config, session: Negotiating<A>): Outcome<A> => fallBack(session, closeStream(session))

/** The same, and the peer is told why. */
export const refuse = <A>(_: Config, session: Negotiating<A>, event: StreamRefused): Outcome<A> =>
  fallBack(session, closeStream(session, event.error))

/** No answer came. */
export const giveUp = <A>(_: Config, session: Negotiating<A>): Outcome<A> =>
  fallBack(session, closeStream(session, unanswered))

const unanswered: StreamError = { condition: 'connection-timeout', text: '<enable/> was not answered.' }

/** Nobody tries any longer: what was held goes back to its senders, and they are told why. */
export const fail = <A>(_: Config, session: Negotiating<A>, event: ConnectionFailed): Outcome<A> =>
  ends(session, event.condition, closeStream(session))

/** The connection is not wanted any more, and what was held goes back. */
export const close = <A>(_: Config, session: Negotiating<A>): Outcome<A> =>
  ends(session, 'closed', closeStream(session))

/** All that was held waits for another connection. */
export const fallBack = <A>(session: Negotiating<A>, closing: ReadonlyArray<Effect<A>>): Continues<A> =>
  continues(asBefore(session), closing)

/** The session as it was before `<enable/>`, or as if it had waited for the connection. */
export const asBefore = <A>({ resource, outbound, since }: Negotiating<A>): Connecting<A> => ({
  _tag: 'Connecting',
  resource,
  outbound,
  since,
})
