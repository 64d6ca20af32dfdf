/** Events as JSON. */
import type { Event, Recipient, SettledQueue, TimerName } from '@smacks/core'
import { configCodec } from './config.js'
import { factsCodec } from './facts.js'
import { optional } from './field.js'
import { list } from './list.js'
import { failedCondition, streamErrorCodec, unreachableCondition } from './nonza.js'
import type { PayloadCodec } from './payload.js'
import { payloadField } from './payload-field.js'
import { count, counter, flag, instant, type JsonCodec, onlyTrue, seconds, smVersion, text, word } from './plain.js'
import { record } from './record.js'
import { tagged } from './tagged.js'

export const timerName: JsonCodec<TimerName> = word<TimerName>({
  ackDelay: true,
  ackHold: true,
  hibernation: true,
  readProbe: true,
})

/** An event as JSON: an object with the event's own fields, `_tag` first, and its payload as `payload` writes it. */
export const eventCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Event<A>> => {
  const stanza = payloadField(payload)
  return tagged<Event<A>>('an event', {
    AckReceived: { ...ofConnection, version: smVersion, h: counter },
    ArchiveQueried: ofConnection,
    ClientActive: ofConnection,
    ClientInactive: ofConnection,
    ClockStepped: { at: instant, by: instant },
    CloseRequested: ofSession,
    ConfigChanged: { at: instant, config: configCodec },
    ConnectionDrained: { ...ofConnection, room: optional(count) },
    ConnectionFailed: { ...ofSession, condition: unreachableCondition },
    ConnectionLost: ofConnection,
    ConnectionSilent: ofConnection,
    ConnectionWanted: ofSession,
    EnableReceived: { ...ofConnection, version: smVersion, resume: flag, max: optional(seconds), freshId: text },
    EnableRequested: {
      ...ofConnection,
      version: smVersion,
      resume: flag,
      max: optional(seconds),
      hold: optional(onlyTrue),
    },
    EnabledReceived: { ...ofConnection, resume: flag, id: optional(text), max: optional(seconds) },
    FailedReceived: { ...ofConnection, condition: failedCondition, h: optional(counter) },
    IqAnswered: { ...ofSession, id: text, to: text, from: optional(text) },
    MalformedAckReceived: { ...ofConnection, version: smVersion, reason: text },
    MessageSubmitted: { at: instant, recipients: list(recipientCodec(payload)) },
    QueueSettled: { at: instant, queues: list(settledQueueCodec) },
    RequestReceived: { ...ofConnection, version: smVersion },
    ResumeReceived: {
      at: instant,
      connection: text,
      version: smVersion,
      previd: text,
      h: counter,
      room: optional(count),
    },
    ResumeRequested: ofConnection,
    ResumedReceived: { ...ofConnection, previd: text, h: counter, room: optional(count) },
    ServerRestarted: { at: instant, lastAlive: optional(instant) },
    ServerStopping: { at: instant, journalled: optional(onlyTrue) },
    SessionBound: ofConnection,
    StanzaReceived: { ...ofConnection, stanza, facts: optional(factsCodec) },
    StanzaSubmitted: { ...ofSession, stanza, facts: factsCodec, size: optional(count) },
    StreamClosed: ofConnection,
    StreamRefused: { ...ofConnection, error: streamErrorCodec },
    TimerFired: { ...ofSession, timer: timerName, due: instant },
  })
}

const ofSession = { at: instant, resource: text }
const ofConnection = { ...ofSession, connection: text }

const settledQueueCodec: JsonCodec<SettledQueue> = record<SettledQueue>('a queue of an ended session', {
  resource: text,
  count,
})

const recipientCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Recipient<A>> =>
  record<Recipient<A>>('what one session gets', {
    resource: text,
    stanza: payloadField(payload),
    facts: factsCodec,
    size: optional(count),
  })
