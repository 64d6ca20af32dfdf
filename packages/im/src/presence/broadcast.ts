/** Presence to those who may see it (RFC 6121 §§4.2-4.5): contacts with a subscription, and the user's own sessions. */

import { bareOf, element, resourceOf } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isBlocked } from '../blocks.js'
import type { ImEffect } from '../effect.js'
import { isServed } from '../served.js'
import { addressed, announcement, outgoing, submit } from '../stanzas.js'
import { type ImAccount, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { isIn, unblocked } from './audience.js'
import { recipientsOf } from './directed.js'
import type { Audience, Reached } from './reach.js'
import type { Announcement, SessionPresence } from './session-presence.js'
import { availableOf, setPresence } from './sessions.js'
import { isSeenByContact, seesContact } from './subscription.js'

/** Broadcasts available presence, initial or subsequent (§§4.2.2, 4.4.2); the session gets its own as well. */
export const broadcastAvailable =
  (presence: Announcement): Transition =>
  account =>
    unchanged(account, [...toOwnSessions(account, presence), ...toSubscribers(account, presence, unblocked(account))])

/**
 * Tells all who saw the session available, by broadcast or directly, that it is not any more (§§4.5.2, 4.6.3), each
 * of them once. Does nothing if nobody saw it. Whom the user blocks has learned it with the block.
 */
export const broadcastUnavailable =
  (view: View, session: SessionPresence, presence: Announcement): Transition =>
  account => {
    const audience = unblocked(account)
    const own = session.available === undefined ? [] : availableOf(account).map(({ resource }) => resource)
    return unchanged(account, [
      ...(session.available === undefined
        ? []
        : [...toOwnSessions(account, presence), ...toSubscribers(account, presence, audience)]),
      ...toDirected(view, account, session, presence, audience, own),
    ])
  }

/**
 * The user's sessions disappear for this audience, which is about to be blocked: whoever saw one of them, by broadcast or
 * directly, learns that it is gone, once (XEP-0191 §3.3, RFC 6121 §4.6.3).
 */
export const hideFrom =
  (view: View, audience: Audience): Transition =>
  account => {
    const asked: Array<ImEffect> = []
    let current = account
    for (const session of account.sessions) {
      const gone = unavailableFrom(`${account.jid}/${session.resource}`)
      if (session.available !== undefined) asked.push(...toSubscribers(account, gone, audience))
      asked.push(...toDirected(view, account, session, gone, audience, []))
      const directed = session.directed.filter(jid => !isIn(audience, jid))
      if (directed.length === session.directed.length) continue
      const { account: after, effects } = setPresence({ ...session, directed })(current)
      current = after
      asked.push(...effects)
    }
    return { account: current, effects: asked }
  }

/** Shows the user's available sessions to the contacts of this audience, which was blocked (XEP-0191 §3.4). */
export const showTo =
  (audience: Audience): Transition =>
  account =>
    unchanged(
      account,
      availableOf(account).flatMap(({ available }) => toSubscribers(account, available, audience)),
    )

/** An unavailable presence on behalf of a session. */
export const unavailableFrom = (fullJid: string): Announcement =>
  announcement(outgoing(element('presence', { from: fullJid, type: 'unavailable' })))

/**
 * What a session learns with its initial presence (§4.2.2): the presence of the user's other sessions, and of the
 * contacts here that the user is subscribed to. Contacts elsewhere are asked (`askRemoteContacts`).
 */
export const presentOthers =
  (view: View, resource: Resource): Transition =>
  account => {
    const viewer = `${account.jid}/${resource}`
    const others = availableOf(account).filter(other => other.resource !== resource)
    const asked: Array<ImEffect> = others.map(({ available }) => submit(resource, addressed(available, viewer)))
    for (const { jid, state } of account.roster.items.values())
      if (seesContact(state) && isServed(view, jid) && !isBlocked(account, jid))
        asked.push({ _tag: 'AskPresence', account: jid, viewer })
    return { account, effects: asked }
  }

/** True if the account shows itself to `viewer`, of this server or another. Whom viewers block is for them to say. */
export const maySee = (shown: ImAccount, viewer: string): boolean => {
  if (viewer === shown.jid) return true
  const item = shown.roster.items.get(viewer)
  return item !== undefined && isSeenByContact(item.state) && !isBlocked(shown, viewer)
}

/** The presence of all available sessions of the account for a full JID, or for one elsewhere, if it lets them see it. */
export const presenceFor = (view: View, shown: ImAccount, viewer: string): ReadonlyArray<ImEffect> => {
  const available = availableOf(shown)
  if (available.length === 0 || !maySee(shown, bareOf(viewer)) || isBlocked(shown, viewer)) return []
  return available.map(({ available: presence }) =>
    bareOf(viewer) === shown.jid
      ? submit(resourceOf(viewer), addressed(presence, viewer))
      : isServed(view, viewer)
        ? { _tag: 'ShowPresence', to: viewer, presence }
        : { _tag: 'DeliverState', stanza: addressed(presence, viewer) },
  )
}

/** Sends one contact the presence of all available sessions of the account. */
export const presentTo =
  (contact: string): Transition =>
  account =>
    unchanged(
      account,
      availableOf(account).flatMap(({ available }) => toContact(available, contact, unblocked(account))),
    )

/** Tells one contact that all available sessions of the account are gone (§§3.2.2, 3.3.3). */
export const withdrawFrom =
  (contact: string): Transition =>
  account =>
    unchanged(
      account,
      availableOf(account).flatMap(({ resource }) =>
        toContact(unavailableFrom(`${account.jid}/${resource}`), contact, unblocked(account)),
      ),
    )

/** Somebody here announces their presence to this account, or to one of its sessions. */
export const receiveAnnouncement =
  (
    view: View,
    { to, presence, audience, reached }: { to: string; presence: Announcement; audience?: Audience; reached?: Reached },
  ): Transition =>
  account => {
    const recipients = recipientsOf(view, account, to).filter(
      resource => !hasAlready(account, reached, resource) && isIn(audience, `${account.jid}/${resource}`),
    )
    const { from } = presence.facts
    if (recipients.length === 0 || (from !== undefined && isBlocked(account, from))) return unchanged(account)
    const stanza = addressed(presence, to)
    return unchanged(
      account,
      recipients.map(resource => submit(resource, stanza)),
    )
  }

const hasAlready = (account: ImAccount, reached: Reached | undefined, resource: Resource): boolean =>
  reached !== undefined &&
  (reached.resources.includes(resource) ||
    (reached.available && availableOf(account).some(one => one.resource === resource)))

const toSubscribers = (
  { roster }: ImAccount,
  presence: Announcement,
  audience: Audience | undefined,
): ReadonlyArray<ImEffect> => {
  const shown: Array<ImEffect> = []
  for (const { jid, state } of roster.items.values())
    if (isSeenByContact(state)) shown.push(...toContact(presence, jid, audience))
  return shown
}

const toContact = (
  presence: Announcement,
  contact: string,
  audience: Audience | undefined,
): ReadonlyArray<ImEffect> => [
  { _tag: 'ShowPresence', to: contact, presence, ...(audience === undefined ? {} : { audience }) },
]

const toOwnSessions = (account: ImAccount, presence: Announcement): ReadonlyArray<ImEffect> =>
  availableOf(account).map(({ resource }) => submit(resource, addressed(presence, `${account.jid}/${resource}`)))

/**
 * To those to whom the session directed presence. Of subscribers, and of the user's `own` sessions, those that are available
 * have it by the broadcast; nobody gets it twice.
 */
const toDirected = (
  view: View,
  account: ImAccount,
  session: SessionPresence,
  presence: Announcement,
  audience: Audience | undefined,
  own: ReadonlyArray<string>,
): ReadonlyArray<ImEffect> => {
  const reached = new Map<string, Reached>([[account.jid, { available: false, resources: own }]])
  const isSubscriber = (contact: string): boolean =>
    session.available !== undefined && isSeenByContact(account.roster.items.get(contact)?.state ?? 'none')
  const shown: Array<ImEffect> = []
  for (const to of session.directed) {
    const contact = bareOf(to)
    const before = reached.get(contact) ?? { available: isSubscriber(contact), resources: [] }
    // A contact's server tells all of the contact's sessions.
    if (!isServed(view, contact) && before.available && isIn(audience, contact)) continue
    shown.push({
      _tag: 'ShowPresence',
      to,
      presence,
      ...(audience === undefined ? {} : { audience }),
      reached: before,
    })
    const resource = resourceOf(to)
    if (!isServed(view, contact)) continue
    reached.set(contact, {
      available: before.available || resource === '',
      resources: resource === '' ? before.resources : [...before.resources, resource],
    })
  }
  return shown
}
