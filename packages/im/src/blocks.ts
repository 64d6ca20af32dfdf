/** Whom a user does not want to hear of (XEP-0191). */
import { bareOf, formatJid, type Jid, parseJid } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isSome } from '#fp-ts/Option'
import type { ImAccount } from './state.js'

type Blocking = Pick<ImAccount, 'jid' | 'roster'>

/** True if the account's block list has this JID: as it is, its bare JID, or its domain (XEP-0191 §4). */
export const isBlocked = ({ jid: account, roster }: Blocking, jid: string): boolean =>
  isListed(roster.blocked, account, jid)

/** The same of an address in its parts, which is written only where there is a list to look it up in. */
export const isAddressBlocked = (account: Blocking, address: Jid): boolean =>
  account.roster.blocked.size > 0 && isBlocked(account, formatJid(address))

/** True if it blocks the sender of what these facts are of. */
export const isFromBlocked = (account: Blocking, { from }: Pick<StanzaFacts, 'from'>): boolean =>
  from !== undefined && isBlocked(account, from)

/**
 * True if this block list of the account has the address or one that contains it. The account's own addresses it never
 * has, whatever is on it: a user's devices go on hearing of each other (§5).
 */
export const isListed = (blocked: ReadonlySet<string>, account: AccountId, jid: string): boolean => {
  if (blocked.size === 0) return false
  const bare = bareOf(jid)
  if (bare === account) return false
  if (blocked.has(jid) || blocked.has(bare)) return true
  const parsed = parseJid(jid)
  if (!isSome(parsed)) return false
  const { domain, resource } = parsed.value
  return blocked.has(domain) || (resource !== '' && blocked.has(`${domain}/${resource}`))
}
