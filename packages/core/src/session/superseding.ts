/**
 * Presence is state, not mail: of two presences of one sender for one recipient only the later says anything (RFC 6121 §4). So
 * one that no connection carried yet leaves the queue when the next one comes; it was never counted by the client, and
 * will not be. What was sent once stays, since the client may have counted it (XEP-0198 §4).
 */

import { distance } from '../counter.js'
import { remove } from '../queue.js'
import type { StanzaFacts } from '../stanza.js'
import type { Outbound, Unsent, UnsentPresence } from '../state.js'
import { firstPosition, indexOf, positionAt, withGap } from './layout.js'
import { withoutOne } from './sizes.js'

/** Presences that are remembered, and gaps that may be in the queue of one session: beyond that nothing is superseded. */
const limit = 1_000

/** The queue without the presence that this stanza supersedes, if there is one. */
export const supersede = <A>(outbound: Outbound<A>, facts: StanzaFacts): Outbound<A> => {
  const key = keyOf(facts)
  if (key === undefined || outbound.layout.gaps.length >= limit) return outbound
  const { presences, count } = outbound.unsent
  const older = presences.find(presence => presence.key === key)
  if (older === undefined) return outbound
  const { sizes: before, ...others } = outbound
  const { spilled, unacked } = outbound
  const index = indexOf(outbound, older.position)
  const sizes = withoutOne(before, index, older.size)
  return {
    ...others,
    ...(sizes === undefined ? {} : { sizes }),
    spilled: index < spilled ? spilled - 1 : spilled,
    unacked: remove(unacked, index),
    unsent: { count: count - 1, presences: presences.filter(presence => presence !== older) },
    layout: withGap(outbound, older.position),
  }
}

/** What is unsent with a stanza more, which is about to be the last of the queue. */
export const withUnsent = <A>(
  outbound: Outbound<A>,
  { facts, size }: { readonly facts: StanzaFacts; readonly size?: number },
): Unsent => {
  const { presences, count } = outbound.unsent
  const key = keyOf(facts)
  if (key === undefined || presences.length >= limit) return { count: count + 1, presences }
  const position = positionAt(outbound, outbound.unacked.length)
  const presence: UnsentPresence = size === undefined ? { key, position } : { key, position, size }
  return { count: count + 1, presences: [...presences, presence] }
}

/** What is still unsent when a connection carries all but the newest `unwritten` stanzas. */
export const unsentAmong = <A>(outbound: Outbound<A>, unwritten: number): Unsent => {
  const { presences, count } = outbound.unsent
  if (count <= unwritten) return outbound.unsent
  const first = firstPosition(outbound)
  const sent = distance(first, positionAt(outbound, outbound.unacked.length - unwritten))
  return { count: unwritten, presences: presences.filter(({ position }) => distance(first, position) >= sent) }
}

/** Joined rather than added, so that it does not hold on to the text that the addresses were cut out of. */
const keyOf = ({ from, state, to }: StanzaFacts): string | undefined =>
  state === true && from !== undefined && to !== undefined ? [from, to].join('\n') : undefined
