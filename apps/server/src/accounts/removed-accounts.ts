/**
 * Accounts whose removal is not finished. It begins with a record in the transaction that removes the keys, so from there on
 * nobody can log in; it ends with the batch that forgets the last of it, this record included. Whatever becomes of the process
 * in between, the next start goes on: it returns what waits in the account's sessions to its senders, tells its contacts, and
 * forgets all else, so that whoever has the name next finds nothing.
 */
import type { Stanza } from '@smacks/codec'
import type { AccountId, Journal, RecordChange } from '@smacks/runtime'

/** The kind of the records. */
export const removedAccounts = 'removed-accounts'

/** Notes that this account is to be forgotten. */
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

/** Those that are to be forgotten. */
export const removalsIn = (records: Journal<Stanza>['records']): ReadonlySet<AccountId> =>
  new Set([...records(removedAccounts)].map(({ account }) => account))
