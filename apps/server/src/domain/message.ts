/** Messages (RFC 6121 §§5, 8.5): to a session, to the most available ones, into storage, or back. */
import { bareJid, type Element, type Jid, type Stanza } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from './blocks.js'
import { copyToOthers } from './carbons.js'
import type { Context } from './context.js'
import {
  type Addressee,
  isCopiedToOthers,
  keepingOf,
  type MessageType,
  messageTypeOf,
  routeOf,
} from './message-rules.js'
import { delayed, isDraining, storeOffline } from './offline.js'
import { mostAvailable, presencesOf, receptiveOf } from './presence/state.js'
import { depart } from './remote/depart.js'
import { hasSession, type Outgoing, type Refusal, refuse, serviceUnavailable, submit } from './sending.js'
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
  const { element, type } = message
  const holders = context.domains.has(to.domain) ? arrive(context, message) : leave(context, message)
  const toSelf = to.local !== '' && bareJid(to) === sender.account
  // What was sent to oneself is copied as received already.
  if (!toSelf && holders !== 'refused')
    copyToOthers(context, sender.account, 'sent', element, [sender.resource], () => isCopiedToOthers(element, type))
}

/** A message that came from another server. `to` is the parsed address; its domain is served. */
export const receiveMessage = (context: Context, to: Jid, incoming: Outgoing): void => {
  arrive(context, messageTo(context, to, incoming))
}

const messageTo = (context: Context, to: Jid, { stanza, facts }: Outgoing): Message => ({
  stanza,
  facts,
  to,
  element: stanza.element,
  type: messageTypeOf(facts.type),
  at: context.clock.now(),
})

/** The resources that got the message itself; or it was refused on behalf of its recipient. */
type Holders = ReadonlyArray<string> | 'refused'

const nobody: ReadonlyArray<string> = []

/** Another server knows who gets it. */
const leave = (context: Context, message: Message): Holders => {
  const refused = depart(context, message)
  return refused === undefined ? nobody : refuseOnce(context, message.element, refused)
}

const arrive = (context: Context, message: Message): Holders => {
  const { to, element } = message
  if (to.local === '') return refuseOnce(context, element)
  const account = bareJid(to)
  if (message.facts.from !== undefined && isBlocked(context, account, message.facts.from))
    return refuseOnce(context, element)
  const holders = deliverTo(context, account, message)
  if (holders === 'refused') return refuseOnce(context, element)
  const { from } = message.facts
  const sender = from?.startsWith(`${account}/`) ? from.slice(account.length + 1) : undefined
  copyToOthers(context, account, 'received', element, sender === undefined ? holders : [...holders, sender], () =>
    isCopiedToOthers(element, message.type),
  )
  return holders
}

const refuseOnce = (context: Context, element: Element, refused: Refusal = serviceUnavailable): Holders => {
  refuse(context, element, refused)
  return 'refused'
}

const deliverTo = (context: Context, account: AccountId, message: Message): Holders => {
  const { resource } = message.to
  const addressee = addresseeOf(context, account, resource)
  const receptive = addressee === 'session' ? [] : receptiveOf(context.presences, account)
  switch (routeOf(message.type, addressee, receptive.length > 0)) {
    case 'to-session':
      if (isTaker(context, account, resource) && linesUp(context, account, message)) return nobody
      submit(context, account, resource, message)
      return [resource]
    case 'to-most-available':
      if (linesUp(context, account, message)) return nobody
      return submitToAll(context, account, mostAvailable(receptive), message)
    case 'to-all-receptive':
      return submitToAll(context, account, receptive, message)
    case 'store':
      return keep(context, account, message.element, message, message.at)
    case 'refuse':
      return 'refused'
    case 'ignore':
      return nobody
  }
}

/** Stores a message behind others that wait there and are being delivered, so that it does not overtake them. */
const linesUp = (context: Context, account: AccountId, message: Message): boolean =>
  isDraining(context, account) &&
  (message.type === 'chat' || message.type === 'normal') &&
  keepingOf(message.element) === 'store' &&
  storeOffline(context, account, message, message.at)

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
): ReadonlyArray<string> => {
  for (const { resource } of takers) submit(context, account, resource, message, message.at)
  return takers.map(({ resource }) => resource)
}

/** Nobody takes it now. To the sender, an unknown account looks like one that is not there. */
const keep = (context: Context, account: AccountId, element: Element, message: Outgoing, at: Instant): Holders => {
  if (!context.accountExists(account)) return 'refused'
  const keeping = keepingOf(element)
  if (keeping === 'store') return storeOffline(context, account, message, at) ? nobody : 'refused'
  return keeping === 'refuse' ? 'refused' : nobody
}

/**
 * The session that the message was meant for is gone: it goes where it would have gone without that session, with
 * the time at which it was first submitted. Sessions that have a copy of it already do not get it again.
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
    if (keep(context, account, element, late, submittedAt) === 'refused') refuse(context, element, serviceUnavailable)
    return
  }
  const copied = isCopiedToOthers(element, type) ? copyHolders(context, account, submittedAt) : nobody
  const at = context.clock.now()
  for (const { resource } of mostAvailable(receptive))
    if (!copied.includes(resource)) submit(context, account, resource, late, at)
}

/** The connected sessions that got a carbon copy then. One that hibernates may yet end, and its copies with it. */
const copyHolders = (context: Context, account: AccountId, at: Instant): ReadonlyArray<string> => {
  const connected = context.runtime.account(account).sessions.filter(({ _tag }) => _tag !== 'Hibernating')
  return presencesOf(context.presences, account)
    .filter(({ resource, carbonsSince }) => {
      return carbonsSince !== undefined && carbonsSince <= at && connected.some(one => one.resource === resource)
    })
    .map(({ resource }) => resource)
}
