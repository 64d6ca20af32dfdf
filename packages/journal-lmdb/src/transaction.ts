/** A batch as a transaction: what it writes, how much that is, and what is to be done when it is committed. */
import { type BatchStores, type Change, kindOf, type SessionChange } from '@smacks/runtime'
import { naming } from './naming.js'
import type { SessionStore } from './session-store.js'

/** Where the changes of a batch go. */
export interface Stores<A> {
  readonly sessions: Pick<SessionStore<A>, 'isStored' | 'isThere' | 'nextSeq' | 'prepare'>
  /** All else. */
  readonly others: BatchStores<A>
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
  const { sessions } = stores
  const others = batch.filter(change => !isOfSessions(change))
  const size = others.reduce((sum, change) => sum + naming(change, () => stores.others.sizeOf(change)), 0)
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
      for (const change of others) naming(change, () => stores.others.apply(change))
      prepared.store(seq)
    },
    isCommitted: () => sessions.isThere(seq),
    conclude: () => prepared.conclude(seq),
  }
}

const isOfSessions = <A>(change: Change<A>): change is SessionChange<A> => kindOf(change) === 'sessions'
