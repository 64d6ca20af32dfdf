/** The application's records, for as long as the process lives. */
import type { AccountId, BatchStore, Journal, RecordChange, StoredRecord } from '@smacks/runtime'

export interface Records {
  readonly store: BatchStore<RecordChange>
  readonly read: Journal<unknown>['records']
}

export const memoryRecords = (): Records => {
  const kinds = new Map<string, Map<AccountId, Map<string, string>>>()

  const put = (kind: string, account: AccountId, name: string, text: string): void => {
    const accounts = kinds.get(kind) ?? new Map<AccountId, Map<string, string>>()
    kinds.set(kind, accounts)
    const records = accounts.get(account) ?? new Map<string, string>()
    accounts.set(account, records)
    records.set(name, text)
  }
  const drop = (kind: string, account: AccountId, name: string): void => {
    const records = kinds.get(kind)?.get(account)
    records?.delete(name)
    if (records?.size === 0) kinds.get(kind)?.delete(account)
  }

  return {
    store: {
      kind: 'records',
      sizeOf: () => 0,
      apply: change =>
        change._tag === 'PutRecord'
          ? put(change.kind, change.account, change.name, change.text)
          : drop(change.kind, change.account, change.name),
    },
    read: (kind, account) => {
      const accounts = kinds.get(kind) ?? new Map<AccountId, ReadonlyMap<string, string>>()
      const wanted = account === undefined ? [...accounts.keys()].sort() : [account]
      return wanted.flatMap(one => sorted(one, accounts.get(one) ?? new Map()))
    },
  }
}

const sorted = (account: AccountId, records: ReadonlyMap<string, string>): ReadonlyArray<StoredRecord> =>
  [...records.keys()].sort().map(name => ({ account, name, text: records.get(name) ?? '' }))
