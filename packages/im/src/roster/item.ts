/** One contact of a user (RFC 6121 §2.1.2), as it is kept. */
import { utf8Length } from '@smacks/codec'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionState,
  seesContact,
} from '../presence/subscription.js'

export interface RosterItem {
  /** The contact's bare JID, normalised. */
  readonly jid: string
  readonly name?: string
  readonly groups: ReadonlyArray<string>
  readonly state: SubscriptionState
  /** The user approved the contact before it asked (§3.4). */
  readonly approved: boolean
  /** The stanza with which the contact asked, while it waits for an answer (§3.1.3). */
  readonly request?: string
  /** False for a contact who asked and whom the user never added: clients do not see it (§2.1.2.5, note). */
  readonly listed: boolean
}

/** UTF-8 bytes of what is kept of a contact. */
export const bytesOfItem = ({ jid, name = '', groups, request = '' }: RosterItem): number =>
  fixedBytes + [jid, name, request, ...groups].reduce((sum, text) => sum + utf8Length(text), 0)

/** What is kept of each. */
const fixedBytes = 100

/**
 * The same item as one literal. V8 gives an object that several spreads made a hidden class of its own, 250 bytes for each
 * of thousands that are kept.
 */
export const compactItem = ({ jid, groups, state, approved, listed, name, request }: RosterItem): RosterItem => {
  const item: { -readonly [Field in keyof RosterItem]: RosterItem[Field] } = { jid, groups, state, approved, listed }
  if (name !== undefined) item.name = name
  if (request !== undefined) item.request = request
  return item
}

/** A contact of whom nothing is known yet. */
export const unknownContact = (jid: string): RosterItem => ({
  jid,
  groups: [],
  state: 'none',
  approved: false,
  listed: false,
})

/** The `subscription` attribute (§2.1.2.5). */
export const subscriptionOf = (state: SubscriptionState): 'both' | 'from' | 'none' | 'to' => {
  if (seesContact(state)) return isSeenByContact(state) ? 'both' : 'to'
  return isSeenByContact(state) ? 'from' : 'none'
}

/** True if clients would see no difference between the two. */
export const looksTheSame = (one: RosterItem, other: RosterItem): boolean =>
  one.listed === other.listed &&
  one.name === other.name &&
  one.approved === other.approved &&
  subscriptionOf(one.state) === subscriptionOf(other.state) &&
  isPendingOut(one.state) === isPendingOut(other.state) &&
  one.groups.length === other.groups.length &&
  one.groups.every((group, index) => group === other.groups[index])

/** True if the two are the same in all that is kept. */
export const isSameItem = (one: RosterItem, other: RosterItem): boolean =>
  looksTheSame(one, other) && one.state === other.state && one.request === other.request

/** The item in another state; a request that no longer waits is forgotten. */
export const inState = (item: RosterItem, state: SubscriptionState): RosterItem => {
  const { request, ...rest } = item
  return { ...rest, state, ...(request !== undefined && isPendingIn(state) ? { request } : {}) }
}

/** Nothing about it is worth keeping. */
export const isForgettable = (item: RosterItem): boolean => !item.listed && !item.approved && item.state === 'none'
