/**
 * What is sent again after a resumption: all that is unacked, in its first order (XEP-0198 §5). It may be more than a
 * connection had better take at once: then it takes one page, and the next one when it is drained.
 */
import type { AwaitDrain, SendStanza } from '../effect.js'
import { compact, slice } from '../queue.js'
import type { Active } from '../state.js'
import { carried } from './outbound.js'

type Page<A> = readonly [Active<A>, ReadonlyArray<AwaitDrain | SendStanza<A>>]

/** How many stanzas the next page has: as many as there is room for, at least one of those that wait. */
export const pageLength = (unwritten: number, room: number | undefined): number =>
  Math.min(unwritten, Math.max(1, room ?? unwritten))

/** Writes the next page of what the connection does not carry yet. */
export const resend = <A>(session: Active<A>, room: number | undefined): Page<A> => {
  const { connection } = session
  const { length } = session.outbound.unacked
  const from = length - session.unwritten
  const outbound = from === 0 ? { ...session.outbound, unacked: compact(session.outbound.unacked) } : session.outbound
  const to = from + pageLength(session.unwritten, room)
  const unwritten = length - to
  const page = slice(outbound.unacked, from, to).map(
    ({ stanza, facts, at }): SendStanza<A> => ({ _tag: 'SendStanza', connection, stanza, facts, delayedSince: at }),
  )
  return [
    { ...session, outbound: carried(outbound, unwritten), unwritten },
    unwritten === 0 ? page : [...page, { _tag: 'AwaitDrain', connection }],
  ]
}
