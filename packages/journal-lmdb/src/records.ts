/** The application's records: one database a kind, named as the kind, key `[account, name]`. */
import type { AccountId, Journal, RecordChange, StoredRecord } from '@smacks/runtime'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import { checkKind, checkRecordKey, entriesOf, isStorable } from './keys.js'

type RecordKey = [account: AccountId, name: string]

export interface Records {
  /** Opens the database of a kind, since that can't be done in a transaction. Throws an `Error` if its name is refused. */
  readonly open: (kind: string) => void
  /** Belongs into a transaction. */
  readonly apply: (change: RecordChange) => void
  readonly read: Journal<unknown>['records']
}

export const openRecords = (env: Environment): Records => {
  const kinds = new Map<string, Database<string, RecordKey>>()
  const open = (kind: string): Database<string, RecordKey> => {
    const known = kinds.get(kind)
    if (known !== undefined) return known
    checkKind(kind)
    const opened: Database<string, RecordKey> = env.openDB({ name: kind, encoding: 'string' })
    kinds.set(kind, opened)
    return opened
  }
  return {
    open: kind => void open(kind),
    apply: change => {
      const { kind, account, name } = change
      checkRecordKey(account, name)
      const records = open(kind)
      if (change._tag === 'PutRecord') records.putSync([account, name], change.text)
      else records.removeSync([account, name])
    },
    read: (kind, account) => recordsIn(open(kind), account),
  }
}

function* recordsIn(
  records: Database<string, RecordKey>,
  account: AccountId | undefined,
): Generator<StoredRecord, void, undefined> {
  if (account !== undefined && !isStorable(account)) return
  const found =
    account === undefined ? records.getRange({}) : entriesOf(account, records.getRange({ start: [account] }))
  for (const { key, value } of found) yield { account: key[0], name: key[1], text: value }
}
