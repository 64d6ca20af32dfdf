/**
 * Accounts that were removed while no server ran. Their sessions are in the journal still: the next start returns what
 * waits in them to its senders, so that it is neither lost without a word nor delivered to whoever has the name next.
 */
import type { Stanza } from '@smacks/codec'
import type { AccountId, Journal, RecordChange } from '@smacks/runtime'

/** The kind of the records. */
export const removedAccounts = 'removed-accounts'

/** Notes that sessions of this account are to be ended at the next start. */
export const removalOf = (account: AccountId): RecordChange => ({
  _tag: 'PutRecord',
  kind: removedAccounts,
  account,
  name: '',
  text: '{"v":1}',
})

/** That is done. */
export const removalDone = (account: AccountId): RecordChange => ({
  _tag: 'DropRecord',
  kind: removedAccounts,
  account,
  name: '',
})

/** Those whose sessions are to be ended. */
export const removalsIn = (records: Journal<Stanza>['records']): ReadonlySet<AccountId> =>
  new Set([...records(removedAccounts)].map(({ account }) => account))
