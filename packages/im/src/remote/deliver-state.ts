/**
 * Presence for other servers. What a link gives up is not kept, since a later state takes its place: the contact is marked
 * (`stale.ts`), and its server is told the state anew.
 */
import { bareOf, resourceOf } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { LinkState } from '../link-state.js'
import { presenceOf } from '../presence/sessions.js'
import { isPendingOut, isSeenByContact, isSubscriptionType } from '../presence/subscription.js'
import { isServed } from '../served.js'
import { effects, type ImAccount, nothing, sequence, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { canBeMarked, markStale, staleOf, subscriptionOf } from './stale.js'
import type { StaleChange } from './stale-contacts.js'

/**
 * Whether a presence of which the server keeps the state is given to a link that stands so; otherwise what is true when the
 * link stands is told in its place. Asked when its turn comes, since what went before may not have left.
 *
 * Just a request for a subscription waits for a link, since it may say more than the state does, such as a name; until then a
 * refusal may come that it crosses (`requestRefused`).
 */
export const leavesNow = (account: ImAccount, { type, to = '' }: StanzaFacts, link: LinkState | undefined): boolean => {
  if (isSubscriptionType(type))
    return link === undefined || link === 'ready' || (type === 'subscribe' && isPendingOut(subscriptionOf(account, to)))
  return link === 'ready' && staleOf(account, bareOf(to)) === undefined && staleOf(account, to) === undefined
}

/** A contact elsewhere refused a request that may not have left yet; when it gets there, it is withdrawn. */
export const requestRefused = (view: View, contact: string): Transition =>
  view.linkTo(contact) === 'ready' ? nothing : markAs(view, contact, { to: true })

/** A presence left, and may not have arrived. */
export const presenceLost = (view: View, facts: StanzaFacts): Transition => mark(view, facts, 'lost')

/** A presence did not leave. */
export const presenceUnsent = (view: View, facts: StanzaFacts): Transition => mark(view, facts, 'unsent')

/**
 * True for available presence to somebody who has no subscription (RFC 6121 §4.6): the server does not keep it, so only
 * its sender can say it again.
 */
export const isDirectedOnly = (account: ImAccount, { type, from = '', to = '' }: StanzaFacts): boolean =>
  type === 'available' &&
  !isSubscriber(account, bareOf(to)) &&
  presenceOf(account, resourceOf(from)).directed.includes(to)

const mark =
  (view: View, facts: StanzaFacts, how: 'lost' | 'unsent'): Transition =>
  account => {
    const { type, to = '' } = facts
    const change = changeFor(facts, how)
    if (!view.isFederated || change === undefined) return unchanged(account)
    // Whoever sees nobody needs no presence.
    if (type === 'available' && !isSubscriber(account, bareOf(to))) return unchanged(account)
    // Of an account that there is not, a server asked that will not be told anything later either.
    if (!isServed(view, account.jid) || !view.accountExists(account.jid)) return unchanged(account)
    const contact = type === 'unavailable' && !isSubscriber(account, bareOf(to)) ? to : bareOf(to)
    return markAs(view, contact, change)(account)
  }

const markAs =
  (view: View, contact: string, change: StaleChange): Transition =>
  account =>
    canBeMarked(view, account, contact)
      ? sequence(account, markStale(view, contact, change), effects({ _tag: 'ScheduleResync', contact }))
      : unchanged(account, [
          {
            _tag: 'Log',
            level: 'debug',
            fields: { account: account.jid, contact },
            message: 'a presence is lost, and nobody will be told',
          },
        ])

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

const isSubscriber = (account: ImAccount, contact: string): boolean => isSeenByContact(subscriptionOf(account, contact))
