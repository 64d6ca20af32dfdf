/** Presence to those who may see it (RFC 6121 §§4.2-4.5): contacts with a subscription, and the user's own sessions. */
import { bareOf, element, resourceOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { sayPresence } from '../remote/say.js'
import { addressed, announcement, submit } from '../sending.js'
import { isServed } from '../served.js'
import { recipientsOf } from './directed.js'
import { type Announcement, availableOf, presenceOf, type SessionPresence, setPresence } from './state.js'
import { isSeenByContact, seesContact } from './subscription.js'

/** Broadcasts available presence, initial or subsequent (§§4.2.2, 4.4.2); the session gets its own as well. */
export const broadcastAvailable = (context: Context, account: AccountId, presence: Announcement): void => {
  toOwnSessions(context, account, presence)
  toSubscribers(context, account, presence)
}

/**
 * Tells all who saw the session available, by broadcast or directly, that it is not any more (§§4.5.2, 4.6.3), each
 * of them once. Does nothing if nobody saw it.
 */
export const broadcastUnavailable = (
  context: Context,
  account: AccountId,
  session: SessionPresence,
  presence: Announcement,
): void => {
  const reached = new Set<string>()
  if (session.available !== undefined) {
    toOwnSessions(context, account, presence, reached)
    toSubscribers(context, account, presence, reached)
  }
  for (const jid of session.directed) if (!isBlocked(context, account, jid)) toDirected(context, presence, jid, reached)
}

/** An unavailable presence on behalf of a session. */
export const unavailableFrom = (fullJid: string): Announcement =>
  announcement(element('presence', { from: fullJid, type: 'unavailable' }))

/**
 * What a session learns with its initial presence (§4.2.2): the presence of the user's other sessions, and of the
 * contacts here that the user is subscribed to. Contacts elsewhere are asked (`askRemoteContacts`).
 */
export const presentOthers = (context: Context, account: AccountId, resource: string): void => {
  const to = `${account}/${resource}`
  for (const other of availableOf(context.presences, account))
    if (other.resource !== resource && other.available !== undefined)
      submit(context, account, resource, addressed(other.available, to))
  for (const { jid, state } of context.rosters.roster(account).items.values())
    if (seesContact(state) && isServed(context, jid)) presentAccount(context, jid, to)
}

/**
 * Sends a session, or an address elsewhere, the presence of the available sessions of an account that lets its user see
 * it; returns their number.
 */
export const presentAccount = (context: Context, shown: AccountId, viewer: string): number => {
  const available = availableOf(context.presences, shown)
  if (available.length === 0 || !maySee(context, bareOf(viewer), shown)) return 0
  const isHere = isServed(context, viewer)
  for (const { available: presence } of available) {
    if (presence === undefined) continue
    const stanza = addressed(presence, viewer)
    if (isHere) submit(context, bareOf(viewer), resourceOf(viewer), stanza)
    else sayPresence(context, stanza)
  }
  return available.length
}

/** True if `viewer`, of this server or another, gets the presence of `shown`. Whom others block, their servers know. */
export const maySee = (context: Context, viewer: string, shown: AccountId): boolean => {
  if (viewer === shown) return true
  const item = context.rosters.roster(shown).items.get(viewer)
  return (
    item !== undefined &&
    isSeenByContact(item.state) &&
    !isBlocked(context, shown, viewer) &&
    !(isServed(context, viewer) && isBlocked(context, viewer, shown))
  )
}

/** Sends one contact the presence of all available sessions of the account. */
export const presentTo = (context: Context, account: AccountId, contact: string): void => {
  if (isBlocked(context, account, contact)) return
  for (const { available } of availableOf(context.presences, account))
    if (available !== undefined) toContact(context, available, contact)
}

/** Tells one contact that all available sessions of the account are gone (§§3.2.2, 3.3.3). */
export const withdrawFrom = (context: Context, account: AccountId, contact: string): void => {
  for (const { resource } of availableOf(context.presences, account))
    toContact(context, unavailableFrom(`${account}/${resource}`), contact)
}

/** Remembers what a session broadcast. */
export const rememberAvailable = (
  context: Context,
  account: AccountId,
  resource: string,
  presence: Announcement,
  priority: number,
): void =>
  setPresence(context.presences, account, {
    ...presenceOf(context.presences, account, resource),
    available: { ...presence, priority },
  })

const toSubscribers = (context: Context, account: AccountId, presence: Announcement, reached?: Set<string>): void => {
  const { items } = context.rosters.roster(account)
  for (const { jid, state } of items.values())
    if (isSeenByContact(state) && !isBlocked(context, account, jid)) toContact(context, presence, jid, reached)
}

const toContact = (context: Context, presence: Announcement, contact: string, reached?: Set<string>): void => {
  if (!isServed(context, contact)) {
    sayPresence(context, addressed(presence, contact))
    reached?.add(contact)
    return
  }
  const { from } = presence.facts
  const available = availableOf(context.presences, contact)
  if (available.length === 0 || (from !== undefined && isBlocked(context, contact, from))) return
  const stanza = addressed(presence, contact)
  for (const { resource } of available) {
    submit(context, contact, resource, stanza)
    reached?.add(`${contact}/${resource}`)
  }
}

const toOwnSessions = (context: Context, account: AccountId, presence: Announcement, reached?: Set<string>): void => {
  for (const { resource } of availableOf(context.presences, account)) {
    const full = `${account}/${resource}`
    submit(context, account, resource, addressed(presence, full))
    reached?.add(full)
  }
}

const toDirected = (context: Context, presence: Announcement, jid: string, reached: Set<string>): void => {
  const account = bareOf(jid)
  if (!isServed(context, account)) {
    // A contact's server tells all of the contact's sessions.
    if (!reached.has(account)) sayPresence(context, addressed(presence, jid))
    return
  }
  const { from } = presence.facts
  if (from !== undefined && isBlocked(context, account, from)) return
  const stanza = addressed(presence, jid)
  for (const resource of recipientsOf(context, jid)) {
    const full = `${account}/${resource}`
    if (reached.has(full)) continue
    reached.add(full)
    submit(context, account, resource, stanza)
  }
}
