/** How batches become durable: one way for each durability. */
import type { AccountId, Change } from '@smacks/runtime'
import type { LogBatchesOptions } from './log-batches.js'

export interface CommitsOptions<A> extends LogBatchesOptions<A> {
  /** False if somebody reads LMDB who does not call `bringUpToDate` before: then nothing that they read waits. */
  readonly defersAll: boolean
}

export interface Commits<A> {
  /** As in the port `Journal`; none of the batches is empty. */
  readonly commit: (batch: ReadonlyArray<Change<A>>) => Promise<void> | undefined
  /** What is durable is in LMDB when this returns: of an account, or all of it. Throws an `Error` if it cannot be. */
  readonly bringUpToDate: (account?: AccountId) => void
  /** Resolves when nothing is under way. */
  readonly close: () => Promise<void>
}
