/**
 * Messages for those who are not there (XEP-0160).
 *
 * Storing goes through the loop, into the same batch as all else of the turn. Delivering reads what is durable, so it
 * waits for what is under way; what comes meanwhile lines up in storage behind the rest, until there is nothing left, so
 * that the order is kept.
 */
import { Stanza, withDelay } from '@smacks/codec'
import { connectionOf, type Instant, sessionOf } from '@smacks/core'
import type { AccountId, OfflineMessage } from '@smacks/runtime'
import { isFromBlocked } from './blocks.js'
import { submitWithCopies } from './carbons.js'
import type { Context } from './context.js'
import { offlineBacklog, offlinePage, offlinePause, offlineRead } from './limits.js'
import { noteStoring, refusalToStore } from './offline-room.js'
import { mostAvailable, receptiveOf } from './presence/state.js'
import { type Outgoing, type Refusal, refuse, serviceUnavailable } from './sending.js'
import { domainOf } from './served.js'

/** Stores a message, as first submitted `at`. Returns the error for its sender if there is no room for it, or no storage. */
export const storeOffline = (
  context: Context,
  account: AccountId,
  message: Outgoing,
  at: Instant,
): Refusal | undefined => (context.offlineStorage() ? storeBehind(context, account, message, at) : serviceUnavailable)

/**
 * True if a message that a session left is to be stored. Where there is no room for it, it goes back to its sender, if that
 * expects an error. The core decided that messages are stored.
 */
export const mayStoreLeft = (context: Context, account: AccountId, message: Outgoing): boolean => {
  const refused = refusalToStore(context, account, message)
  if (refused === undefined) noteStoring(context, account, message)
  else if (!message.facts.neverReturned) refuse(context, message.stanza.head, refused)
  return refused === undefined
}

/**
 * Puts a message behind those that are stored, also where an operator wants no more of them stored: it must not overtake
 * those that are being delivered. False if there is no room for it.
 */
export const queueBehindStored = (context: Context, account: AccountId, message: Outgoing, at: Instant): boolean =>
  storeBehind(context, account, message, at) === undefined

const storeBehind = (context: Context, account: AccountId, message: Outgoing, at: Instant): Refusal | undefined => {
  const refused = refusalToStore(context, account, message)
  if (refused !== undefined) return refused
  const { stanza, facts } = message
  context.runtime.change({ _tag: 'PutOffline', account, stanza, facts, at })
  noteStoring(context, account, message)
  return undefined
}

/** True while new messages must line up behind those in storage. */
export const isDraining = (context: Context, account: AccountId): boolean => context.draining.has(account)

/**
 * Delivers what is stored, oldest first, to the most available sessions. Safe to call at any time: what is being
 * delivered already is not delivered again.
 */
export const deliverOffline = (context: Context, account: AccountId): void => {
  if (context.draining.has(account)) return
  deliverPages(context, account)
}

const deliverPages = (context: Context, account: AccountId): void => {
  context.draining.add(account)
  context.runtime.whenSettled(account, () => {
    const pause = pauseBefore(context, account)
    if (pause > 0) return context.later(pause, () => deliverPages(context, account))
    if (deliverPage(context, account) === 'last') context.draining.delete(account)
    else deliverPages(context, account)
  })
}

/**
 * Milliseconds to wait before the next page, 0 for none. Storage holds any amount, a connection does not; so the
 * next page waits until somebody has read the last one. A session that hibernates is not filled up either, since
 * it could not be resumed then.
 */
const pauseBefore = (context: Context, account: AccountId): number => {
  const takers = mostAvailable(receptiveOf(context.presences, account))
  const pauses = takers.map(({ resource }) => pauseOf(context, account, resource))
  return pauses.length === 0 ? 0 : Math.min(...pauses)
}

const pauseOf = (context: Context, account: AccountId, resource: string): number => {
  const session = sessionOf(context.runtime.account(account), resource)
  if (session === undefined) return 0
  const connection = connectionOf(session)
  if (connection === undefined) return offlinePause.hibernating
  return context.unsent(connection) > offlineBacklog ? offlinePause.connected : 0
}

/** Delivers what one page holds; the last if nobody is there to take more, or if there is no more and none on its way. */
const deliverPage = (context: Context, account: AccountId): 'last' | 'one of several' => {
  const takers = mostAvailable(receptiveOf(context.presences, account))
  if (takers.length === 0) return 'last'
  const page = readPage(context, account)
  if (page.length === 0) return context.runtime.isSettled(account) ? 'last' : 'one of several'
  const domain = domainOf(account)
  for (const message of page) {
    const { facts } = message
    // The core stores what a session leaves unacked whatever it says.
    if (facts.transient === true) continue
    // Blocked since it was stored (XEP-0191 §3.3): dropped, since an answer now would tell when the user comes back.
    if (isFromBlocked(context, account, facts)) continue
    const late = delayed(message, domain)
    const at = context.clock.now()
    const receivers = meantFor(message, takers).map(({ resource }) => resource)
    submitWithCopies(context, account, receivers, late, at)
  }
  context.runtime.change({ _tag: 'DropOffline', account, keys: page.map(({ key }) => key) })
  return 'one of several'
}

/** A message to a full JID is that session's, if it is there again; otherwise it is like one to the bare JID. */
const meantFor = <Taker extends { readonly resource: string }>(
  { facts }: OfflineMessage<Stanza>,
  takers: ReadonlyArray<Taker>,
): ReadonlyArray<Taker> => {
  const addressee = facts.to === undefined ? undefined : takers.find(({ resource }) => isOf(resource, facts.to))
  return addressee === undefined ? takers : [addressee]
}

const isOf = (resource: string, to = ''): boolean => to.slice(to.indexOf('/') + 1) === resource && to.includes('/')

/** The oldest messages, as many as may leave at once. */
const readPage = (context: Context, account: AccountId): ReadonlyArray<OfflineMessage<Stanza>> => {
  const page: Array<OfflineMessage<Stanza>> = []
  let length = 0
  while (length < offlinePage) {
    const read = context.offline.read(account, offlineRead, page.at(-1)?.key)
    if (read.length === 0) break
    for (const { stanza } of read) length += stanza.xml.length
    page.push(...read)
  }
  return page
}

/** The message with the time at which it was first submitted (XEP-0203), from the domain of its recipient. */
export const delayed = ({ stanza, facts, at }: Omit<OfflineMessage<Stanza>, 'key'>, domain: string): Outgoing => ({
  stanza: facts.delayed ? stanza : Stanza.fromXml(withDelay(stanza.xml, facts, domain, at)),
  facts: { ...facts, delayed: true },
})
