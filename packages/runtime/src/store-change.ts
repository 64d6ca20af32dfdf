/** What a registered store writes. */
import type { AccountId } from './account-id.js'

/** A change of a store that a package registered with the journal. */
export interface StoreChange<Data = unknown> {
  readonly _tag: 'StoreChange'
  /** The store's. */
  readonly kind: string
  readonly account: AccountId
  /** What is to be written, as JSON that nobody changes any more. */
  readonly data: Data
  /** About how many bytes it takes in storage: it bounds the batch. */
  readonly size: number
}
