/**
 * Messages for those who are not there (XEP-0160).
 *
 * Storing is part of the same batch as all else of the turn. Delivering reads what is durable, so it waits for what is under
 * way (`stored.ts`); what comes meanwhile goes into storage behind the rest, until there is nothing left, so that the order
 * is kept.
 */

import type { Stanza } from '@smacks/codec'
import { domainpartOf } from '@smacks/codec'
import type { Instant, Resource } from '@smacks/core'
import type { OfflineMessage } from '@smacks/runtime'
import { isFromBlocked } from './blocks.js'
import { submitWithCopies } from './carbons.js'
import type { ImEffect } from './effect.js'
import type { StoredRead } from './event.js'
import type { Outgoing, Refusal } from './outgoing.js'
import type { AvailableSession } from './presence/session-presence.js'
import { highestPriority, nonNegativePriority } from './presence/sessions.js'
import { delayed, serviceUnavailable } from './stanzas.js'
import { type Transition, unchanged } from './state.js'
import type { View } from './view.js'

/** Stores a message, as first submitted `at`; or the error for its sender if there is no room for it, or no storage. */
export const storeOffline = (view: View, message: Outgoing, at: Instant): ReadonlyArray<ImEffect> | Refusal =>
  view.storesOffline ? (view.refusalToStore(message) ?? [{ _tag: 'StoreOffline', message, at }]) : serviceUnavailable

/**
 * Puts a message behind those that are stored, also where an operator wants no more of them stored: it must not overtake
 * those that are being delivered. Nothing if there is no room for it.
 */
export const queueBehindStored = (view: View, message: Outgoing, at: Instant): ReadonlyArray<ImEffect> | undefined =>
  view.refusalToStore(message) === undefined ? [{ _tag: 'StoreOffline', message, at }] : undefined

/**
 * Delivers what is stored, oldest first, to the sessions of the highest priority. Safe at any time: what is being
 * delivered already is not delivered again.
 */
export const deliverStored: Transition = account =>
  account.isDeliveringStored
    ? unchanged(account)
    : { account: { ...account, isDeliveringStored: true }, effects: [{ _tag: 'ReadStored' }] }

/** Delivers a page; it was the last if nobody is there to take more, or if there is no more and none on its way. */
export const deliverPage =
  (view: View, { page, isAll }: StoredRead): Transition =>
  account => {
    const takers = highestPriority(nonNegativePriority(account))
    if (takers.length === 0 || (page.length === 0 && isAll)) return unchanged({ ...account, isDeliveringStored: false })
    if (page.length === 0) return unchanged(account, [{ _tag: 'ReadStored' }])
    const domain = domainpartOf(account.jid)
    const delivered: Array<ImEffect> = []
    for (const message of page) {
      const { facts } = message
      // The core stores what a session leaves unacked whatever it says.
      if (facts.transient === true) continue
      // Blocked since it was stored (XEP-0191 §3.3): dropped, since an answer now would tell when the user comes back.
      if (isFromBlocked(account, facts)) continue
      const receivers = meantFor(message, takers).map(({ resource }) => resource)
      delivered.push(...submitWithCopies(account, receivers, delayed(message, domain), view.now))
    }
    const keys = page.map(({ key }) => key)
    return unchanged(account, [...delivered, { _tag: 'DropOffline', keys }, { _tag: 'ReadStored' }])
  }

/** A message to a full JID is that session's, if it is there again; otherwise it is like one to the bare JID. */
const meantFor = (
  { facts }: OfflineMessage<Stanza>,
  takers: ReadonlyArray<AvailableSession>,
): ReadonlyArray<AvailableSession> => {
  const addressee = facts.to === undefined ? undefined : takers.find(({ resource }) => isOf(resource, facts.to))
  return addressee === undefined ? takers : [addressee]
}

const isOf = (resource: Resource, to = ''): boolean => to.slice(to.indexOf('/') + 1) === resource && to.includes('/')
