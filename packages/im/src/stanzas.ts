/** Stanzas as they are delivered, and the errors that answer them. */
import {
  type Element,
  element,
  escapeAttribute,
  ownText,
  Stanza,
  type StanzaErrorType,
  type StanzaFault,
  stanzaError,
  stanzaFacts,
  withDelay,
} from '@smacks/codec'
import type { Instant, Resource } from '@smacks/core'
import type { OfflineMessage } from '@smacks/runtime'
import type { ImEffect, Push, Submit } from './effect.js'
import type { Outgoing, Refusal } from './outgoing.js'
import type { Announcement } from './presence/session-presence.js'

/** An element as it is to be delivered. */
export const outgoing = (element: Element): Outgoing => ({
  stanza: Stanza.fromElement(element),
  facts: stanzaFacts(element),
})

/** A presence without `to`, to be addressed to many. It is kept for as long as the session. */
export const announcement = ({ stanza, facts }: Outgoing): Announcement => {
  const { id } = facts
  return { xml: ownText(stanza.peekXml()), facts: id === undefined ? facts : { ...facts, id: ownText(id) } }
}

const opening = '<presence'

/** The announcement for one recipient. Its text is made from text, since a broadcast makes many. `to` is a normalised JID. */
export const addressed = ({ xml, facts }: Announcement, to: string): Outgoing => ({
  stanza: Stanza.fromXml(`${opening} to="${escapeAttribute(to)}"${xml.slice(opening.length)}`),
  facts: { ...facts, to },
})

/** The message with the time at which it was first submitted (XEP-0203), from the domain of its recipient. */
export const delayed = ({ stanza, facts, at }: Omit<OfflineMessage<Stanza>, 'key'>, domain: string): Outgoing => ({
  stanza: withDelay(stanza, facts, domain, at),
  facts: { ...facts, delayed: true },
})

/** Gives a stanza to a session. What goes to several has one time `at` for all: by that it is known to be the same. */
export const submit = (resource: Resource, stanza: Outgoing, at?: Instant): Submit => ({
  _tag: 'Submit',
  resource,
  stanza,
  ...(at === undefined ? {} : { at }),
})

export const push = (resource: Resource, payload: Element): Push => ({ _tag: 'Push', resource, payload })

/** A request of ours to a session, by an id that no other has. */
export const pushRequest = (id: string, to: string, payload: Element): Outgoing =>
  outgoing(element('iq', { type: 'set', id: `push-${id}`, to }, payload))

/** True for what must not be answered with an error: errors, and results (RFC 6120 §8.3.1). */
export const isUnanswerable = (element: Element): boolean =>
  element.attrs.type === 'error' || (element.name === 'iq' && element.attrs.type === 'result')
export const refusal = (type: StanzaErrorType, condition: string, text?: string): Refusal => ({
  type,
  condition,
  ...(text === undefined ? {} : { text }),
})

/** What the sender is told of a stanza that goes nowhere: it can send another one. */
export const refusalFor = ({ condition, text }: StanzaFault): Refusal => refusal('modify', condition, text)

/** Nobody there for it, and no word of why, since that would tell who exists (RFC 6121 §8.5). */
export const serviceUnavailable = refusal('cancel', 'service-unavailable')

/** Answers a stanza with an error, if it may be answered. The stanza carries the sender's full JID already. */
export const refuse = (element: Element, { type, condition, text }: Refusal): ReadonlyArray<ImEffect> =>
  isUnanswerable(element)
    ? []
    : [{ _tag: 'Answer', reply: stanzaError(element, type, condition, text === undefined ? {} : { text }) }]
