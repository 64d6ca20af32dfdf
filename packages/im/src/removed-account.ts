/** What the domain does about an account that is removed. */
import type { AccountId } from '@smacks/runtime'
import { accountRecords } from './account-records.js'
import type { Context } from './context.js'
import { endSubscriptions } from './presence/subscribing.js'
import { forgetStale } from './remote/stale.js'

/**
 * Ends the subscriptions of all contacts, in both directions, as if the user had removed them from the roster (RFC 6121
 * §2.5.2): whoever has the name next is nobody's contact. Contacts elsewhere are told once, as far as their server can be
 * reached: nobody would be there to say it again.
 */
export const leaveContacts = (context: Context, account: AccountId): void => {
  for (const item of [...context.rosters.roster(account).items.values()]) endSubscriptions(context, account, item)
}

/** Forgets offline messages, counts of old sessions and records, on disk with this turn's batch, and in memory. */
export const forgetAccount = (context: Context, account: AccountId): void => {
  const { runtime, offline, records, rosters } = context
  const keys = offline.read(account).map(({ key }) => key)
  if (keys.length > 0) runtime.change({ _tag: 'DropOffline', account, keys })
  for (const { smId } of context.oldSessions(account)) runtime.change({ _tag: 'DropOldSession', account, smId })
  for (const kind of accountRecords)
    for (const { name } of [...records(kind, account)]) runtime.change({ _tag: 'DropRecord', kind, account, name })
  rosters.forget(account)
  forgetStale(context.stale, account)
  context.presences.byAccount.delete(account)
  context.draining.delete(account)
}
