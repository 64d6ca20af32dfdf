/**
 * The last things that go over a session's connection. Whatever the end, the peer learns first what was handled, so that
 * it sends again just what was not (XEP-0198 §4).
 *
 * A session that can be resumed is left without `</stream:stream>` and without a stream error (§7): to a client both say
 * that its session is over, so that it binds anew where it should resume.
 */
import type { Effect } from '../effect.js'
import type { StreamError } from '../nonza.js'
import { type Active, connectionOf, type Resuming, type Session } from '../state.js'

/** Our `<a/>`, as of now. */
export const ackEffect = <A>({ connection, version, inbound }: Active<A>): Effect<A> => ({
  _tag: 'SendNonza',
  connection,
  nonza: { _tag: 'Ack', version, h: inbound.handled },
})

/** The session ends: a last `<a/>` where stanzas are counted, the error if there is one, `</stream:stream>`. */
export const closeStream = <A>(session: Session<A>, error?: StreamError): ReadonlyArray<Effect<A>> => {
  const connection = connectionOf(session)
  if (connection === undefined) return []
  const close: Effect<A> =
    error === undefined ? { _tag: 'CloseConnection', connection } : { _tag: 'CloseConnection', connection, error }
  return session._tag === 'Active' ? [ackEffect(session), close] : [close]
}

/** The session goes on without this connection: a last `<a/>` where stanzas are counted, and the end of the line. */
export const dropConnection = <A>(session: Active<A> | Resuming<A>): ReadonlyArray<Effect<A>> => {
  const drop: Effect<A> = { _tag: 'DropConnection', connection: session.connection }
  return session._tag === 'Active' ? [ackEffect(session), drop] : [drop]
}
