/** What the removal of an account means here: its contacts are told, and nothing of it stays. */
import type { AccountId } from '@smacks/runtime'
import { accountRecords } from './account-records.js'
import type { Context } from './context.js'

/** Forgets offline messages, counts of old sessions and records, on disk with this turn's batch, and in memory. */
export const forgetAccount = (context: Context, account: AccountId): void => {
  const { runtime, offline, records, accounts } = context
  const keys = offline.read(account).map(({ key }) => key)
  if (keys.length > 0) runtime.change({ _tag: 'DropOffline', account, keys })
  for (const { smId } of context.oldSessions(account)) runtime.change({ _tag: 'DropOldSession', account, smId })
  for (const kind of accountRecords)
    for (const { name } of [...records(kind, account)]) runtime.change({ _tag: 'DropRecord', kind, account, name })
  accounts.forget(account)
}
