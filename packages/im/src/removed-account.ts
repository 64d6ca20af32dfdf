/** What the removal of an account means here: nothing of it stays. */
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'

/** Forgets counts of old sessions and all that services keep, on disk with this turn's batch, and in memory. */
export const forgetAccount = (context: Context, account: AccountId): void => {
  const { runtime, accounts, services } = context
  for (const { smId } of context.oldSessions(account)) runtime.change({ _tag: 'DropOldSession', account, smId })
  services.purge(account, context)
  accounts.forget(account)
}
