/**
 * Contacts on other servers to whom presence did not get, or may not have got. Presence and subscriptions are state, so
 * what was lost is not kept: it is kept that something was, and the state is said anew once the link stands (`resync.ts`).
 *
 * A record is written with the batch of the turn that lost the stanza, so a crash does not forget it.
 */
import { bareOf } from '@smacks/codec'
import type { AccountId, RecordChange } from '@smacks/runtime'
import { charactersOf } from '../characters.js'
import type { Context } from '../context.js'
import { staleResourceCharacters, staleResources, staleStrangers, staleStrangersOfLink } from '../limits.js'
import { availableOf } from '../presence/state.js'
import type { SubscriptionState } from '../presence/subscription.js'
import { recordName } from '../roster/record-name.js'
import { domainOf } from '../served.js'
import { bytesOf, bytesOfStale } from './stale-bytes.js'
import { encodeStale, staleRecords } from './stale-record.js'

/** What one contact's server may not know of one account. */
export interface Stale {
  /** A bare JID; a full one if it got directed presence and is nobody's contact. */
  readonly contact: string
  /** Resources that the contact may see otherwise than they are; the empty one is the account as such. None: no presence was lost. */
  readonly resources: ReadonlyArray<string>
  /** A `subscribe` or `unsubscribe` was lost (RFC 6121 §§3.1, 3.3). */
  readonly to?: true
  /** Which answer was lost last (RFC 6121 §§3.1, 3.2). */
  readonly from?: 'subscribed' | 'unsubscribed'
  /** The contact's presence is to be asked for (RFC 6121 §4.3). */
  readonly probe?: true
}

/** What is added to what is known already. */
export interface StaleChange extends Partial<Omit<Stale, 'contact' | 'resources'>> {
  /** A resource whose presence did not leave. */
  readonly unsent?: string
  /** A resource whose presence left, and may not have arrived. */
  readonly lost?: string
}

export interface StaleContacts {
  readonly byAccount: Map<AccountId, Map<string, Stale>>
  /** The same, by link and in the order in which they were found. */
  readonly byLink: Map<LinkKey, Map<string, StaleContact>>
  /** How much that is, by account. */
  readonly bytes: Map<AccountId, number>
}

export interface StaleContact {
  readonly account: AccountId
  readonly contact: string
}

/** The link between a served domain and another one. */
export type LinkKey = string

export const noStaleContacts = (): StaleContacts => ({ byAccount: new Map(), byLink: new Map(), bytes: new Map() })

export const keyOf = (here: string, there: string): LinkKey => `${here}>${there}`

export const linkKey = (account: AccountId, contact: string): LinkKey =>
  keyOf(domainOf(account), domainOf(bareOf(contact)))

/** The two domains of a link. */
export const domainsOf = (key: LinkKey): { readonly here: string; readonly there: string } => {
  const at = key.indexOf('>')
  return { here: key.slice(0, at), there: key.slice(at + 1) }
}

export const staleOf = ({ stale }: Context, account: AccountId, contact: string): Stale | undefined =>
  stale.byAccount.get(account)?.get(contact)

/** The state of the user's subscription with a contact. */
export const subscriptionOf = ({ rosters }: Context, account: AccountId, contact: string): SubscriptionState =>
  rosters.roster(account).items.get(contact)?.state ?? 'none'

/**
 * Remembers that the contact's server may not know the state of the account. Returns false if it cannot, since that is
 * remembered for too many who are no contacts.
 */
export const markStale = (context: Context, account: AccountId, contact: string, change: StaleChange): boolean => {
  const before = staleOf(context, account, contact)
  if (before === undefined && !hasRoomFor(context, account, contact)) return false
  const after = changed(context, account, before ?? { contact, resources: [] }, change)
  if (before !== undefined && isSame(before, after)) return true
  keepStale(context, account, after)
  return true
}

/** Remembers just this of a contact. */
export const keepStale = (context: Context, account: AccountId, stale: Stale): void => {
  const { contact } = stale
  remember(context.stale, account, stale)
  write(context, {
    _tag: 'PutRecord',
    kind: staleRecords,
    account,
    name: recordName(contact),
    text: encodeStale(stale),
  })
}

/** Nothing is stale any more, as what is said from here on tells all. */
export const dropStale = (context: Context, { account, contact }: StaleContact): void => {
  forget(context.stale, account, contact)
  write(context, { _tag: 'DropRecord', kind: staleRecords, account, name: recordName(contact) })
}

