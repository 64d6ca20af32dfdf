/**
 * Subscriptions (RFC 6121 §3): the tables of Appendix A, put into effect. Of two users of this server both sides are
 * here; of a contact elsewhere only the user's is, and its server keeps the other.
 */
import { type Element, Stanza, toXml, withAttributes } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import { contactsFull, hasRoomForContact } from '../contact-room.js'
import type { Context } from '../context.js'
import { pendingRequestCharacters, pendingRequests, pendingRequestsOfDomain, rosterItems } from '../limits.js'
import { depart } from '../remote/depart.js'
import { requestRefused, saySubscription } from '../remote/say.js'
import { staleOf } from '../remote/stale.js'
import { inState, isForgettable, looksTheSame, type RosterItem, unknownContact } from '../roster/item.js'
import { pushItem } from '../roster/push.js'
import { hasRoom } from '../roster/store.js'
import { outgoing, type Refusal, refusal, submit } from '../sending.js'
import { domainOf, isServed } from '../served.js'
import { presentTo, withdrawFrom } from './broadcast.js'
import { attentiveOf, availableOf } from './state.js'
import {
  approvedBeforehand,
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionType,
  whenReceived,
  whenSent,
} from './subscription.js'

/**
 * The user manages the subscription with a contact (§3, "outbound"). Returns the error to answer with, if a limit forbids
 * it or a request cannot leave; one that could not is sent again in time, since the user still wants it.
 */
export const sendSubscription = (
  context: Context,
  account: AccountId,
  contact: string,
  type: SubscriptionType,
  presence: Element,
): Refusal | undefined => {
  if (contact === account) return undefined
  const before = itemOf(context, account, contact)
  // Both put the contact into the roster, the latter also one that did not ask.
  const isAdding = type === 'subscribe' || (type === 'subscribed' && !isKept(context, account, contact))
  const refused = isAdding ? beyondLimit(context, account, before) : undefined
  if (refused !== undefined) return refused
  const { passes, next } = whenSent(type, before.state)
  const wasSeen = isSeenByContact(before.state)
  keepItem(context, account, before, listedBy(type, beforehand(type, passes, inState(before, next))))
  if (wasSeen && !isSeenByContact(next)) withdrawFrom(context, account, contact)
  const unsent = passes ? tell(context, account, contact, type, presence) : undefined
  if (!wasSeen && isSeenByContact(next)) presentTo(context, account, contact)
  return type === 'subscribe' ? unsent : undefined
}

/** Ends what there is between the user and a contact who leaves the roster (§2.5.2). */
export const endSubscriptions = (context: Context, account: AccountId, item: RosterItem): void => {
  const ending = (type: SubscriptionType): void => {
    if (type === 'unsubscribed' && isSeenByContact(item.state)) withdrawFrom(context, account, item.jid)
    tell(context, account, item.jid, type)
  }
  if (whenSent('unsubscribe', item.state).next !== item.state) ending('unsubscribe')
  if (whenSent('unsubscribed', item.state).passes) ending('unsubscribed')
}

/**
 * Shows a session the requests that wait for the user's decision (§3.1.3), which it gets with its initial presence. Those
 * of whom the user blocks wait on, and come when they are not blocked any more (XEP-0191 §3.3).
 */
export const presentRequests = (context: Context, account: AccountId, resource: string): void => {
  for (const { jid, request } of context.rosters.roster(account).items.values())
    if (request !== undefined && !isBlocked(context, account, jid))
      submit(context, account, resource, outgoing(Stanza.fromXml(request).element))
}

/** Asks a contact elsewhere again, whose server does not seem to have got the request (§3.1.2). */
export const askAgain = (context: Context, account: AccountId, contact: string): void => {
  tell(context, account, contact, 'subscribe')
}

/** Tells the contact: here at once, elsewhere over its server. Returns why that cannot be, if it cannot. */
const tell = (
  context: Context,
  account: AccountId,
  contact: string,
  type: SubscriptionType,
  presence?: Element,
): Refusal | undefined => {
  if (!isServed(context, contact)) {
    const stanza = outgoing(between(account, contact, type, presence))
    // What waits for a link is kept as the account's state; of one that is gone there is none, so it leaves as it is.
    return context.accountExists(account) ? saySubscription(context, stanza) : depart(context, stanza)
  }
  return receiveSubscription(context, contact, account, type, presence)
}

/**
 * A contact, here or elsewhere, manages the subscription with the user (§3, "inbound"). Returns the error to answer with, if
 * a limit forbids to keep the request.
 */
export const receiveSubscription = (
  context: Context,
  account: AccountId,
  contact: string,
  type: SubscriptionType,
  original?: Element,
): Refusal | undefined => {
  const presence = between(contact, account, type, original)
  if (!isServed(context, account) || !context.accountExists(account)) return
  // Of an account that is removed even whoever blocks it must forget: another may have the name next.
  const isGone = isServed(context, contact) && !context.accountExists(contact)
  if (isBlocked(context, account, contact) && !isGone) return
  const before = itemOf(context, account, contact)
  if (type === 'subscribe' && answersItself(context, account, before)) return
  const { passes, next } = whenReceived(type, before.state)
  if (type === 'unsubscribed' && isPendingOut(before.state) && !isServed(context, contact))
    requestRefused(context, account, contact)
  const asked = type === 'subscribe' && passes
  const request = asked ? toXml(presence) : ''
  if (asked && !hasRoomFor(context, account, contact, request)) {
    context.log.warn({ account, contact, length: request.length }, 'too many subscription requests wait: one refused')
    return tooManyRequests
  }
  const after = inState(before, next)
  keepItem(context, account, before, asked ? { ...after, request } : after, () => {
    if (passes && !isBlocked(context, account, contact)) deliverSubscription(context, account, type, presence)
  })
  if (isSeenByContact(before.state) && !isSeenByContact(next)) withdrawFrom(context, account, contact)
  return undefined
}

