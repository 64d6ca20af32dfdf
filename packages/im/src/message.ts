/** Messages (RFC 6121 §§5, 8.5): to a session, to the most available ones, into storage, or back. */
import { bareJid, type Element, type Jid, type Stanza } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isFromBlocked } from './blocks.js'
import { copySent, submitWithCopies } from './carbons.js'
import type { Context } from './context.js'
import { type Addressee, keepingOf, type MessageType, messageTypeOf, routeOf, withWeight } from './message-rules.js'
import { delayed, isDraining, queueBehindStored, storeOffline } from './offline.js'
import { mostAvailable, receptiveOf } from './presence/state.js'
import { depart } from './remote/depart.js'
import { hasSession, type Outgoing, type Refusal, refuse, serviceUnavailable } from './sending.js'
import { domainOf } from './served.js'

/** A message on its way. `element` is the stanza's own, with the sender's address as `from`. */
interface Message extends Outgoing {
  readonly to: Jid
  readonly element: Element
  readonly type: MessageType
  /** When it was first submitted. */
  readonly at: Instant
}

/** A message that a session sent. `to` is the parsed address. */
export const routeMessage = (
  context: Context,
  sender: { readonly account: AccountId; readonly resource: string },
  to: Jid,
  outgoing: Outgoing,
): void => {
  const message = messageTo(context, to, outgoing)
  const arrival = context.domains.has(to.domain) ? arrive(context, message) : leave(context, message)
  const toSelf = to.local !== '' && bareJid(to) === sender.account
  // What was sent to oneself is copied as received.
  if (!toSelf && arrival !== 'refused') copySent(context, sender.account, sender.resource, message, message.at)
}

/** A message that came from another server. `to` is the parsed address; its domain is served. */
export const receiveMessage = (context: Context, to: Jid, incoming: Outgoing): void => {
  arrive(context, messageTo(context, to, incoming))
}

const messageTo = (context: Context, to: Jid, { stanza, facts }: Outgoing): Message => {
  const { element } = stanza
  const type = messageTypeOf(facts.type)
  return { stanza, facts: withWeight(facts, element, type), to, element, type, at: context.clock.now() }
}

/** What became of a message: somebody has or will have it, or it can be missed; or it was refused. */
type Arrival = 'taken' | 'refused'

/** The same where it is to be refused yet, with what its sender is to be told; `refused` is what says least. */
type Delivery = Arrival | Refusal

/** Another server knows who gets it. */
const leave = (context: Context, message: Message): Arrival => {
  const refused = depart(context, message)
  return refused === undefined ? 'taken' : refuseOnce(context, message.element, refused)
}

const arrive = (context: Context, message: Message): Arrival => {
  const { to, element } = message
  if (to.local === '') return refuseOnce(context, element)
  const account = bareJid(to)
  if (isFromBlocked(context, account, message.facts)) return refuseOnce(context, element)
  const delivery = deliverTo(context, account, message)
  if (delivery === 'taken') return 'taken'
  return refuseOnce(context, element, delivery === 'refused' ? serviceUnavailable : delivery)
}

const refuseOnce = (context: Context, element: Element, refused: Refusal = serviceUnavailable): Arrival => {
  refuse(context, element, refused)
  return 'refused'
}

const deliverTo = (context: Context, account: AccountId, message: Message): Delivery => {
  const { resource } = message.to
  const addressee = addresseeOf(context, account, resource)
  const receptive = addressee === 'session' ? [] : receptiveOf(context.presences, account)
  switch (routeOf(message.type, addressee, receptive.length > 0)) {
    case 'to-session':
      if (isTaker(context, account, resource) && linesUp(context, account, message)) return 'taken'
      return submitToAll(context, account, [{ resource }], message)
    case 'to-most-available':
      if (linesUp(context, account, message)) return 'taken'
      return submitToAll(context, account, mostAvailable(receptive), message)
    case 'to-all-receptive':
      return submitToAll(context, account, receptive, message)
    case 'store':
      return keepOrCopy(context, account, message)
    case 'refuse':
      return 'refused'
    case 'ignore':
      return submitToAll(context, account, [], message)
  }
}

/** Stores a message behind others that wait there and are being delivered, so that it does not overtake them. */
const linesUp = (context: Context, account: AccountId, message: Message): boolean =>
  isDraining(context, account) &&
  (message.type === 'chat' || message.type === 'normal') &&
  keepingOf(message.element) === 'store' &&
  queueBehindStored(context, account, message, message.at)

/** True for a session that what is stored goes to. */
const isTaker = (context: Context, account: AccountId, resource: string): boolean =>
  mostAvailable(receptiveOf(context.presences, account)).some(taker => taker.resource === resource)

const addresseeOf = (context: Context, account: AccountId, resource: string): Addressee => {
  if (resource === '') return 'account'
  return hasSession(context, account, resource) ? 'session' : 'missing-resource'
}

const submitToAll = (
  context: Context,
  account: AccountId,
  takers: ReadonlyArray<{ readonly resource: string }>,
  message: Message,
): Arrival => {
  const resources = takers.map(({ resource }) => resource)
  submitWithCopies(context, account, resources, message, message.at)
  return 'taken'
}

/** What is stored is copied when it leaves storage; of what is not worth that, such as a chat state, copies are all there is. */
const keepOrCopy = (context: Context, account: AccountId, message: Message): Delivery => {
  const kept = keep(context, account, message.element, message, message.at)
  return kept === 'ignored' ? submitToAll(context, account, [], message) : kept
}

/** Nobody takes it now. To the sender, an unknown account looks like one that is not there. */
const keep = (
  context: Context,
  account: AccountId,
  element: Element,
  message: Outgoing,
  at: Instant,
): Delivery | 'ignored' => {
  if (!context.accountExists(account)) return 'refused'
  const keeping = keepingOf(element)
  if (keeping === 'store') return storeOffline(context, account, message, at) ?? 'taken'
  return keeping === 'refuse' ? 'refused' : 'ignored'
}

/**
 * The session that the message was meant for is gone, and no other has it: it goes where it would have gone without that
 * session, with the time at which it was first submitted.
 */
export const rerouteMessage = (
  context: Context,
  account: AccountId,
  original: Stanza,
  facts: StanzaFacts,
  submittedAt: Instant,
): void => {
  const type = messageTypeOf(facts.type)
  const { element } = original
  if (type === 'error' || type === 'headline') return
  if (type === 'groupchat') return refuse(context, element, serviceUnavailable)
  const late = delayed({ stanza: original, facts, at: submittedAt }, domainOf(account))
  const receptive = receptiveOf(context.presences, account)
  if (receptive.length === 0) {
    const kept = keep(context, account, element, late, submittedAt)
    if (kept === 'taken' || kept === 'ignored' || facts.neverReturned) return
    return refuse(context, element, kept === 'refused' ? serviceUnavailable : kept)
  }
  const receivers = mostAvailable(receptive).map(({ resource }) => resource)
  submitWithCopies(context, account, receivers, late, context.clock.now())
}
