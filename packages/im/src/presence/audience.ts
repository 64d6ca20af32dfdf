/** Who of those that an announcement is for really gets it. */
import type { AccountId } from '@smacks/runtime'
import { isListed } from '../blocks.js'
import type { ImAccount } from '../state.js'

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

export const isIn = (audience: Audience | undefined, jid: string): boolean =>
  audience === undefined ||
  (!isListed(audience.unless, audience.of, jid) &&
    (audience.listed === undefined || isListed(audience.listed, audience.of, jid)))

/** Whom the account does not block. */
export const unblocked = ({ jid, roster }: ImAccount): Audience | undefined =>
  roster.blocked.size === 0 ? undefined : { of: jid, unless: roster.blocked }
