/**
 * What takes part in a batch. A journal makes a batch durable as one; each change of it belongs to a store, and the stores are
 * registered with the journal: offline messages, records, counts of old sessions, and whatever a package adds (an archive, for
 * example). What the journal itself keeps of sessions is its log, which no store replaces.
 */

import type { AccountId } from './account-id.js'
import type { Change } from './ports.js'
import type { Reading } from './reading.js'
import type { StoreChange } from './store-change.js'

/** Writes the changes of one kind. */
export interface BatchStore<C extends { readonly account: AccountId }> {
  /** Names the store: no other that is registered with the same journal has this name. */
  readonly kind: string
  /**
   * How many bytes the change takes in storage, at most. Called before anything of the batch is written. Throws an `Error` if
   * the change can never be written: it is refused then (`ChangeRefused`), and nothing of its batch is committed.
   */
  readonly sizeOf: (change: C) => number
  /**
   * Writes the change, in the transaction that it is called in. Changes come in the order of the batches, each once. All of the
   * batch may be durable in the journal's log by then, so it must not throw: `sizeOf` refuses. A change that fails all the same is left
   * out, and that is reported. What it writes follows from the change and what is stored alone: the transaction may be given
   * up, and the change come again in another.
   */
  readonly apply: (change: C) => void
  /**
   * Present if the store can take changes late: the journal calls it once, and all reads of the store go through what it is
   * given. Without this nothing waits that is for the store.
   */
  readonly aroundReads?: (reading: Reading) => void
}

/** A store that a package registers. */
export type RegisteredStore<Data = unknown> = BatchStore<StoreChange<Data>>

/** The kinds of the changes that every journal knows. */
type KnownChange<A> = Exclude<Change<A>, StoreChange>

/** The store of a change, as a journal names its own, or as a package named it. */
export const kindOf = (change: Change<unknown>): string =>
  change._tag === 'StoreChange' ? change.kind : kinds[change._tag]

const kinds: Readonly<Record<KnownChange<unknown>['_tag'], string>> = {
  PutOffline: 'offline',
  DropOffline: 'offline',
  PutOldSession: 'old-sessions',
  DropOldSession: 'old-sessions',
  PutRecord: 'records',
  DropRecord: 'records',
  EventLogged: 'sessions',
  Baseline: 'sessions',
  PutSnapshot: 'sessions',
  KeepUnacked: 'sessions',
  ForgetKept: 'sessions',
}

/**
 * The stores of a journal, its own and those that were registered. Throws an `Error` if two have one name, or if one has the
 * name of what every journal keeps.
 */
export class BatchStores<A> {
  private readonly byKind = new Map<string, BatchStore<never>>()

  constructor(own: OwnStores<A>, registered: ReadonlyArray<RegisteredStore<never>> = []) {
    for (const store of own) this.byKind.set(store.kind, store)
    for (const store of registered) {
      if (store.kind === 'sessions' || this.byKind.has(store.kind))
        throw new Error(`two stores are called ${JSON.stringify(store.kind)}`)
      this.byKind.set(store.kind, store)
    }
  }

  /** Bytes of storage that the change takes, at most. Throws an `Error` if its store refuses it, or if none has its kind. */
  sizeOf(change: Change<A>): number {
    return this.storeOf(change).sizeOf(change)
  }

  /** Has its store write the change. Throws what the store throws, and an `Error` if none has its kind. */
  apply(change: Change<A>): void {
    this.storeOf(change).apply(change)
  }

  /** A store takes what has its kind: whoever makes a change names the store by the same word. */
  private storeOf(change: Change<A>): BatchStore<Change<A>> {
    const store: BatchStore<never> | undefined = this.byKind.get(kindOf(change))
    if (store === undefined) throw new Error(`no store of the kind ${JSON.stringify(kindOf(change))} is registered`)
    return store as BatchStore<Change<A>>
  }
}

/** What every journal keeps beside its log. */
export type OwnStores<A> = readonly [
  offline: BatchStore<Extract<Change<A>, { readonly _tag: 'DropOffline' | 'PutOffline' }>>,
  oldSessions: BatchStore<Extract<Change<A>, { readonly _tag: 'DropOldSession' | 'PutOldSession' }>>,
  records: BatchStore<Extract<Change<A>, { readonly _tag: 'DropRecord' | 'PutRecord' }>>,
]
