/** Effects as JSON. */
import type { DiscardReason, Effect, EndReason, Notice } from '@smacks/core'
import { endReason, endReasons } from './end-reason.js'
import { timerName } from './event.js'
import { factsCodec } from './facts.js'
import { optional } from './field.js'
import { list } from './list.js'
import { nonzaCodec, streamErrorCodec, unreachableCondition } from './nonza.js'
import type { PayloadCodec } from './payload.js'
import { payloadField } from './payload-field.js'
import { count, counter, instant, type JsonCodec, text, word } from './plain.js'
import { tagged } from './tagged.js'
import { unackedCodec } from './unacked.js'

/** An effect as JSON: an object with the effect's own fields, `_tag` first, and its payload as `payload` writes it. */
export const effectCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Effect<A>> => {
  const stanza = payloadField(payload)
  return tagged<Effect<A>>('an effect', {
    AdoptConnection: { connection: text, resource: text },
    ArmTimer: { resource: text, timer: timerName, due: instant },
    AwaitDrain: { connection: text },
    CloseConnection: { connection: text, error: optional(streamErrorCodec) },
    Deliver: { resource: text, stanza },
    DisarmTimer: { resource: text, timer: timerName },
    DropConnection: { connection: text },
    Discard: { resource: text, stanza, facts: factsCodec, reason: word<DiscardReason>(discardReasons) },
    EndSession: { resource: text, reason: endReason },
    ForgetKept: { resource: text, from: counter, count },
    ForgetOldSession: { smId: text },
    KeepUnacked: { resource: text, from: counter, unacked: list(unackedCodec(payload)) },
    Notify: { resource: text, notice: noticeCodec(payload) },
    Redeliver: { resource: text, stanza, facts: factsCodec, submittedAt: instant },
    RememberOldSession: { smId: text, h: counter, at: instant },
    ReturnToSender: {
      resource: text,
      stanza,
      facts: factsCodec,
      submittedAt: instant,
      condition: optional(unreachableCondition),
    },
    SendNonza: { connection: text, nonza: nonzaCodec },
    SendStanza: { connection: text, stanza, facts: factsCodec, delayedSince: optional(instant) },
    StoreOffline: { resource: text, stanza, facts: factsCodec, submittedAt: instant },
  })
}

const noticeCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Notice<A>> => {
  const unacked = list(unackedCodec(payload))
  return tagged<Notice<A>>('a notice', {
    AckDelayed: { unacked, inStorage: optional(count) },
    HibernationStarted: { unacked, inStorage: optional(count), deadline: instant },
    HibernationStanzaQueued: { stanza: payloadField(payload), facts: factsCodec, queueLength: count },
    HibernationEnded: {
      outcome: word<'resumed' | EndReason>({ resumed: true, ...endReasons }),
      hibernatedSince: instant,
    },
  })
}

const discardReasons: Readonly<Record<DiscardReason, true>> = {
  answer: true,
  answered: true,
  archived: true,
  copy: true,
  delivered: true,
  error: true,
  held: true,
  presence: true,
  transient: true,
}
