/**
 * A journal in memory: a commit is done when it returns, so what can be seen is performed in the same turn.
 */
import {
  type BatchStore,
  BatchStores,
  type Change,
  ChangeRefused,
  type Journal,
  kindOf,
  type OfflineChange,
  type OfflineStore,
  type RegisteredStore,
} from '@smacks/runtime'
import { memoryOldSessions } from './old-sessions.js'
import { memoryRecords } from './records.js'

export interface JournalMemoryOptions<A> {
  /** Takes the offline messages of each batch. */
  readonly offline: OfflineStore<A>
  /** Stores of packages that take part in its batches; in memory too, so their `apply` cannot fail. */
  readonly stores?: ReadonlyArray<RegisteredStore<never>>
}

/**
 * A journal without a medium. Its batches cannot fail by themselves; if a store throws, it is the change that is to blame
 * (`ChangeRefused`).
 */
export const journalMemory = <A>({ offline, stores = [] }: JournalMemoryOptions<A>): Journal<A> => {
  const oldSessions = memoryOldSessions()
  const records = memoryRecords()
  const all = new BatchStores<A>([offlineStore(offline), oldSessions.store, records.store], stores)
  let closed = false

  /** Throws a `ChangeRefused`; then nothing of the batch has taken effect. */
  const write = (batch: ReadonlyArray<Change<A>>): void => {
    const changes = batch.filter(isKept)
    for (const change of changes) naming(change, () => all.sizeOf(change))
    // Messages that are stored are the only ones that can fail now, so they go first: no change of the same batch can name them.
    const messages = changes.filter(isPutOffline)
    for (const [index, change] of messages.entries())
      naming(change, () => {
        try {
          all.apply(change)
        } catch (cause) {
          dropAgain(offline, messages.slice(0, index))
          throw cause
        }
      })
    for (const change of changes) if (!isPutOffline(change)) all.apply(change)
  }

  return {
    commit: batch => {
      if (closed) return Promise.reject(new Error('cannot commit to memory: the journal is closed'))
      try {
        write(batch)
        return undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    records: records.read,
    oldSessions: oldSessions.read,
    close: async () => {
      closed = true
    },
  }
}

const offlineStore = <A>(offline: OfflineStore<A>): BatchStore<OfflineChange<A>> => ({
  kind: 'offline',
  sizeOf: () => 0,
  apply: change => offline.apply(change),
})

/** Sessions do not outlive the process. */
const isKept = (change: Change<unknown>): boolean => kindOf(change) !== 'sessions'

type PutOffline<A> = Extract<Change<A>, { readonly _tag: 'PutOffline' }>

const isPutOffline = <A>(change: Change<A>): change is PutOffline<A> => change._tag === 'PutOffline'

/** Later messages of an account have greater keys. */
const dropAgain = <A>(offline: OfflineStore<A>, applied: ReadonlyArray<PutOffline<A>>): void => {
  for (const account of new Set(applied.map(change => change.account))) {
    const count = applied.filter(change => change.account === account).length
    const keys = offline.read(account).map(({ key }) => key)
    offline.apply({ _tag: 'DropOffline', account, keys: keys.slice(-count) })
  }
}

/** Does what belongs to a change; an error of it names the change and the account. */
const naming = (change: Change<unknown>, act: () => void): void => {
  try {
    act()
  } catch (cause) {
    const reason = `cannot commit to memory: ${change._tag} for ${change.account}: ${String(cause)}`
    throw new ChangeRefused(change, reason, { cause })
  }
}
