/** Reads what is stored for an account, as fast as its sessions take it. */
import type { Stanza } from '@smacks/codec'
import { connectionOf, type Resource, sessionOf } from '@smacks/core'
import type { AccountId, OfflineMessage } from '@smacks/runtime'
import type { Context } from './context.js'
import { offlineBacklog, offlinePage, offlinePause, offlineRead } from './limits.js'
import { highestPriority, nonNegativePriority } from './presence/sessions.js'

/** Delivers what is stored, if it is not being delivered: after a restart. */
export const resumeDelivery = (context: Context, account: AccountId): void => {
  if (context.accounts.beginDelivery(account)) readStored(context, account)
}

/** Reads the next page, once all that is under way is durable, and its recipients have read what they were given. */
export const readStored = (context: Context, account: AccountId): void =>
  context.runtime.whenSettled(account, () => {
    const takers = takersOf(context, account)
    const pause = takers.length === 0 ? 0 : Math.min(...takers.map(resource => pauseOf(context, account, resource)))
    if (pause > 0) return context.later(pause, () => readStored(context, account))
    const page = takers.length === 0 ? [] : readPage(context, account)
    const isAll = context.runtime.isSettled(account)
    context.handle(account, { _tag: 'StoredRead', page, isAll })
  })

const takersOf = ({ accounts }: Context, account: AccountId): ReadonlyArray<string> =>
  highestPriority(nonNegativePriority(accounts.peek(account))).map(({ resource }) => resource)

/**
 * Milliseconds to wait before the next page, 0 for none. Storage holds any amount, a connection does not; so the
 * next page waits until somebody has read the last one. A session that hibernates is not filled up either, since
 * it could not be resumed then.
 */
const pauseOf = (context: Context, account: AccountId, resource: Resource): number => {
  const session = sessionOf(context.runtime.account(account), resource)
  if (session === undefined) return 0
  const connection = connectionOf(session)
  if (connection === undefined) return offlinePause.hibernating
  return context.unsent(connection) > offlineBacklog ? offlinePause.connected : 0
}

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
