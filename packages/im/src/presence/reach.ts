/** Who is shown a presence. */
import type { AccountId } from '@smacks/runtime'

/** By block lists of the account that announces: who is on the one, and not on the other. */
export interface Audience {
  readonly of: AccountId
  readonly unless: ReadonlySet<string>
  /** Absent: everybody. */
  readonly listed?: ReadonlySet<string>
}

/** The sessions of an account that have the announcement already. */
export interface Reached {
  /** All that are available. */
  readonly available: boolean
  readonly resources: ReadonlyArray<string>
}
