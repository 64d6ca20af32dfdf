import { isListed } from '../blocks.js'
import type { ImAccount } from '../state.js'
import type { Audience } from './reach.js'

export const isIn = (audience: Audience | undefined, jid: string): boolean =>
  audience === undefined ||
  (!isListed(audience.unless, audience.of, jid) &&
    (audience.listed === undefined || isListed(audience.listed, audience.of, jid)))

/** Whom the account does not block. */
export const unblocked = ({ jid, roster }: ImAccount): Audience | undefined =>
  roster.blocked.size === 0 ? undefined : { of: jid, unless: roster.blocked }
