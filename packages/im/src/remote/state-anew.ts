/** What is said to a contact whose server may not know the state of the account (RFC 6121 §§3, 4): all of it, as it is now. */
import { element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { availableOf, presenceOf } from '../presence/state.js'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionType,
  seesContact,
  whenSent,
} from '../presence/subscription.js'
import { inState, isForgettable } from '../roster/item.js'
import { addressed, type Outgoing, outgoing } from '../sending.js'
import { depart } from './depart.js'
import { dropStale, keepStale, type Stale, type StaleContact, staleOf, subscriptionOf } from './stale.js'

/**
 * Says it, and forgets that it was to be said, in one batch: if the link loses it again, that is known again. All of it may
 * be said twice without harm, since each stanza states what is and not what has changed. Returns false if it cannot leave.
 */
export const sayStateAnew = (context: Context, stale: StaleContact): boolean => {
  const { account, contact } = stale
  const known = staleOf(context, account, contact)
  if (known === undefined) return true
  dropStale(context, stale)
  // Withdrawn before the subscription ends, and shown after it began (§§3.1.5, 3.2.2).
  const state = [
    ...unavailables(context, account, known),
    ...subscriptions(context, account, known),
    ...availables(context, account, known),
    ...probes(context, account, known),
  ]
  if (state.every(stanza => depart(context, stanza) === undefined)) return true
  keepStale(context, account, known)
  return false
}

/** A probe in the name of the account: its answer is for all sessions (RFC 6121 §4.3). */
export const probeFrom = (account: AccountId, contact: string): Outgoing => presence(account, contact, 'probe')

const presence = (from: string, to: string, type: SubscriptionType | 'probe' | 'unavailable'): Outgoing =>
  outgoing(element('presence', { from, to, type }))

/** Of the resources that the contact may see, those that it should not. */
const unavailables = (context: Context, account: AccountId, { contact, resources }: Stale): ReadonlyArray<Outgoing> => {
  const available = maySeeNow(context, account, contact)
    ? availableOf(context.presences, account).map(({ resource }) => resource)
    : []
  const isGone = (resource: string): boolean =>
    resource === ''
      ? available.length === 0
      : !available.includes(resource) &&
        !presenceOf(context.presences, account, resource).directed.some(jid => jid === contact)
  return resources
    .filter(isGone)
    .map(resource => presence(resource === '' ? account : `${account}/${resource}`, contact, 'unavailable'))
}

const availables = (context: Context, account: AccountId, { contact, resources }: Stale): ReadonlyArray<Outgoing> =>
  resources.length === 0 || !maySeeNow(context, account, contact)
    ? []
    : availableOf(context.presences, account).flatMap(({ available }) =>
        available === undefined ? [] : [addressed(available, contact)],
      )

const subscriptions = (context: Context, account: AccountId, { contact, to, from }: Stale): ReadonlyArray<Outgoing> => [
  ...(to === undefined ? [] : ownSide(context, account, contact)),
  ...(from === undefined ? [] : contactsSide(context, account, contact, from)),
]

/** Whether the user wants to see the contact. Where they do already, a probe finds out whether the contact agrees. */
const ownSide = (context: Context, account: AccountId, contact: string): ReadonlyArray<Outgoing> => {
  const state = subscriptionOf(context, account, contact)
  if (isPendingOut(state)) return isBlocked(context, account, contact) ? [] : [presence(account, contact, 'subscribe')]
  return seesContact(state) ? [] : [presence(account, contact, 'unsubscribe')]
}

/**
 * Whether the contact may see the user. A request that came before the refusal was known to be lost has that refusal for
 * its answer: the contact would otherwise believe the one, and the user the other.
 */
const contactsSide = (
  context: Context,
  account: AccountId,
  contact: string,
  lost: 'subscribed' | 'unsubscribed',
): ReadonlyArray<Outgoing> => {
  const state = subscriptionOf(context, account, contact)
  if (isSeenByContact(state)) return [presence(account, contact, 'subscribed')]
  if (lost === 'subscribed') return []
  if (isPendingIn(state)) refuseRequest(context, account, contact)
  return [presence(account, contact, 'unsubscribed')]
}

const refuseRequest = (context: Context, account: AccountId, contact: string): void => {
  const item = context.rosters.roster(account).items.get(contact)
  if (item === undefined) return
  const after = inState(item, whenSent('unsubscribed', item.state).next)
  if (isForgettable(after)) context.rosters.drop(account, contact)
  else context.rosters.put(account, after)
}

const probes = (context: Context, account: AccountId, { contact, to, probe }: Stale): ReadonlyArray<Outgoing> =>
  (probe || to) &&
  seesContact(subscriptionOf(context, account, contact)) &&
  !isBlocked(context, account, contact) &&
  availableOf(context.presences, account).length > 0
    ? [probeFrom(account, contact)]
    : []

const maySeeNow = (context: Context, account: AccountId, contact: string): boolean =>
  isSeenByContact(subscriptionOf(context, account, contact)) && !isBlocked(context, account, contact)
