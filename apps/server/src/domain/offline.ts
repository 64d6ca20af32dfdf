/**
 * Messages for those who are not there (XEP-0160).
 *
 * Storing goes through the loop, into the same batch as all else of the turn. Delivering reads what is durable, so
 * it waits until no change of the account is under way; what comes meanwhile for the bare JID lines up in
 * storage behind the rest, for a bounded time, so that the order is kept.
 */
import { bareOf, Stanza, withDelay } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import type { AccountId, OfflineMessage } from '@smacks/runtime'
import type { Context } from './context.js'
import { offlineHold, offlineMessages, offlinePage } from './limits.js'
import { saysSomething } from './message-rules.js'
import { mostAvailable, receptiveOf } from './presence/state.js'
import { type Outgoing, submit } from './sending.js'

/** Stores a message, as first submitted `at`; false if the account's storage is full or there is none. */
export const storeOffline = (
  context: Context,
  account: AccountId,
  { stanza, facts }: Outgoing,
  at: Instant,
): boolean => {
  if (!context.offlineStorage || context.offline.count(account) >= offlineMessages) return false
  context.runtime.change({ _tag: 'PutOffline', account, stanza, facts, at })
  return true
}

/** True while new messages for the bare JID must line up behind those in storage. */
export const isDraining = (context: Context, account: AccountId): boolean => {
  const until = context.draining.get(account)
  return until !== undefined && context.clock.now() < until
}

/**
 * Delivers what is stored, oldest first, to the most available sessions. Safe to call at any time: what is being
 * delivered already is not delivered again.
 */
export const deliverOffline = (context: Context, account: AccountId): void => {
  if (context.draining.has(account)) return
  deliverPages(context, account)
}

const deliverPages = (context: Context, account: AccountId): void => {
  context.draining.set(account, context.clock.now() + offlineHold)
  context.runtime.whenSettled(account, () => {
    context.draining.delete(account)
    if (deliverPage(context, account)) deliverPages(context, account)
  })
}

/** Delivers what one page holds; false if there was nothing, or nobody to take it. */
const deliverPage = (context: Context, account: AccountId): boolean => {
  const takers = mostAvailable(receptiveOf(context.presences, account))
  if (takers.length === 0) return false
  const page = context.offline.read(account, offlinePage)
  if (page.length === 0) return false
  const domain = domainOf(account)
  for (const message of page) {
    const { stanza } = message
    // The core stores what a session leaves unacked without looking into it.
    if (!saysSomething(stanza.element)) continue
    const late = delayed(message, domain)
    for (const { resource } of takers) submit(context, account, resource, late)
  }
  context.runtime.change({ _tag: 'DropOffline', account, keys: page.map(({ key }) => key) })
  return true
}

/** The message with the time at which it was first submitted (XEP-0203), from the domain of its recipient. */
export const delayed = ({ stanza, facts, at }: Omit<OfflineMessage<Stanza>, 'key'>, domain: string): Outgoing => ({
  stanza: facts.delayed ? stanza : Stanza.fromXml(withDelay(stanza.xml, facts, domain, at)),
  facts: { ...facts, delayed: true },
})

/** The domain of an account. */
export const domainOf = (account: AccountId): string => bareOf(account.slice(account.indexOf('@') + 1))
