/** Events of accounts as JSON. */

import type { Stanza } from '@smacks/codec'
import { factsCodec, type Json, jsonCodecs } from '@smacks/codec'
import type { OfflineMessage } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Deliver, DeliverState, SendToRemote } from '../delivery.js'
import type { Asker, ImEvent } from '../event.js'
import type { Refusal } from '../outgoing.js'
import type { Audience, Reached } from '../presence/reach.js'
import type { Announcement } from '../presence/session-presence.js'
import type { Stale, StaleChange } from '../remote/stale-contacts.js'
import type { UnreachableReason } from '../remote/unreachable.js'
import { elementIn, jid, outgoingIn, stanzaIn, type Wording, xmlIn } from './xml-codecs.js'

const { count, flag, instant, list, onlyTrue, optional, record, tagged, text, word } = jsonCodecs

type JsonCodec<A> = jsonCodecs.JsonCodec<A>

const texts = list(text)

const setOfTexts: JsonCodec<ReadonlySet<string>> = new t.Type<ReadonlySet<string>, Json, unknown>(
  texts.name,
  (value): value is ReadonlySet<string> => value instanceof Set,
  (value, context) => Either.map((each: ReadonlyArray<string>) => new Set(each))(texts.validate(value, context)),
  set => [...set],
)

export const refusal = record<Refusal>('a stanza error', {
  type: word({ auth: true, cancel: true, continue: true, modify: true, wait: true }),
  condition: text,
  text: optional(text),
})

const answered = word({ subscribed: true, unsubscribed: true })

export const stale = record<Stale>('what a contact may not know', {
  contact: text,
  resources: texts,
  to: optional(onlyTrue),
  from: optional(answered),
  probe: optional(onlyTrue),
})

const staleChange = record<StaleChange>('what a contact may not know besides', {
  to: optional(onlyTrue),
  from: optional(answered),
  probe: optional(onlyTrue),
  unsent: optional(text),
  lost: optional(text),
})

const asker = record<Asker>('who asks', { account: text, resource: text })

const audience = record<Audience>('who may see it', {
  of: text,
  unless: setOfTexts,
  listed: optional(setOfTexts),
})

const reached = record<Reached>('who has it already', { available: flag, resources: texts })

const unreachable = word<UnreachableReason>({
  'recipient-unavailable': true,
  'remote-server-not-found': true,
  'remote-server-timeout': true,
  'resource-constraint': true,
})

/** The codec; what people wrote gets into the JSON as `wording` says. */
export const imEventCodec = (wording: Wording): JsonCodec<ImEvent> => {
  const element = elementIn(wording)
  const stanza = stanzaIn(wording)
  const outgoing = outgoingIn(wording)
  const sent = {
    Deliver: {
      to: jid,
      stanza: outgoing,
      at: optional(instant),
      reportTo: optional(text),
      ifRefused: word({ answer: true, ignore: true }),
    },
    DeliverState: { stanza: outgoing, original: optional(element) },
    SendToRemote: { stanza: outgoing, at: optional(instant), ifRefused: word({ ignore: true, return: true }) },
  } as const
  const announced = record<Announcement>('a presence for many', { xml: xmlIn(wording), facts: factsCodec })
  const offline = record<OfflineMessage<Stanza>>('a stored message', {
    key: count,
    stanza,
    facts: factsCodec,
    at: instant,
  })
  return tagged<ImEvent>('an event', {
    StanzaSent: { resource: text, stanza },
    MessageArrived: { to: jid, message: outgoing, at: instant },
    PresenceArrived: { from: text, to: text, presence: outgoing, original: optional(element) },
    IqArrived: { from: asker, to: jid, iq: outgoing },
    PresenceShown: { to: text, presence: announced, audience: optional(audience), reached: optional(reached) },
    PresenceAsked: { viewer: text },
    AnswerArrived: { resource: text, reply: element },
    DeliveryTaken: { delivery: tagged<Deliver>('a delivery', { Deliver: sent.Deliver }), resource: text },
    DeliveryRefused: {
      delivery: tagged<Deliver | DeliverState | SendToRemote>('a delivery', sent),
      refusal: optional(refusal),
    },
    SessionEnded: { resource: text, isStopped: flag },
    StanzaReturned: { resource: text, stanza, facts: factsCodec },
    StanzaLeft: { stanza, facts: factsCodec, submittedAt: instant },
    StoredRead: { page: list(offline), isAll: flag },
    LinkReturned: { stanza: outgoing, condition: unreachable },
    LinkGaveUp: { stanza: outgoing, submittedAt: instant },
    StateLost: { contact: text, change: staleChange },
    LinkEstablished: { contact: text },
    StateRefused: { stale },
    ContactRemoved: { contact: text },
    AccountRemoved: {},
  })
}
