/**
 * Contacts on other servers to whom presence did not get, or may not have got. Presence and subscriptions are state, so
 * what was lost is not kept: it is kept that something was, and the state is told anew once the link stands (`resync.ts`).
 *
 * A record is written with the batch of the turn that lost the stanza, so a crash does not forget it.
 */

import { charactersOf } from '../characters.js'
import { bytesOfContacts } from '../contact-room.js'
import { LayeredMap } from '../layered-map.js'
import { staleResourceCharacters, staleResources, staleStrangers } from '../limits.js'
import { availableOf } from '../presence/sessions.js'
import type { SubscriptionState } from '../presence/subscription.js'
import { type ImAccount, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { bytesOf } from './stale-bytes.js'
import type { Stale, StaleChange, StaleContacts } from './stale-contacts.js'

export const staleOf = ({ stale }: Pick<ImAccount, 'stale'>, contact: string): Stale | undefined =>
  stale.byContact.get(contact)

/** The state of the user's subscription with a contact. */
export const subscriptionOf = ({ roster }: Pick<ImAccount, 'roster'>, contact: string): SubscriptionState =>
  roster.items.get(contact)?.state ?? 'none'

/** False if it cannot be remembered of this contact, since it is of too many who are no contacts. */
export const canBeMarked = (view: View, account: ImAccount, contact: string): boolean =>
  staleOf(account, contact) !== undefined || hasRoomFor(view, account, contact)

/** Remembers that the contact's server may not know the state of the account, if that can be. */
export const markStale =
  (view: View, contact: string, change: StaleChange): Transition =>
  account => {
    if (!canBeMarked(view, account, contact)) return unchanged(account)
    const before = staleOf(account, contact)
    const after = changed(view, account, before ?? { contact, resources: [] }, change)
    return before !== undefined && isSame(before, after) ? unchanged(account) : keepStale(after)(account)
  }

/** Remembers just this of a contact. */
export const keepStale =
  (stale: Stale): Transition =>
  account => ({
    account: { ...account, stale: withStale(account.stale, stale) },
    effects: [{ _tag: 'KeepStale', stale }],
  })

/** Nothing is stale any more, as what is told from here on is all there is. */
export const dropStale =
  (contact: string): Transition =>
  account => ({
    account: { ...account, stale: withoutStale(account.stale, contact) },
    effects: [{ _tag: 'DropStale', contact }],
  })

/** With this one as it is now. */
export const withStale = ({ byContact, bytes }: StaleContacts, stale: Stale): StaleContacts => ({
  byContact: LayeredMap.of(byContact).with(stale.contact, stale),
  bytes: bytes + bytesOf(stale) - bytesOfOne(byContact, stale.contact),
})

const withoutStale = ({ byContact, bytes }: StaleContacts, contact: string): StaleContacts => {
  return { byContact: LayeredMap.of(byContact).without(contact), bytes: bytes - bytesOfOne(byContact, contact) }
}

const bytesOfOne = (byContact: StaleContacts['byContact'], contact: string): number => {
  const known = byContact.get(contact)
  return known === undefined ? 0 : bytesOf(known)
}

/**
 * Contacts are bounded by the roster; others only here. Together with the roster they have as many bytes as are allowed, and
 * nobody who is no contact may take the last of them.
 */
const hasRoomFor = (view: View, account: ImAccount, contact: string): boolean => {
  const { items } = account.roster
  return (
    items.has(contact) ||
    (account.stale.byContact.size < items.size + staleStrangers &&
      view.hasRoomForStranger(contact) &&
      !isFull(view, account))
  )
}

const isFull = ({ contactBytes }: View, account: ImAccount): boolean => bytesOfContacts(account) >= contactBytes

const changed = (view: View, account: ImAccount, before: Stale, change: StaleChange): Stale => {
  const { unsent, lost, ...others } = change
  return { ...before, ...others, resources: resourcesAfter(view, account, before.resources, { unsent, lost }) }
}

/**
 * With the first presence that does not get there, all resources are noted that are available now. Nothing of a resource
 * leaves from then on, so one that comes and goes meanwhile need not be: the contact never hears of it. Where there is no
 * room for names, the account as such is noted.
 */
const resourcesAfter = (
  view: View,
  account: ImAccount,
  before: ReadonlyArray<string>,
  { unsent, lost }: { readonly lost: string | undefined; readonly unsent: string | undefined },
): ReadonlyArray<string> => {
  const one = lost ?? unsent
  if (one === undefined) return before
  const isFirst = before.length === 0
  if (!isFirst && (lost === undefined || before.includes(one))) return before
  const noted = isFirst ? availableOf(account).map(({ resource }) => resource) : before
  const after = noted.includes(one) ? noted : [...noted, one]
  const isTooMuch = after.length > staleResources || charactersOf(after) > staleResourceCharacters
  if (!isTooMuch && !isFull(view, account)) return after
  return before.includes('') ? before : [...(isFirst ? [] : before.slice(0, staleResources - 1)), '']
}

const isSame = (one: Stale, other: Stale): boolean =>
  one.resources === other.resources && one.to === other.to && one.from === other.from && one.probe === other.probe
