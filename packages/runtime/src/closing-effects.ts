/** What is sent to a session's connection when we give the session up. */
import { closeStream, dropConnection, type Effect, type Session, type StreamError } from '@smacks/core'

/**
 * The session's account cannot be read any more, and what of it is in the journal waits until somebody mends that; or it
 * cannot be written, and the session is over. A client that can resume comes again, and learns it then.
 */
export const closingEffects = <A>(session: Session<A>, error: StreamError): ReadonlyArray<Effect<A>> =>
  session._tag === 'Resuming' || (session._tag === 'Active' && session.resumption._tag === 'Some')
    ? dropConnection(session)
    : closeStream(session, error)

/** Sent to the clients of an account of which something cannot be stored. */
export const unstorable: StreamError = {
  condition: 'internal-server-error',
  text: 'Something of your session cannot be stored. What waited for you is in your offline messages, or was returned.',
}

/** Sent to the clients of an account that cannot be read. */
export const setAside: StreamError = {
  condition: 'internal-server-error',
  text: 'Your stored sessions cannot be read; an administrator must mend them.',
}
