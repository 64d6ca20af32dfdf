/** Messages (RFC 6121 §§5, 8.5): to a session, to those of the highest priority, into storage, or back. */
import { bareJid, domainpartOf, type Jid, type Stanza } from '@smacks/codec'
import type { Instant, Resource, StanzaFacts } from '@smacks/core'
import { isFromBlocked } from './blocks.js'
import { hasCopyTaker, submitWithCopies } from './carbons.js'
import type { Deliver } from './delivery.js'
import type { ImEffect } from './effect.js'
import type { MessageArrived } from './event.js'
import { type Addressee, keepingOf, type MessageType, messageTypeOf, routeOf, withWeight } from './message-rules.js'
import { queueBehindStored, storeOffline } from './offline.js'
import type { Outgoing, Refusal } from './outgoing.js'
import { highestPriority, nonNegativePriority } from './presence/sessions.js'
import { delayed, refuse, serviceUnavailable } from './stanzas.js'
import { type ImAccount, type Transition, unchanged } from './state.js'
import type { View } from './view.js'

/** A message that a session sent. `to` is the parsed address. */
export const routeMessage =
  (view: View, resource: Resource, to: Jid, outgoing: Outgoing): Transition =>
  account => {
    const delivery: Deliver = { _tag: 'Deliver', to, stanza: weighed(outgoing), at: view.now, ifRefused: 'answer' }
    // What was sent to oneself is copied as received.
    const isCopied = hasCopyTaker(account, resource) && !(to.local !== '' && bareJid(to) === account.jid)
    return unchanged(account, [isCopied ? { ...delivery, reportTo: resource } : delivery])
  }

/** The message, with what its facts say of one that nobody takes. */
export const weighed = ({ stanza, facts }: Outgoing): Outgoing => ({
  stanza,
  facts: withWeight(facts, stanza.outline, messageTypeOf(facts.type)),
})

/** A message on its way, to a user here. */
interface Message extends Outgoing {
  readonly to: Jid
  readonly type: MessageType
  /** When it was first submitted. */
  readonly at: Instant
}

/** A message for the account or one of its sessions, from here or elsewhere, which goes where it is to go, or back. */
export const receiveMessage =
  (view: View, { to, message: { stanza, facts }, at }: MessageArrived): Transition =>
  account => {
    const message: Message = { stanza, facts, to, type: messageTypeOf(facts.type), at }
    const delivered =
      to.local === '' || isFromBlocked(account, facts) ? serviceUnavailable : deliver(view, account, message)
    return unchanged(account, isRefusal(delivered) ? refuse(stanza.head, delivered) : delivered)
  }

/** What is done with a message: somebody has or will have it, or it can be missed; or what its sender is to be told. */
type Delivery = ReadonlyArray<ImEffect> | Refusal

const isRefusal = (delivery: Delivery): delivery is Refusal => 'condition' in delivery

const deliver = (view: View, account: ImAccount, message: Message): Delivery => {
  const { resource } = message.to
  const addressee = addresseeOf(view, resource)
  const available = addressee === 'session' ? [] : nonNegativePriority(account)
  const submitted = (receivers: ReadonlyArray<{ readonly resource: Resource }>): Delivery =>
    submitWithCopies(account, resourcesOf(receivers), message, message.at)
  switch (routeOf(message.type, addressee, available.length > 0)) {
    case 'to-session':
      return (
        (account.isDeliveringStored && takesStored(account, resource) && queued(view, account, message)) ||
        submitted([{ resource }])
      )
    case 'to-highest-priority':
      return queued(view, account, message) || submitted(highestPriority(available))
    case 'to-non-negative-priority':
      return submitted(available)
    case 'store':
      // What is stored is copied when it leaves storage; of what is not worth that, such as a chat state, copies are all there is.
      return keep(view, account, message.stanza, message, message.at) ?? submitted([])
    case 'refuse':
      return serviceUnavailable
    case 'ignore':
      return submitted([])
  }
}

const resourcesOf = (receivers: ReadonlyArray<{ readonly resource: Resource }>): ReadonlyArray<string> =>
  receivers.map(({ resource }) => resource)

/** Stores a message behind others that wait there and are being delivered, so that it does not overtake them. */
const queued = (view: View, account: ImAccount, message: Message): ReadonlyArray<ImEffect> | undefined =>
  account.isDeliveringStored &&
  (message.type === 'chat' || message.type === 'normal') &&
  keepingOf(message.stanza.outline) === 'store'
    ? queueBehindStored(view, message, message.at)
    : undefined

/** True for a session that what is stored goes to. */
const takesStored = (account: ImAccount, resource: Resource): boolean =>
  highestPriority(nonNegativePriority(account)).some(taker => taker.resource === resource)

const addresseeOf = (view: View, resource: Resource): Addressee => {
  if (resource === '') return 'account'
  return view.hasSession(resource) ? 'session' : 'missing-resource'
}

/** Nobody takes it now. Nothing if it is not worth keeping. To the sender, an unknown account looks like one that is not there. */
const keep = (
  view: View,
  account: ImAccount,
  { outline }: Stanza,
  message: Outgoing,
  at: Instant,
): Delivery | undefined => {
  if (!view.accountExists(account.jid)) return serviceUnavailable
  const keeping = keepingOf(outline)
  if (keeping === 'store') return storeOffline(view, message, at)
  return keeping === 'refuse' ? serviceUnavailable : undefined
}

/**
 * The session that the message was meant for is gone, and no other has it: it goes where it would have gone without that
 * session, with the time at which it was first submitted.
 */
export const rerouteMessage =
  (view: View, original: Stanza, facts: StanzaFacts, submittedAt: Instant): Transition =>
  account => {
    const type = messageTypeOf(facts.type)
    if (type === 'error' || type === 'headline') return unchanged(account)
    if (type === 'groupchat') return unchanged(account, refuse(original.head, serviceUnavailable))
    const late = delayed({ stanza: original, facts, at: submittedAt }, domainpartOf(account.jid))
    const available = nonNegativePriority(account)
    if (available.length > 0)
      return unchanged(account, submitWithCopies(account, resourcesOf(highestPriority(available)), late, view.now))
    const kept = keep(view, account, original, late, submittedAt) ?? []
    if (!isRefusal(kept)) return unchanged(account, kept)
    return unchanged(account, facts.neverReturned ? [] : refuse(original.head, kept))
  }