/** The account is gone: there is no state of it to tell. */
export const forgetStale = (contacts: StaleContacts, account: AccountId): void => {
  for (const contact of [...(contacts.byAccount.get(account)?.keys() ?? [])]) forget(contacts, account, contact)
}

/** Takes back what was kept. */
export const recallStale = (context: Context, account: AccountId, stale: Stale): void =>
  remember(context.stale, account, stale)

const write = ({ runtime }: Context, change: RecordChange): void => runtime.change(change)

const remember = (contacts: StaleContacts, account: AccountId, stale: Stale): void => {
  const { byAccount, byLink } = contacts
  const { contact } = stale
  recount(contacts, account, contact, bytesOf(stale))
  entryOf(byAccount, account).set(contact, stale)
  entryOf(byLink, linkKey(account, contact)).set(`${account}\n${contact}`, { account, contact })
}

const forget = (contacts: StaleContacts, account: AccountId, contact: string): void => {
  const { byAccount, byLink } = contacts
  recount(contacts, account, contact, 0)
  removeFrom(byAccount, account, contact)
  removeFrom(byLink, linkKey(account, contact), `${account}\n${contact}`)
}

const entryOf = <V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> => {
  const known = maps.get(key)
  if (known !== undefined) return known
  const made = new Map<string, V>()
  maps.set(key, made)
  return made
}

const removeFrom = <V>(maps: Map<string, Map<string, V>>, key: string, name: string): void => {
  const entries = maps.get(key)
  entries?.delete(name)
  if (entries?.size === 0) maps.delete(key)
}

/** The contact takes so many bytes from now on; that must be said while it has those of before. */
const recount = ({ byAccount, bytes }: StaleContacts, account: AccountId, contact: string, after: number): void => {
  const known = byAccount.get(account)?.get(contact)
  const all = (bytes.get(account) ?? 0) + after - (known === undefined ? 0 : bytesOf(known))
  if (all === 0) bytes.delete(account)
  else bytes.set(account, all)
}

/**
 * Contacts are bounded by the roster; others only here. Together with the roster they have as many bytes as are allowed, and
 * nobody who is no contact may take the last of them.
 */
const hasRoomFor = (context: Context, account: AccountId, contact: string): boolean => {
  const { stale } = context
  const { items } = context.rosters.roster(account)
  if (items.has(contact)) return true
  return (
    (stale.byAccount.get(account)?.size ?? 0) < items.size + staleStrangers &&
    (stale.byLink.get(linkKey(account, contact))?.size ?? 0) < staleStrangersOfLink &&
    !isFull(context, account)
  )
}

const isFull = ({ rosters, stale, quotas }: Context, account: AccountId): boolean =>
  rosters.bytes(account) + bytesOfStale(stale, account) >= quotas().contactBytesPerUser

const changed = (context: Context, account: AccountId, before: Stale, change: StaleChange): Stale => {
  const { unsent, lost, ...others } = change
  return { ...before, ...others, resources: resourcesAfter(context, account, before.resources, { unsent, lost }) }
}

/**
 * With the first presence that does not get there, all resources are noted that are available now. Nothing of a resource
 * leaves from then on, so one that comes and goes meanwhile need not be: the contact never hears of it. Where there is no
 * room for names, the account as such is noted.
 */
const resourcesAfter = (
  context: Context,
  account: AccountId,
  before: ReadonlyArray<string>,
  { unsent, lost }: Pick<StaleChange, 'lost' | 'unsent'>,
): ReadonlyArray<string> => {
  const one = lost ?? unsent
  if (one === undefined) return before
  const isFirst = before.length === 0
  if (!isFirst && (lost === undefined || before.includes(one))) return before
  const noted = isFirst ? availableOf(context.presences, account).map(({ resource }) => resource) : before
  const after = noted.includes(one) ? noted : [...noted, one]
  const isTooMuch = after.length > staleResources || charactersOf(after) > staleResourceCharacters
  if (!isTooMuch && !isFull(context, account)) return after
  return before.includes('') ? before : [...(isFirst ? [] : before.slice(0, staleResources - 1)), '']
}

const isSame = (one: Stale, other: Stale): boolean =>
  one.resources === other.resources && one.to === other.to && one.from === other.from && one.probe === other.probe
