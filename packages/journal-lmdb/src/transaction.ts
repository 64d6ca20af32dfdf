/** A batch as a transaction: what it writes, how much that is, and what is to be done when it is committed. */
import type { Json, PayloadCodec } from '@smacks/codec'
import type { Change, OfflineStore, RecordChange, SessionChange } from '@smacks/runtime'
import { bytesOfChange, bytesOfRemoval, bytesOfText } from './disk-reservation.js'
import { checkText } from './keys.js'
import { naming } from './naming.js'
import type { OldSessions } from './old-sessions.js'
import type { Records } from './records.js'
import type { SessionStore } from './session-store.js'

/** Where the changes of a batch go. */
export interface Stores<A> {
  readonly offline: Pick<OfflineStore<A>, 'apply'>
  readonly oldSessions: Pick<OldSessions, 'drop' | 'put'>
  readonly records: Pick<Records, 'apply' | 'open'>
  readonly sessions: Pick<SessionStore<A>, 'isStored' | 'isThere' | 'nextSeq' | 'prepare'>
  readonly payload: Pick<PayloadCodec<A>, 'encode'>
}

export interface Transaction {
  /** Bytes that it writes, at most, besides the upper pages of the trees. */
  readonly size: number
  /** Writes all of it, in the transaction that this is called in; nothing if an earlier attempt is there. */
  readonly run: () => void
  /** True if what `run` wrote is committed. */
  readonly isCommitted: () => boolean
  /** To be called once it is, before the next transaction. */
  readonly conclude: () => void
}

/** The number that each batch was stored under, or was to be: a commit that failed may be durable all the same. */
export type RowNumbers = WeakMap<ReadonlyArray<unknown>, number>

/** Throws a `ChangeRefused` if something of the batch cannot be written. */
export const transactionOf = <A>(
  batch: ReadonlyArray<Change<A>>,
  stores: Stores<A>,
  numbers: RowNumbers,
): Transaction => {
  const { records, sessions } = stores
  const others = batch.filter(isOther)
  // A database can't be opened in a transaction.
  for (const change of others) if (isRecord(change)) naming(change, () => records.open(change.kind))
  const size = others.reduce((sum, change) => sum + sizeOf(change, stores), 0)
  const prepared = sessions.prepare(batch.filter(isOfSessions))
  const tried = numbers.get(batch)
  let seq = 0
  return {
    size: size + prepared.size,
    run: () => {
      seq = tried ?? 0
      if (tried !== undefined && sessions.isStored(tried)) return
      seq = sessions.nextSeq()
      numbers.set(batch, seq)
      for (const change of others) naming(change, () => applyTo(stores, change))
      prepared.store(seq)
    },
    isCommitted: () => sessions.isThere(seq),
    conclude: () => prepared.conclude(seq),
  }
}

type OtherChange<A> = Exclude<Change<A>, SessionChange<A>>

const applyTo = <A>({ offline, oldSessions, records }: Stores<A>, change: OtherChange<A>): void => {
  switch (change._tag) {
    case 'PutOffline':
    case 'DropOffline':
      return offline.apply(change)
    case 'PutOldSession':
      return oldSessions.put(change.account, change.session)
    case 'DropOldSession':
      return oldSessions.drop(change.account, change.smId)
    case 'PutRecord':
    case 'DropRecord':
      return records.apply(change)
  }
}

const sizeOf = <A>(change: OtherChange<A>, { payload }: Stores<A>): number => {
  switch (change._tag) {
    case 'PutOffline': {
      const text = naming(change, () => {
        const record: Json = [payload.encode(change.stanza), { ...change.facts }]
        return checkText(JSON.stringify(record))
      })
      return bytesOfChange + bytesOfText(text.length)
    }
    case 'PutRecord':
      return bytesOfChange + bytesOfText(naming(change, () => checkText(change.text)).length)
    case 'DropOffline':
      return bytesOfChange + change.keys.length * bytesOfRemoval
    default:
      return bytesOfChange
  }
}

const isOfSessions = <A>(change: Change<A>): change is SessionChange<A> => {
  switch (change._tag) {
    case 'EventLogged':
    case 'Baseline':
    case 'PutSnapshot':
    case 'KeepUnacked':
    case 'ForgetKept':
      return true
    default:
      return false
  }
}

const isOther = <A>(change: Change<A>): change is OtherChange<A> => !isOfSessions(change)

const isRecord = (change: { readonly _tag: string }): change is RecordChange =>
  change._tag === 'PutRecord' || change._tag === 'DropRecord'
