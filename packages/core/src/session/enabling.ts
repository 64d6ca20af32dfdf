/**
 * The phase `Enabling` (initiating role): `<enable/>` is sent, the answer is not there. Our stanzas count
 * already; the peer's do not (XEP-0198 §4, note).
 */
import type { Config } from '../config.js'
import type { EnabledReceived, FailedReceived, StanzaReceived, StanzaSubmitted, StreamRefused } from '../event.js'
import type { StreamError } from '../nonza.js'
import { none, some } from '../option.js'
import { type Active, type Enabling, noRequest } from '../state.js'
import { askForAck } from './ack-policy.js'
import { isAboveCeiling, tooMuchUnacked } from './ceiling.js'
import { noDeadlines } from './deadlines.js'
import { freshInbound } from './inbound.js'
import { submit } from './outbound.js'
import { type Continues, continues, ends, type Outcome } from './outcome.js'

/** `<enabled/>`: the peer's count starts now. Without an `id` there is nothing to resume by (§5). */
export const begin = <A>(config: Config, session: Enabling<A>, event: EnabledReceived): Outcome<A> =>
  activeFrom(config, session, event)

/** The session that begins; an `<r/>` leaves if it is due. */
export const activeFrom = <A>(
  config: Config,
  { resource, connection, version, outbound }: Pick<Enabling<A>, 'connection' | 'outbound' | 'resource' | 'version'>,
  event: Pick<EnabledReceived, 'at' | 'id' | 'max' | 'resume'>,
): Continues<A> => {
  const resumable = event.resume && event.id !== undefined
  const active: Active<A> = {
    _tag: 'Active',
    resource,
    role: 'initiating',
    connection,
    version,
    resumption: resumable ? some({ smId: event.id, seconds: event.max ?? config.hibernationTime }) : none,
    inbound: freshInbound,
    outbound,
    unwritten: 0,
    request: noRequest,
    deadlines: noDeadlines,
    client: 'active',
    usesArchive: false,
  }
  return continues(...askForAck(config, active, event.at, 'due'))
}

/** `<failed/>`: the stream goes on without stream management. */
export const goWithout = <A>(_: Config, session: Enabling<A>, __: FailedReceived): Outcome<A> =>
  continues<A>({ _tag: 'Unmanaged', resource: session.resource, connection: session.connection })

export const receive = <A>(_: Config, session: Enabling<A>, event: StanzaReceived<A>): Outcome<A> =>
  continues(session, [{ _tag: 'Deliver', resource: session.resource, stanza: event.stanza }])

export const send = <A>(config: Config, session: Enabling<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const { stanza, facts } = event
  const queued = { ...session, outbound: submit(session.outbound, event) }
  if (isAboveCeiling(config, queued.outbound)) return endWith(queued, tooMuchUnacked(config, queued.outbound))
  return continues(queued, [{ _tag: 'SendStanza', connection: session.connection, stanza, facts }])
}

export const lose = <A>(_: Config, session: Enabling<A>): Outcome<A> => ends(session, 'lost')

export const close = <A>(_: Config, session: Enabling<A>): Outcome<A> =>
  ends(session, 'closed', [{ _tag: 'CloseConnection', connection: session.connection }])

export const refuse = <A>(_: Config, session: Enabling<A>, event: StreamRefused): Outcome<A> =>
  endWith(session, event.error)

const endWith = <A>(session: Enabling<A>, error: StreamError): Outcome<A> =>
  ends(session, 'refused', [{ _tag: 'CloseConnection', connection: session.connection, error }])
