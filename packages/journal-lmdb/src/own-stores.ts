/**
 * What a journal keeps beside its log, as stores: offline messages, counts of old sessions, records. What `sizeOf` lets pass
 * is applied when it is durable already, so it refuses all that could not be.
 */
import type { Json, PayloadCodec } from '@smacks/codec'
import type { BatchStore, OfflineChange, OfflineStore, OldSessionChange, RecordChange } from '@smacks/runtime'
import { bytesOfChange, bytesOfRemoval, bytesOfText } from './disk-reservation.js'
import { checkAccount, checkRecordKey, checkText } from './keys.js'
import type { OldSessions } from './old-sessions.js'
import type { Records } from './records.js'

export const offlineStore = <A>(
  offline: Pick<OfflineStore<A>, 'apply'>,
  payload: Pick<PayloadCodec<A>, 'encode'>,
): BatchStore<OfflineChange<A>> => ({
  kind: 'offline',
  sizeOf: change => {
    if (change._tag === 'DropOffline') return bytesOfChange + change.keys.length * bytesOfRemoval
    checkAccount(change.account)
    const record: Json = [payload.encode(change.stanza), { ...change.facts }]
    return bytesOfChange + bytesOfText(checkText(JSON.stringify(record)).length)
  },
  apply: change => offline.apply(change),
})

export const oldSessionsStore = ({ put, drop }: Pick<OldSessions, 'drop' | 'put'>): BatchStore<OldSessionChange> => ({
  kind: 'old-sessions',
  sizeOf: change => {
    if (change._tag === 'PutOldSession') checkAccount(change.account)
    return bytesOfChange
  },
  apply: change =>
    change._tag === 'PutOldSession' ? put(change.account, change.session) : drop(change.account, change.smId),
})

export const recordsStore = ({ apply, open }: Pick<Records, 'apply' | 'open'>): BatchStore<RecordChange> => ({
  kind: 'records',
  sizeOf: change => {
    // A database can't be opened in a transaction.
    open(change.kind)
    checkRecordKey(change.account, change.name)
    return bytesOfChange + (change._tag === 'PutRecord' ? bytesOfText(checkText(change.text).length) : 0)
  },
  apply,
})
