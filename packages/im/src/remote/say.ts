/**
 * Presence for other servers. What a link gives up is not kept, since a later state takes its place: the contact is marked
 * (`stale.ts`), and its server is told the state anew.
 */
import { bareOf, resourceOf } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Context } from '../context.js'
import { presenceOf } from '../presence/state.js'
import { isPendingOut, isSeenByContact } from '../presence/subscription.js'
import type { Outgoing, Refusal } from '../sending.js'
import { isServed } from '../served.js'
import { depart } from './depart.js'
import { scheduleResync } from './resync.js'
import { domainsOf, linkKey, markStale, type StaleChange, staleOf, subscriptionOf } from './stale.js'

/**
 * Says available or unavailable presence to a contact elsewhere, or asks for theirs. Such a stanza never waits for a link:
 * it leaves now, or what is true when the link stands is said in its place.
 */
export const sayPresence = (context: Context, presence: Outgoing): void => {
  const { from = '', to = '' } = presence.facts
  const account = bareOf(from)
  const isMarked = staleOf(context, account, bareOf(to)) !== undefined || staleOf(context, account, to) !== undefined
  if (isMarked || !isReady(context, account, to) || depart(context, presence) !== undefined)
    mark(context, presence.facts, 'unsent')
}

/**
 * Tells a contact elsewhere about a subscription. Returns why it cannot leave; it is said again in time then. Just a request
 * waits for a link, since it may say more than the state does, such as a name; until then a refusal may come that it
 * crosses (`requestRefused`).
 */
export const saySubscription = (context: Context, presence: Outgoing): Refusal | undefined => {
  const { type, from = '', to = '' } = presence.facts
  const waits = type === 'subscribe' && isPendingOut(subscriptionOf(context, from, to))
  if (context.remotes !== undefined && !waits && !isReady(context, from, to)) {
    mark(context, presence.facts, 'unsent')
    return undefined
  }
  const refused = depart(context, presence)
  if (refused !== undefined) mark(context, presence.facts, 'unsent')
  return refused
}

/** A contact elsewhere refused a request that may not have left yet; when it gets there, it is withdrawn. */
export const requestRefused = (context: Context, account: AccountId, contact: string): void => {
  if (!isReady(context, account, contact)) markAs(context, account, contact, { to: true })
}

/** A presence left, and may not have arrived. */
export const presenceLost = (context: Context, facts: StanzaFacts): void => mark(context, facts, 'lost')

/**
 * True for available presence to somebody who has no subscription (RFC 6121 §4.6): the server does not keep it, so only
 * its sender can say it again.
 */
export const isDirectedOnly = (context: Context, { type, from = '', to = '' }: StanzaFacts): boolean =>
  type === 'available' &&
  !isSubscriber(context, bareOf(from), bareOf(to)) &&
  presenceOf(context.presences, bareOf(from), resourceOf(from)).directed.includes(to)

const mark = (context: Context, facts: StanzaFacts, how: 'lost' | 'unsent'): void => {
  const { type, from = '', to = '' } = facts
  const account = bareOf(from)
  const change = changeFor(facts, how)
  if (context.remotes === undefined || change === undefined) return
  // Whoever sees nobody needs no presence.
  if (type === 'available' && !isSubscriber(context, account, bareOf(to))) return
  // Of an account that there is not, a server asked that will not be told anything later either.
  if (!isServed(context, account) || !context.accountExists(account)) return
  const contact = type === 'unavailable' && !isSubscriber(context, account, bareOf(to)) ? to : bareOf(to)
  markAs(context, account, contact, change)
}

const markAs = (context: Context, account: AccountId, contact: string, change: StaleChange): void => {
  if (markStale(context, account, contact, change)) scheduleResync(context, linkKey(account, contact))
  else context.log.debug({ account, contact }, 'a presence is lost, and nobody will be told')
}

const isReady = ({ remotes }: Context, account: AccountId, contact: string): boolean => {
  const { here, there } = domainsOf(linkKey(account, contact))
  return remotes?.stateOf(here, there) === 'ready'
}

const changeFor = ({ type, from = '' }: StanzaFacts, how: 'lost' | 'unsent'): StaleChange | undefined => {
  switch (type) {
    case 'available':
    case 'unavailable':
      return { [how]: resourceOf(from) }
    case 'probe':
      return { probe: true }
    case 'subscribe':
    case 'unsubscribe':
      return { to: true }
    case 'subscribed':
    case 'unsubscribed':
      return { from: type }
    default:
      return undefined
  }
}

const isSubscriber = (context: Context, account: AccountId, contact: string): boolean =>
  isSeenByContact(subscriptionOf(context, account, contact))
