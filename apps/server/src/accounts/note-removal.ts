/** Removals in the data folder itself, where a server may run beside. */
import type { Stanza } from '@smacks/codec'
import {
  type Environment,
  type InspectionOptions,
  inspectJournal,
  openRecords,
  repairAccount,
} from '@smacks/journal-lmdb'
import { anyStanza, journalledStanza } from '../stanza-payload.js'
import { removalOf, removalsIn, removedAccounts } from './removed-accounts.js'

/** Belongs into a transaction, before the one that removes the account from among the accounts. */
export const noteRemoval = (env: Environment): ((account: string) => void) => {
  const records = openRecords(env)
  // A database cannot be opened in a transaction.
  records.open(removedAccounts)
  return account => records.apply(removalOf(account))
}

/** Deletes what cannot be read of these accounts, since no server could return it. Before the journal is opened. */
export const forgetUnreadable = (journal: InspectionOptions<Stanza>, accounts: ReadonlySet<string>): void => {
  if (accounts.size === 0) return
  for (const { account, quarantined } of inspectJournal(journal).accounts)
    if (quarantined !== undefined && accounts.has(account)) repairAccount(journal, account, 'forget')
}

/** The same of all whose removal is not finished. */
export const forgetUnreadableRemoved = (env: Environment): void =>
  forgetUnreadable({ env, payload: journalledStanza, absent: anyStanza }, removalsIn(openRecords(env).read))
