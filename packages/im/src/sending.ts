/** How stanzas reach sessions: submitted to the loop, which counts, keeps and sends them. What is answered may leave. */
import {
  bareJid,
  domainInAddress,
  type Element,
  element,
  escapeAttribute,
  ownText,
  Stanza,
  type StanzaErrorType,
  type StanzaFault,
  stanzaError,
  stanzaFacts,
  withAttributes,
} from '@smacks/codec'
import { type Instant, type Recipient, type StanzaFacts, sessionOf } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { addressIn } from './address.js'
import type { Context } from './context.js'
import type { Announcement } from './presence/state.js'
import { depart } from './remote/depart.js'

/** A stanza as it is to be delivered, with what the core may know of it. */
export interface Outgoing {
  readonly stanza: Stanza
  readonly facts: StanzaFacts
}

/** True while the account has a session of this resource, in whatever phase. */
export const hasSession = (context: Context, account: AccountId, resource: string): boolean =>
  sessionOf(context.runtime.account(account), resource) !== undefined

/** Gives a stanza to a session. What goes to several has one time `at` for all: by that it is known to be the same. */
export const submit = (
  context: Context,
  account: AccountId,
  resource: string,
  { stanza, facts }: Outgoing,
  at: Instant = context.clock.now(),
): void => context.runtime.dispatch(account, { _tag: 'StanzaSubmitted', at, resource, stanza, facts })

/** Gives a message to several sessions, to each as it is for that one: whoever takes it, it is one message. */
export const submitToSeveral = (
  context: Context,
  account: AccountId,
  recipients: ReadonlyArray<Recipient<Stanza>>,
  at: Instant,
): void => {
  const [first, second] = recipients
  if (first === undefined) return
  if (second === undefined) submit(context, account, first.resource, first, at)
  else context.runtime.dispatch(account, { _tag: 'MessageSubmitted', at, recipients })
}

/** An element as it is to be delivered. */
export const outgoing = (element: Element): Outgoing => ({
  stanza: Stanza.fromElement(element),
  facts: stanzaFacts(element),
})

/** An element of our own, given to a session. */
export const submitElement = (context: Context, account: AccountId, resource: string, element: Element): void =>
  submit(context, account, resource, outgoing(element))

/** Tells a session what changed (a roster push, say): a request of ours, with an id that no other has (RFC 6120 §8.1.3). */
export const pushTo = (context: Context, account: AccountId, resource: string, payload: Element): void =>
  submitElement(
    context,
    account,
    resource,
    element('iq', { type: 'set', id: `push-${context.freshId()}`, to: `${account}/${resource}` }, payload),
  )

/** Takes the `to` off a presence, so that it can be addressed to many. It is kept for as long as the session. */
export const announcement = (presence: Element): Announcement => {
  const { stanza, facts } = outgoing(withAttributes(presence, { to: undefined }))
  const { id } = facts
  return { xml: stanza.xml, facts: id === undefined ? facts : { ...facts, id: ownText(id) } }
}

const opening = '<presence'

/** The announcement for one recipient. Its text is made from text, since a broadcast makes many. `to` is a normalised JID. */
export const addressed = ({ xml, facts }: Announcement, to: string): Outgoing => ({
  stanza: Stanza.fromXml(`${opening} to="${escapeAttribute(to)}"${xml.slice(opening.length)}`),
  facts: { ...facts, to },
})

/** True for what must not be answered with an error: errors, and results (RFC 6120 §8.3.1). */
export const isUnanswerable = (element: Element): boolean =>
  element.attrs.type === 'error' || (element.name === 'iq' && element.attrs.type === 'result')

/** A stanza error, and what its sender can do about it (RFC 6120 §8.3.2). */
export interface Refusal {
  readonly type: StanzaErrorType
  readonly condition: string
  readonly text?: string
}

export const refusal = (type: StanzaErrorType, condition: string, text?: string): Refusal => ({
  type,
  condition,
  ...(text === undefined ? {} : { text }),
})

/** What the sender is told of a stanza that goes nowhere: it can send another one. */
export const refusalFor = ({ condition, text }: StanzaFault): Refusal => refusal('modify', condition, text)

/** Nobody there for it, and no word of why, since that would tell who exists (RFC 6121 §8.5). */
export const serviceUnavailable = refusal('cancel', 'service-unavailable')

/**
 * Answers a stanza with an error, if it may be answered and its sender, named by `from`, is still there. The stanza
 * carries the sender's full JID already.
 */
export const refuse = (context: Context, element: Element, { type, condition, text }: Refusal): void => {
  if (isUnanswerable(element)) return
  toSender(context, stanzaError(element, type, condition, text === undefined ? {} : { text }))
}

/** Sends a reply to the full JID in its `to`, if that session is there, or to the server that knows. */
export const toSender = (context: Context, reply: Element): void => {
  const to = addressIn(context, reply.attrs.to ?? '')
  // Also if its domain is served no more: its sessions wait for it to be back, until their time is over.
  if (to !== undefined && hasSession(context, bareJid(to), to.resource))
    return submitElement(context, bareJid(to), to.resource, reply)
  const domain = domainInAddress(reply.attrs.to)
  // What is an address there is for its own server to say.
  if (domain !== undefined && !context.domains.has(domain)) depart(context, outgoing(reply))
}
