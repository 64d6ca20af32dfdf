/**
 * The phase `Connecting` (initiating role): nobody is connected yet. What is submitted waits, in its order; nothing of it
 * was sent, so nothing of it can be doubled.
 */

import type { Config } from '../config.js'
import type { Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type { ConnectionFailed, EnableRequested, StanzaSubmitted } from '../event.js'
import type { ConnectionId, Instant, Resource } from '../ids.js'
import { type Queue, toArray } from '../queue.js'
import { type Connecting, freshOutbound, type Negotiating, type Unacked, type Unmanaged } from '../state.js'
import { isAboveCeiling } from './ceiling.js'
import { enableEffect, negotiate } from './enable-request.js'
import { submit } from './outbound.js'
import { continues, ends, type Outcome } from './outcome.js'

/** Nothing waits yet. What lies in storage at the first `skipped` positions is of an earlier session. */
export const begin = (resource: Resource, since: Instant, skipped: Counter): Connecting<never> => ({
  _tag: 'Connecting',
  resource,
  outbound: { ...freshOutbound, layout: { ...freshOutbound.layout, skipped } },
  since,
})

/** A stanza waits for the first connection. */
export const queue = <A>(config: Config, session: Connecting<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const queued = { ...session, outbound: submit(session.outbound, event) }
  return isAboveCeiling(config, queued.outbound) ? ends(queued, 'evicted') : continues(queued)
}

/**
 * Connected, and the peer knows stream management: `<enable/>` (XEP-0198 §3). What waited counts from its start and is sent
 * behind it, or is held until the answer came.
 */
export const requestEnable = <A>(
  _: Config,
  { resource, outbound, since }: Connecting<A>,
  event: EnableRequested,
): Outcome<A> => {
  if (event.hold) return negotiate(event, outbound, since)
  const { connection, version } = event
  return continues<A>({ _tag: 'Enabling', resource, connection, version, outbound }, [
    enableEffect(event),
    ...firstTime(connection, outbound.unacked),
  ])
}

/** Connected, without stream management: what waited is sent, and nobody will ack it. */
export const bound = <A>(
  session: Connecting<A> | Negotiating<A>,
  connection: ConnectionId,
): readonly [Unmanaged, ReadonlyArray<Effect<A>>] => [
  { _tag: 'Unmanaged', resource: session.resource, connection },
  firstTime(connection, session.outbound.unacked),
]

/** What waited, as it would have been sent at once. */
export const firstTime = <A>(connection: ConnectionId, waiting: Queue<Unacked<A>>): ReadonlyArray<Effect<A>> =>
  toArray(waiting).map(({ stanza, facts }) => ({ _tag: 'SendStanza', connection, stanza, facts }))

/** There will be no connection: what waited goes back to its senders, and they are told why. */
export const fail = <A>(_: Config, session: Connecting<A>, event: ConnectionFailed): Outcome<A> =>
  ends(session, event.condition)

/** The connection is not wanted any more, and what waited for it goes back. */
export const close = <A>(_: Config, session: Connecting<A>): Outcome<A> => ends(session, 'closed')
