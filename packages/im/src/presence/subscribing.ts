/**
 * Subscriptions (RFC 6121 §3): the tables of Appendix A, put into effect for the user's side. The contact's side is its own
 * account's, here or elsewhere, and is reached by a stanza.
 */

import { domainpartOf, type Element, Stanza, toXml, withAttributes } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isBlocked } from '../blocks.js'
import { contactsFull, hasRoomForContact } from '../contact-room.js'
import type { ImEffect } from '../effect.js'
import { pendingRequestCharacters, pendingRequests, pendingRequestsOfDomain, rosterItems } from '../limits.js'
import type { Refusal } from '../outgoing.js'
import { requestRefused } from '../remote/deliver-state.js'
import { staleOf } from '../remote/stale.js'
import { inState, isForgettable, looksTheSame, type RosterItem, unknownContact } from '../roster/item.js'
import { pushItem } from '../roster/push.js'
import { dropItem, hasRoom, putItem } from '../roster/roster.js'
import { isServed } from '../served.js'
import { outgoing, refusal, refuse, submit } from '../stanzas.js'
import { changeRoster, type ImAccount, type ImStep, nothing, sequence, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { presentTo, withdrawFrom } from './broadcast.js'
import { availableOf, interestedOf } from './sessions.js'
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
 * The user manages the subscription with a contact (§3, "outbound"). It is refused where a limit forbids it. A request that
 * cannot leave is answered with an error, and sent again in time all the same, since the user still wants it.
 */
export const sendSubscription =
  (view: View, contact: string, type: SubscriptionType, presence: Element): Transition =>
  account => {
    if (contact === account.jid) return unchanged(account)
    const before = itemOf(account, contact)
    // Both put the contact into the roster, the latter also one that did not ask.
    const isAdding = type === 'subscribe' || (type === 'subscribed' && !account.roster.items.has(contact))
    const refused = isAdding ? beyondLimit(view, account, before) : undefined
    if (refused !== undefined) return unchanged(account, refuse(presence, refused))
    const { passes, next } = whenSent(type, before.state)
    const [wasSeen, isSeen] = [isSeenByContact(before.state), isSeenByContact(next)]
    return sequence(
      account,
      keepItem(before, listedBy(type, beforehand(type, passes, inState(before, next)))),
      wasSeen && !isSeen ? withdrawFrom(contact) : nothing,
      passes ? tell(view, contact, type, presence) : nothing,
      !wasSeen && isSeen ? presentTo(contact) : nothing,
    )
  }

/** Ends what there is between the user and a contact who leaves the roster (§2.5.2). */
export const endSubscriptions = (view: View, { jid, state }: RosterItem): Transition => {
  const ending = [
    ...(whenSent('unsubscribe', state).next === state ? [] : [tell(view, jid, 'unsubscribe')]),
    ...(isSeenByContact(state) ? [withdrawFrom(jid)] : []),
    ...(whenSent('unsubscribed', state).passes ? [tell(view, jid, 'unsubscribed')] : []),
  ]
  return account => sequence(account, ...ending)
}

/** Ends what there is between the user, whose account is removed, and all contacts. */
export const endAllSubscriptions =
  (view: View): Transition =>
  account =>
    sequence(account, ...[...account.roster.items.values()].map(item => endSubscriptions(view, item)))

/**
 * Shows a session the requests that wait for the user's decision (§3.1.3), which it gets with its initial presence. Those
 * of whom the user blocks wait on, and come when they are not blocked any more (XEP-0191 §3.3).
 */
export const presentRequests =
  (resource: Resource): Transition =>
  account => {
    const asked: Array<ImEffect> = []
    for (const { jid, request } of account.roster.items.values())
      if (request !== undefined && !isBlocked(account, jid))
        asked.push(submit(resource, outgoing(Stanza.fromXml(request).element)))
    return { account, effects: asked }
  }

/** Asks a contact elsewhere again, whose server does not seem to have got the request (§3.1.2). */
export const askAgain = (view: View, contact: string): Transition => tell(view, contact, 'subscribe')

/** Tells the contact. The user is told if a request goes nowhere. */
const tell =
  (view: View, contact: string, type: SubscriptionType, presence?: Element): Transition =>
  account => {
    const stanza = outgoing(between(account.jid, contact, type, presence))
    // What waits for a link is kept as the account's state; of one that is gone there is none, so it leaves as it is.
    if (!isServed(view, contact) && !view.accountExists(account.jid))
      return unchanged(account, [{ _tag: 'SendToRemote', stanza, ifRefused: 'ignore' }])
    const original = type === 'subscribe' && presence !== undefined ? { original: presence } : {}
    return unchanged(account, [{ _tag: 'DeliverState', stanza, ...original }])
  }

/**
 * A contact, here or elsewhere, manages the subscription with the user (§3, "inbound"). If a limit forbids to keep the
 * request, the `original` is refused.
 */
export const receiveSubscription =
  (view: View, contact: string, type: SubscriptionType, stanza: Element, original?: Element): Transition =>
  account => {
    const presence = between(contact, account.jid, type, stanza)
    if (!isServed(view, account.jid) || !view.accountExists(account.jid)) return unchanged(account)
    // Of an account that is removed even whoever blocks it must forget: another may have the name next.
    const isGone = isServed(view, contact) && !view.accountExists(contact)
    if (isBlocked(account, contact) && !isGone) return unchanged(account)
    const before = itemOf(account, contact)
    const answered = type === 'subscribe' ? answerAtOnce(view, account, before) : undefined
    if (answered !== undefined) return answered
    const { passes, next } = whenReceived(type, before.state)
    const request = type === 'subscribe' && passes ? toXml(presence) : undefined
    if (request !== undefined && !hasRoomFor(view, account, contact, request))
      return unchanged(account, [
        tooManyLogged(account, contact, request.length),
        ...(original === undefined ? [] : refuse(original, tooManyRequests)),
      ])
    const after = inState(before, next)
    const isCrossed = type === 'unsubscribed' && isPendingOut(before.state) && !isServed(view, contact)
    return sequence(
      account,
      isCrossed ? requestRefused(view, contact) : nothing,
      keepItem(
        before,
        request === undefined ? after : { ...after, request },
        passes && !isBlocked(account, contact) ? deliverSubscription(type, presence) : nothing,
      ),
      isSeenByContact(before.state) && !isSeenByContact(next) ? withdrawFrom(contact) : nothing,
    )
  }

/** The answer to a request that needs no decision: it was decided already, or before it came (§§3.1.3, 3.4.3). */
const answerAtOnce = (view: View, account: ImAccount, item: RosterItem): ImStep | undefined => {
  const isApproved = isSeenByContact(item.state)
  // Whoever asks has not heard yet that the user refused: that is said anew, and is the answer.
  if (!isApproved && !item.approved)
    return staleOf(account, item.jid)?.from === 'unsubscribed' ? unchanged(account) : undefined
  return sequence(
    account,
    isApproved ? nothing : keepItem(item, inState(item, approvedBeforehand(item.state))),
    tell(view, item.jid, 'subscribed'),
    presentTo(item.jid),
  )
}

/** Requests go to available sessions, the rest also to those that asked for the roster (§§3.1.3, 3.1.6, 3.2.3, 3.3.3). */
const deliverSubscription =
  (type: SubscriptionType, presence: Element): Transition =>
  account => {
    const stanza = outgoing(presence)
    const takers = type === 'subscribe' ? availableOf(account) : interestedOf(account)
    return unchanged(
      account,
      takers.map(({ resource }) => submit(resource, stanza)),
    )
  }

const itemOf = ({ roster }: ImAccount, contact: string): RosterItem =>
  roster.items.get(contact) ?? unknownContact(contact)

/** Stores what changed of an item, then does what is to be done `meanwhile`, and tells clients what they can see. */
const keepItem =
  (before: RosterItem, after: RosterItem, meanwhile: Transition = nothing): Transition =>
  account => {
    const isChanged = before.state !== after.state || before.request !== after.request || !looksTheSame(before, after)
    const kept = changeRoster(roster => (isForgettable(after) ? dropItem(roster, after.jid) : putItem(roster, after)))
    return sequence(
      account,
      isChanged ? kept : nothing,
      meanwhile,
      after.listed && !looksTheSame(before, after) ? pushItem(after) : nothing,
    )
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

const beyondLimit = (view: View, account: ImAccount, item: RosterItem): Refusal | undefined => {
  if (item.listed) return undefined
  if (!hasRoom(account.roster))
    return refusal('wait', 'resource-constraint', `the roster has ${rosterItems} contacts, and no more are allowed`)
  return hasRoomForContact(view, account, { ...item, listed: true })
    ? undefined
    : refusal('wait', 'resource-constraint', contactsFull)
}

/** Room for a request that waits: for the user, and where it comes from another server for all that come from there. */
const hasRoomFor = (view: View, account: ImAccount, contact: string, asked: string): boolean => {
  const there = isServed(view, contact) ? undefined : domainpartOf(contact)
  const ofAll = { count: 0, characters: asked.length }
  const ofDomain = { count: 0, characters: asked.length }
  for (const { jid, state, request = '' } of account.roster.items.values())
    for (const sum of there !== undefined && domainpartOf(jid) === there ? [ofAll, ofDomain] : [ofAll]) {
      if (isPendingIn(state)) sum.count += 1
      sum.characters += request.length
    }
  return (
    ofAll.count < pendingRequests &&
    ofAll.characters <= pendingRequestCharacters &&
    ofDomain.count < pendingRequestsOfDomain.count &&
    ofDomain.characters <= (there === undefined ? pendingRequestCharacters : pendingRequestsOfDomain.characters) &&
    hasRoomForContact(view, account, { ...itemOf(account, contact), request: asked })
  )
}

const tooManyRequests = refusal('wait', 'resource-constraint', 'too much waits for the decision of this user already')

const tooManyLogged = ({ jid: account }: ImAccount, contact: string, length: number): ImEffect => ({
  _tag: 'Log',
  level: 'warn',
  fields: { account, contact, length },
  message: 'too many subscription requests wait: one refused',
})

/** Between users, subscriptions go from bare JID to bare JID (§3.1.2). */
const between = (from: string, to: string, type: SubscriptionType, presence?: Element): Element =>
  withAttributes(presence ?? bare, { from, to, type })

const bare = Stanza.fromXml('<presence/>').element
