/** How batches become durable: one way for each durability. */
import type { Change, Reading } from '@smacks/runtime'
import type { LogBatchesOptions } from './log-batches.js'

export interface CommitsOptions<A> extends LogBatchesOptions<A> {
  /** False if a store is read without `reading`: then nothing waits that is for stores. */
  readonly defersAll: boolean
}

export interface Commits<A> {
  /** As in the port `Journal`; none of the batches is empty. */
  readonly commit: (batch: ReadonlyArray<Change<A>>) => Promise<void> | undefined
  /** What is durable is in LMDB when this returns. Throws an `Error` if it cannot be. */
  readonly bringUpToDate: () => void
  /** How LMDB is read meanwhile. It throws what `read` throws, and does not fail where LMDB cannot be written. */
  readonly reading: Reading
  /** Resolves when nothing is under way. */
  readonly close: () => Promise<void>
}
