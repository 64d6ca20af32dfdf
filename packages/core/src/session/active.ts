/** The phase `Active`: connected, both sides count (XEP-0198 §4). */

import type { Config } from '../config.js'
import type { Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type {
  AckReceived,
  ArchiveQueried,
  ClientActive,
  ClientInactive,
  CloseRequested,
  ConnectionDrained,
  ConnectionLost,
  ConnectionSilent,
  EnableReceived,
  MalformedAckReceived,
  RequestReceived,
  StanzaReceived,
  StanzaSubmitted,
  StreamClosed,
  StreamRefused,
  TimerFired,
} from '../event.js'
import type { Instant } from '../ids.js'
import type { StreamError } from '../nonza.js'
import { isSome } from '../option.js'
import type { Active, Outbound, TimerName } from '../state.js'
import { askForAck } from './ack-policy.js'
import { isAboveCeiling, tooMuchUnacked } from './ceiling.js'
import { ackEffect, closeStream, dropConnection } from './closing.js'
import { arm, disarm, milliseconds, withDeadline } from './deadlines.js'
import { hibernate } from './hibernating.js'
import { handle } from './inbound.js'
import { acknowledge, enqueue, enqueueLatest, noticed, submit } from './outbound.js'
import { continues, ends, type Ignoring, ignores, type Outcome } from './outcome.js'
import { resend } from './resend.js'
import { failed } from './unmanaged.js'

// Stanzas

/** A stanza counts when we take responsibility for it, whatever the answer to it will be (§4). */
export const receive = <A>(_: Config, session: Active<A>, event: StanzaReceived<A>): Outcome<A> =>
  continues({ ...session, inbound: handle(session.inbound) }, [
    { _tag: 'Deliver', resource: session.resource, stanza: event.stanza },
  ])

/** A stanza stays in the queue until it is acked. */
export const send = <A>(config: Config, session: Active<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const { stanza, facts } = event
  if (session.unwritten > 0) return sendLater(config, session, event)
  const queued = { ...session, outbound: submit(session.outbound, event) }
  const sent: Effect<A> = { _tag: 'SendStanza', connection: session.connection, stanza, facts }
  if (isAboveCeiling(config, queued.outbound)) return endWith(queued, tooMuchUnacked(config, queued.outbound))
  const [asked, effects] = askForAck(config, queued, event.at, 'due')
  return continues(asked, [sent, ...effects])
}

/** Behind what is still to be sent again. */
const sendLater = <A>(config: Config, session: Active<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const before = session.outbound.unacked.length
  const wait = session.role === 'receiving' ? enqueueLatest : enqueue
  const outbound = wait(session.outbound, event)
  const queued = { ...session, outbound, unwritten: session.unwritten + outbound.unacked.length - before }
  return isAboveCeiling(config, outbound) ? endWith(queued, tooMuchUnacked(config, outbound)) : continues(queued)
}

// Acks

/** What waits for an `<a/>`. */
const answeredTimers: ReadonlyArray<TimerName> = ['ackDelay', 'readProbe']

/** `<a/>`: what it covers leaves the queue. */
export const takeAck = <A>(config: Config, session: Active<A>, event: AckReceived): Outcome<A> => {
  if (event.version !== session.version) return refuseVersion(session, event)
  const judgement = acknowledge(session.outbound, event.h, session.unwritten)
  switch (judgement._tag) {
    case 'Accepted': {
      const answered = changesState(session, event.h) ? answeredBy(session, judgement.outbound) : session
      const disarmed = disarm(session.resource, session.deadlines, answeredTimers)
      const [asked, effects] = askForAck(config, answered, event.at, 'due')
      return continues(asked, [...disarmed, ...effects])
    }
    case 'TooHigh':
      return endWith(session, {
        condition: 'undefined-condition',
        text: `You acknowledged ${event.h} stanzas, but only ${judgement.sendCount} were sent to you.`,
        tooHigh: { h: event.h, sendCount: judgement.sendCount, version: session.version },
      })
    case 'Backwards':
      return endWith(session, {
        condition: 'undefined-condition',
        text: `You acknowledged ${event.h} stanzas, but you acknowledged ${session.outbound.acked} before; h never decreases.`,
      })
  }
}

/** False if the `<a/>` covers nothing and answers nothing: then the session stays what it is, and nobody has to store it. */
const changesState = <A>({ outbound, request, deadlines }: Active<A>, h: Counter): boolean =>
  h !== outbound.acked || request.awaiting || deadlines.ackDelay !== undefined || deadlines.readProbe !== undefined

const answeredBy = <A>(session: Active<A>, outbound: Outbound<A>): Active<A> => {
  const { requestedFor, heldUntil } = session.request
  const { ackHold } = session.deadlines
  return {
    ...session,
    outbound,
    request: { awaiting: false, requestedFor, heldUntil },
    deadlines: { ackDelay: undefined, ackHold, readProbe: undefined },
  }
}

/** An `<a/>` that says nothing. */
export const refuseMalformedAck = <A>(_: Config, session: Active<A>, event: MalformedAckReceived): Outcome<A> =>
  endWith(session, { condition: 'invalid-xml', text: event.reason })

/** `<r/>` is answered at once (§4); where an answer leaves anyway, ours may ask as well. */
export const answerRequest = <A>(config: Config, session: Active<A>, event: RequestReceived): Outcome<A> => {
  if (event.version !== session.version) return refuseVersion(session, event)
  const [asked, effects] = askForAck(config, session, event.at, 'due')
  return continues(asked, [ackEffect(session), ...effects])
}

/** The namespace was agreed with `<enable/>`. */
const refuseVersion = <A>(session: Active<A>, event: AckReceived | RequestReceived): Outcome<A> =>
  continues(session, [failed(session.connection, event.version, 'unexpected-request')])

/** A second `<enable/>` (§3): counters stay, and the stream goes on. */
export const refuseEnable = <A>(_: Config, session: Active<A>, event: EnableReceived): Outcome<A> =>
  continues(session, [failed(session.connection, event.version, 'unexpected-request')])

// What the client does

export const becomeInactive = <A>(_: Config, session: Active<A>, __: ClientInactive): Outcome<A> =>
  continues({ ...session, client: 'inactive' })

/** The device is awake: a good moment to learn what it has. */
export const becomeActive = <A>(config: Config, session: Active<A>, event: ClientActive): Outcome<A> =>
  continues(...askForAck(config, { ...session, client: 'active' }, event.at, 'opportune'))

export const useArchive = <A>(_: Config, session: Active<A>, __: ArchiveQueried): Outcome<A> =>
  continues({ ...session, usesArchive: true })

// The connection

/** What is still to be sent again follows, a page at a time. */
export const continueOnDrain = <A>(config: Config, session: Active<A>, event: ConnectionDrained): Outcome<A> => {
  if (session.unwritten === 0) return continues(...askForAck(config, session, event.at, 'due'))
  const [resent, page] = resend(session, event.room)
  const [asked, effects] = askForAck(config, resent, event.at, 'due')
  return continues(asked, [...page, ...effects])
}

/**
 * A silent connection is asked once; if that is not answered in time, it is given up. An `<r/>` that is
 * unanswered already asks the same, but it may be a moment old: the peer gets its time all the same.
 */
export const probe = <A>(config: Config, session: Active<A>, event: ConnectionSilent): Outcome<A> => {
  if (session.deadlines.readProbe !== undefined) return giveUp(session, event.at)
  const [asked, effects] = askForAck(config, session, event.at, 'probe')
  if (!asked.request.awaiting) return continues(asked, effects)
  const readProbe = event.at + milliseconds(config.probeTimeout)
  return continues({ ...asked, deadlines: withDeadline(asked.deadlines, 'readProbe', readProbe) }, [
    ...effects,
    arm(session.resource, 'readProbe', readProbe),
  ])
}

/** The line dropped (§7): the session waits for its client, if that was agreed. */
export const lose = <A>(_: Config, session: Active<A>, event: ConnectionLost): Outcome<A> =>
  isSome(session.resumption) ? hibernate(session, session.resumption.value, event.at, []) : ends(session, 'lost')

/** We believe the line dropped. If it did not, the peer sees that it does now, and comes back. */
const giveUp = <A>(session: Active<A>, at: Instant): Outcome<A> =>
  isSome(session.resumption)
    ? hibernate(session, session.resumption.value, at, dropConnection(session))
    : ends(session, 'lost', closeStream(session, unanswered))

const unanswered: StreamError = { condition: 'connection-timeout', text: 'The ack request was not answered.' }

/** `</stream:stream>`, theirs or ours: a last ack, and the session is over (§§4, 7). */
export const close = <A>(_: Config, session: Active<A>, __: CloseRequested | StreamClosed): Outcome<A> =>
  ends(session, 'closed', closeStream(session))

export const refuse = <A>(_: Config, session: Active<A>, event: StreamRefused): Outcome<A> =>
  endWith(session, event.error)

/** A stream error of ours ends the session for good (§6). */
const endWith = <A>(session: Active<A>, error: StreamError): Outcome<A> =>
  ends(session, 'refused', closeStream(session, error))

// Time

export const onTimer = <A>(config: Config, session: Active<A>, event: TimerFired): Ignoring | Outcome<A> => {
  if (event.timer === 'hibernation' || session.deadlines[event.timer] !== event.due) return ignores('late-timer')
  const rest: Active<A> = { ...session, deadlines: withDeadline(session.deadlines, event.timer, undefined) }
  switch (event.timer) {
    case 'ackDelay':
      return continues(rest, [
        {
          _tag: 'Notify',
          resource: session.resource,
          notice: { _tag: 'AckDelayed', ...noticed(session.outbound) },
        },
      ])
    case 'ackHold':
      return continues(...askForAck(config, rest, event.at, 'due'))
    case 'readProbe':
      return giveUp(rest, event.at)
  }
}
