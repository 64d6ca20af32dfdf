/** The phase `Unmanaged`: bound, without stream management. Negotiation starts here (XEP-0198 §3). */

import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type {
  AckReceived,
  CloseRequested,
  EnableReceived,
  EnableRequested,
  MalformedAckReceived,
  RequestReceived,
  StanzaReceived,
  StanzaSubmitted,
  StreamClosed,
  StreamRefused,
} from '../event.js'
import type { ConnectionId } from '../ids.js'
import type { FailedCondition, SmVersion } from '../nonza.js'
import { none, some } from '../option.js'
import { type Active, freshOutbound, noRequest, type Outbound, type Resumption, type Unmanaged } from '../state.js'
import { milliseconds, noDeadlines } from './deadlines.js'
import { enableEffect, negotiate } from './enable-request.js'
import { freshInbound } from './inbound.js'
import { continues, ends, type Outcome } from './outcome.js'

/** `<enable/>`: both counters start at zero, now (§4, note). */
export const enable = <A>(config: Config, session: Unmanaged, event: EnableReceived): Outcome<A> => {
  const resumption = grantResumption(config, event)
  const active: Active<A> = {
    _tag: 'Active',
    resource: session.resource,
    role: 'receiving',
    connection: session.connection,
    version: event.version,
    resumption: resumption === undefined ? none : some(resumption),
    inbound: freshInbound,
    outbound: beginning(session),
    unwritten: 0,
    request: { ...noRequest, heldUntil: event.at + milliseconds(config.requestHold) },
    deadlines: noDeadlines,
    client: 'active',
    usesArchive: false,
  }
  const { version } = event
  return continues(active, [
    {
      _tag: 'SendNonza',
      connection: session.connection,
      nonza:
        resumption === undefined
          ? { _tag: 'Enabled', version, resume: false }
          : { _tag: 'Enabled', version, resume: true, id: resumption.smId, max: resumption.seconds },
    },
  ])
}

/** Resumption for as long as asked, but no longer than configured. */
const grantResumption = (config: Config, event: EnableReceived): Resumption | undefined => {
  const seconds = Math.min(config.hibernationTime, event.max ?? config.hibernationTime)
  return event.resume && seconds > 0 ? { smId: event.freshId, seconds } : undefined
}

/** We are the client and ask for stream management: our own count starts now (§4, note), or what we send is held until the answer. */
export const requestEnable = <A>(_: Config, session: Unmanaged, event: EnableRequested): Outcome<A> => {
  if (event.hold) return negotiate(event, beginning(session), event.at)
  const { resource, connection } = session
  return continues<A>(
    { _tag: 'Enabling', resource, connection, version: event.version, outbound: beginning(session) },
    [enableEffect(event)],
  )
}

/** The first stanza to count is the next one. */
const beginning = ({ serial }: Unmanaged): Outbound<never> =>
  serial === undefined ? freshOutbound : { ...freshOutbound, serial }

/** A stanza that nobody counts. */
export const receive = <A>(_: Config, session: Unmanaged, event: StanzaReceived<A>): Outcome<A> =>
  continues(session, [{ _tag: 'Deliver', resource: session.resource, stanza: event.stanza }])

/** A stanza that nobody will ack. */
export const send = <A>(_: Config, session: Unmanaged, event: StanzaSubmitted<A>): Outcome<A> =>
  continues(session, [{ _tag: 'SendStanza', connection: session.connection, stanza: event.stanza, facts: event.facts }])

/** `<a/>` or `<r/>` where nothing is counted. */
export const refuseAcks = <A>(
  _: Config,
  session: Unmanaged,
  event: AckReceived | MalformedAckReceived | RequestReceived,
): Outcome<A> => continues(session, [failed(session.connection, event.version, 'unexpected-request')])

export const lose = <A>(_: Config, session: Unmanaged): Outcome<A> => ends(session, 'lost')

export const close = <A>(_: Config, session: Unmanaged, __: CloseRequested | StreamClosed): Outcome<A> =>
  ends(session, 'closed', [{ _tag: 'CloseConnection', connection: session.connection }])

export const refuse = <A>(_: Config, session: Unmanaged, event: StreamRefused): Outcome<A> =>
  ends(session, 'refused', [{ _tag: 'CloseConnection', connection: session.connection, error: event.error }])

/** `<failed/>` on a connection (§6). */
export const failed = (connection: ConnectionId, version: SmVersion, condition: FailedCondition): Effect<never> => ({
  _tag: 'SendNonza',
  connection,
  nonza: { _tag: 'Failed', version, condition },
})
