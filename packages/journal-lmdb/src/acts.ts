/**
 * What a batch says of things that lie in LMDB: it is done there when the batch is durable in the log, in the order of the
 * batches, each once.
 */
import type { Counter, Resource } from '@smacks/core'
import type { AccountId, Change, SessionChange } from '@smacks/runtime'

/** A change that is none of sessions. */
export type OtherChange<A> = Exclude<Change<A>, SessionChange<A>>

export type Act<A> =
  /** The encoded state, or none where nothing is left. It covers the rows before that of its batch. */
  | { readonly _tag: 'Snapshot'; readonly account: AccountId; readonly state: string | undefined }
  /** Encoded stanzas. */
  | {
      readonly _tag: 'Keep'
      readonly account: AccountId
      readonly resource: Resource
      readonly from: Counter
      readonly texts: ReadonlyArray<string>
    }
  | {
      readonly _tag: 'Forget'
      readonly account: AccountId
      readonly resource: Resource
      readonly from: Counter
      readonly count: number
    }
  | { readonly _tag: 'Other'; readonly account: AccountId; readonly change: OtherChange<A> }

/** What the batch of one row is to do. */
export interface RowActs<A> {
  readonly seq: number
  readonly acts: ReadonlyArray<Act<A>>
}
