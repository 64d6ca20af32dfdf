/** Presence to those who may see it (RFC 6121 §§4.2-4.5): contacts with a subscription, and the user's own sessions. */
import { bareOf, element, resourceOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked, isListed } from '../blocks.js'
import type { Context } from '../context.js'
import { sayPresence } from '../remote/say.js'
import { addressed, announcement, submit } from '../sending.js'
import { isServed } from '../served.js'
import { recipientsOf } from './directed.js'
import { type Announcement, availableOf, presenceOf, presencesOf, type SessionPresence, setPresence } from './state.js'
import { isSeenByContact, seesContact } from './subscription.js'

/** Which addresses a presence goes to: asked with a full JID of somebody here, and with a bare JID of somebody elsewhere. */
export type Audience = (jid: string) => boolean

/** Broadcasts available presence, initial or subsequent (§§4.2.2, 4.4.2); the session gets its own as well. */
export const broadcastAvailable = (context: Context, account: AccountId, presence: Announcement): void => {
  toOwnSessions(context, account, presence)
  toSubscribers(context, account, presence, unblocked(context, account))
}

/**
 * Tells all who saw the session available, by broadcast or directly, that it is not any more (§§4.5.2, 4.6.3), each
 * of them once. Does nothing if nobody saw it. Whom the user blocks has learned it with the block.
 */
export const broadcastUnavailable = (
  context: Context,
  account: AccountId,
  session: SessionPresence,
  presence: Announcement,
): void => {
  const reached = new Set<string>()
  const audience = unblocked(context, account)
  if (session.available !== undefined) {
    toOwnSessions(context, account, presence, reached)
    toSubscribers(context, account, presence, audience, reached)
  }
  for (const jid of session.directed) toDirected(context, presence, jid, audience, reached)
}

/**
 * The user's sessions disappear for this audience, which is about to be blocked: whoever saw one of them, by broadcast or
 * directly, learns that it is gone, once (XEP-0191 §3.3, RFC 6121 §4.6.3).
 */
export const hideFrom = (context: Context, account: AccountId, audience: Audience): void => {
  for (const session of presencesOf(context.presences, account)) {
    const gone = unavailableFrom(`${account}/${session.resource}`)
    const reached = new Set<string>()
    if (session.available !== undefined) toSubscribers(context, account, gone, audience, reached)
    for (const jid of session.directed) toDirected(context, gone, jid, audience, reached)
    const directed = session.directed.filter(jid => !audience(jid))
    if (directed.length < session.directed.length) setPresence(context.presences, account, { ...session, directed })
  }
}

/** Shows the user's available sessions to the contacts of this audience, which was blocked (XEP-0191 §3.4). */
export const showTo = (context: Context, account: AccountId, audience: Audience): void => {
  for (const { available } of availableOf(context.presences, account))
    if (available !== undefined) toSubscribers(context, account, available, audience)
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
  if (available.length === 0 || !maySee(context, bareOf(viewer), shown) || isBlocked(context, shown, viewer)) return 0
  const isHere = isServed(context, viewer)
  for (const { available: presence, resource } of available) {
    if (presence === undefined) continue
    if (isHere && isBlocked(context, bareOf(viewer), `${shown}/${resource}`)) continue
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
  const audience = unblocked(context, account)
  for (const { available } of availableOf(context.presences, account))
    if (available !== undefined) toContact(context, available, contact, audience)
}

/** Tells one contact that all available sessions of the account are gone (§§3.2.2, 3.3.3). */
export const withdrawFrom = (context: Context, account: AccountId, contact: string): void => {
  const audience = unblocked(context, account)
  for (const { resource } of availableOf(context.presences, account))
    toContact(context, unavailableFrom(`${account}/${resource}`), contact, audience)
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

const everybody: Audience = () => true

/** Whom the account does not block. */
const unblocked = (context: Context, account: AccountId): Audience => {
  const blocked = context.rosters.blocked(account)
  return blocked.size === 0 ? everybody : jid => !isListed(blocked, account, jid)
}

const toSubscribers = (
  context: Context,
  account: AccountId,
  presence: Announcement,
  audience: Audience,
  reached?: Set<string>,
): void => {
  for (const { jid, state } of context.rosters.roster(account).items.values())
    if (isSeenByContact(state)) toContact(context, presence, jid, audience, reached)
}

const toContact = (
  context: Context,
  presence: Announcement,
  contact: string,
  audience: Audience,
  reached?: Set<string>,
): void => {
  if (!isServed(context, contact)) {
    if (!audience(contact)) return
    sayPresence(context, addressed(presence, contact))
    reached?.add(contact)
    return
  }
  const { from } = presence.facts
  const available = availableOf(context.presences, contact)
  if (available.length === 0 || (from !== undefined && isBlocked(context, contact, from))) return
  const stanza = addressed(presence, contact)
  for (const { resource } of available) {
    const full = `${contact}/${resource}`
    if (!audience(full)) continue
    submit(context, contact, resource, stanza)
    reached?.add(full)
  }
}

const toOwnSessions = (context: Context, account: AccountId, presence: Announcement, reached?: Set<string>): void => {
  for (const { resource } of availableOf(context.presences, account)) {
    const full = `${account}/${resource}`
    submit(context, account, resource, addressed(presence, full))
    reached?.add(full)
  }
}

const toDirected = (
  context: Context,
  presence: Announcement,
  jid: string,
  audience: Audience,
  reached: Set<string>,
): void => {
  const account = bareOf(jid)
  if (!isServed(context, account)) {
    // A contact's server tells all of the contact's sessions.
    if (audience(jid) && !reached.has(account)) sayPresence(context, addressed(presence, jid))
    return
  }
  const { from } = presence.facts
  if (from !== undefined && isBlocked(context, account, from)) return
  const stanza = addressed(presence, jid)
  for (const resource of recipientsOf(context, jid)) {
    const full = `${account}/${resource}`
    if (reached.has(full) || !audience(full)) continue
    reached.add(full)
    submit(context, account, resource, stanza)
  }
}