/** A request that needs no decision: it was decided already, or before it came (§§3.1.3, 3.4.3). */
const answersItself = (context: Context, account: AccountId, item: RosterItem): boolean => {
  const isApproved = isSeenByContact(item.state)
  // Whoever asks has not heard yet that the user refused: that is said anew, and is the answer.
  if (!isApproved && !item.approved) return staleOf(context, account, item.jid)?.from === 'unsubscribed'
  if (!isApproved) keepItem(context, account, item, inState(item, approvedBeforehand(item.state)))
  tell(context, account, item.jid, 'subscribed')
  presentTo(context, account, item.jid)
  return true
}

/** Requests go to available sessions, the rest also to those that asked for the roster (§§3.1.3, 3.1.6, 3.2.3, 3.3.3). */
const deliverSubscription = (context: Context, account: AccountId, type: SubscriptionType, presence: Element): void => {
  const stanza = outgoing(presence)
  const takers =
    type === 'subscribe' ? availableOf(context.presences, account) : attentiveOf(context.presences, account)
  for (const { resource } of takers) submit(context, account, resource, stanza)
}

const isKept = (context: Context, account: AccountId, contact: string): boolean =>
  context.rosters.roster(account).items.has(contact)

const itemOf = (context: Context, account: AccountId, contact: string): RosterItem =>
  context.rosters.roster(account).items.get(contact) ?? unknownContact(contact)

/** Stores what changed of an item, calls `meanwhile`, and tells clients what they can see. */
const keepItem = (
  context: Context,
  account: AccountId,
  before: RosterItem,
  after: RosterItem,
  meanwhile: () => void = () => {},
): void => {
  const changed = before.state !== after.state || before.request !== after.request || !looksTheSame(before, after)
  if (changed && isForgettable(after)) context.rosters.drop(account, after.jid)
  else if (changed) context.rosters.put(account, after)
  meanwhile()
  if (after.listed && !looksTheSame(before, after)) pushItem(context, account, after)
}

/** Asking for a subscription, granting one, and approving one beforehand put the contact into the roster (§§3.1.2, 3.1.5, 3.4.2). */
const listedBy = (type: SubscriptionType, item: RosterItem): RosterItem =>
  (type === 'subscribe' || (type === 'subscribed' && (item.approved || isSeenByContact(item.state)))) && !item.listed
    ? { ...item, listed: true }
    : item

/** Approval before the contact asked, and its withdrawal (§3.4.2). */
const beforehand = (type: SubscriptionType, passes: boolean, item: RosterItem): RosterItem => {
  if (type === 'subscribed' && !passes && !isSeenByContact(item.state)) return { ...item, approved: true }
  return type === 'unsubscribed' && item.approved ? { ...item, approved: false } : item
}

const beyondLimit = (context: Context, account: AccountId, item: RosterItem): Refusal | undefined => {
  if (item.listed) return undefined
  if (!hasRoom(context.rosters.roster(account)))
    return refusal('wait', 'resource-constraint', `the roster has ${rosterItems} contacts, and no more are allowed`)
  return hasRoomForContact(context, account, { ...item, listed: true })
    ? undefined
    : refusal('wait', 'resource-constraint', contactsFull)
}

/** Room for a request that waits: for the user, and where it comes from another server for all that come from there. */
const hasRoomFor = (context: Context, account: AccountId, contact: string, asked: string): boolean => {
  const there = isServed(context, contact) ? undefined : domainOf(contact)
  const ofAll = { count: 0, characters: asked.length }
  const ofDomain = { count: 0, characters: asked.length }
  for (const { jid, state, request = '' } of context.rosters.roster(account).items.values())
    for (const sum of there !== undefined && domainOf(jid) === there ? [ofAll, ofDomain] : [ofAll]) {
      if (isPendingIn(state)) sum.count += 1
      sum.characters += request.length
    }
  return (
    ofAll.count < pendingRequests &&
    ofAll.characters <= pendingRequestCharacters &&
    ofDomain.count < pendingRequestsOfDomain.count &&
    ofDomain.characters <= (there === undefined ? pendingRequestCharacters : pendingRequestsOfDomain.characters) &&
    hasRoomForContact(context, account, { ...itemOf(context, account, contact), request: asked })
  )
}

const tooManyRequests = refusal('wait', 'resource-constraint', 'too much waits for the decision of this user already')

/** Between users, subscriptions go from bare JID to bare JID (§3.1.2). */
const between = (from: string, to: string, type: SubscriptionType, presence?: Element): Element =>
  withAttributes(presence ?? bare, { from, to, type })

const bare = Stanza.fromXml('<presence/>').element
