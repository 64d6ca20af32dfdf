/** What is told a contact whose server may not know the state of the account (RFC 6121 §§3, 4): all of it, as it is now. */

import { element } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Outgoing } from '../outgoing.js'
import { availableOf, presenceOf } from '../presence/sessions.js'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionType,
  seesContact,
  whenSent,
} from '../presence/subscription.js'
import { inState, isForgettable } from '../roster/item.js'
import { dropItem, putItem } from '../roster/roster.js'
import { addressed, outgoing } from '../stanzas.js'
import { changeRoster, effects, type ImAccount, nothing, sequence, type Transition, unchanged } from '../state.js'
import { dropStale, staleOf, subscriptionOf } from './stale.js'
import type { Stale } from './stale-contacts.js'

/**
 * Tells it, and forgets that it was to be told, in one batch: if the link loses it again, that is known again. All of it may
 * be told twice without harm, since each stanza states what is and not what has changed.
 */
export const tellWholeState =
  (contact: string): Transition =>
  account => {
    const stale = staleOf(account, contact)
    if (stale === undefined) return unchanged(account)
    return sequence(
      account,
      dropStale(contact),
      effects({ _tag: 'DeliverWholeState', stanzas: wholeState(account, stale), stale }),
      stale.from === 'unsubscribed' ? refuseRequest(contact) : nothing,
    )
  }

const wholeState = (account: ImAccount, stale: Stale): ReadonlyArray<Outgoing> => [
  // Withdrawn before the subscription ends, and shown after it began (§§3.1.5, 3.2.2).
  ...unavailables(account, stale),
  ...subscriptions(account, stale),
  ...availables(account, stale),
  ...probes(account, stale),
]

/** A probe in the name of the account: its answer is for all sessions (RFC 6121 §4.3). */
export const probeFrom = (account: AccountId, contact: string): Outgoing => presence(account, contact, 'probe')

const presence = (from: string, to: string, type: SubscriptionType | 'probe' | 'unavailable'): Outgoing =>
  outgoing(element('presence', { from, to, type }))

/** Of the resources that the contact may see, those that it should not. */
const unavailables = (account: ImAccount, { contact, resources }: Stale): ReadonlyArray<Outgoing> => {
  const available = maySeeNow(account, contact) ? availableOf(account).map(({ resource }) => resource) : []
  const isGone = (resource: Resource): boolean =>
    resource === ''
      ? available.length === 0
      : !available.includes(resource) && !presenceOf(account, resource).directed.some(jid => jid === contact)
  return resources
    .filter(isGone)
    .map(resource => presence(resource === '' ? account.jid : `${account.jid}/${resource}`, contact, 'unavailable'))
}

const availables = (account: ImAccount, { contact, resources }: Stale): ReadonlyArray<Outgoing> =>
  resources.length === 0 || !maySeeNow(account, contact)
    ? []
    : availableOf(account).map(({ available }) => addressed(available, contact))

const subscriptions = (account: ImAccount, { contact, to, from }: Stale): ReadonlyArray<Outgoing> => [
  ...(to === undefined ? [] : ownSide(account, contact)),
  ...(from === undefined ? [] : contactsSide(account, contact, from)),
]

/** Whether the user wants to see the contact. Where they do already, a probe finds out whether the contact agrees. */
const ownSide = (account: ImAccount, contact: string): ReadonlyArray<Outgoing> => {
  const state = subscriptionOf(account, contact)
  if (isPendingOut(state)) return isBlocked(account, contact) ? [] : [presence(account.jid, contact, 'subscribe')]
  return seesContact(state) ? [] : [presence(account.jid, contact, 'unsubscribe')]
}

/** Whether the contact may see the user. */
const contactsSide = (
  account: ImAccount,
  contact: string,
  lost: 'subscribed' | 'unsubscribed',
): ReadonlyArray<Outgoing> => {
  if (isSeenByContact(subscriptionOf(account, contact))) return [presence(account.jid, contact, 'subscribed')]
  return lost === 'subscribed' ? [] : [presence(account.jid, contact, 'unsubscribed')]
}

/**
 * A request that came before the refusal was known to be lost has that refusal for its answer: the contact would otherwise
 * believe the one, and the user the other.
 */
const refuseRequest =
  (contact: string): Transition =>
  account => {
    const item = account.roster.items.get(contact)
    if (item === undefined || !isPendingIn(item.state)) return unchanged(account)
    const after = inState(item, whenSent('unsubscribed', item.state).next)
    return changeRoster(roster => (isForgettable(after) ? dropItem(roster, contact) : putItem(roster, after)))(account)
  }

const probes = (account: ImAccount, { contact, to, probe }: Stale): ReadonlyArray<Outgoing> =>
  (probe || to) &&
  seesContact(subscriptionOf(account, contact)) &&
  !isBlocked(account, contact) &&
  availableOf(account).length > 0
    ? [probeFrom(account.jid, contact)]
    : []

const maySeeNow = (account: ImAccount, contact: string): boolean =>
  isSeenByContact(subscriptionOf(account, contact)) && !isBlocked(account, contact)
