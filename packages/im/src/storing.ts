/** What is on its way to the offline store. */
import type { AccountId, OfflineUsage } from '@smacks/runtime'

/** What is on its way to the stores, by account. */
export type Storing = Map<AccountId, OnItsWay>

export interface OnItsWay {
  /** By sender; that of all senders has no name. */
  readonly bySender: Map<string, OfflineUsage>
  /** Take off what may be durable by now; nobody has asked the loop yet when it is. */
  unasked: Array<() => void>
}
