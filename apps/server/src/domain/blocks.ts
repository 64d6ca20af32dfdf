/** Whom a user does not want to hear of (XEP-0191). */
import { bareOf, parseJid } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isSome } from 'fp-ts/lib/Option.js'
import type { Context } from './context.js'

/** True if the account's block list has this JID: as it is, its bare JID, or its domain (XEP-0191 §3). */
export const isBlocked = (context: Context, account: AccountId, jid: string): boolean => {
  const blocked = context.rosters.blocked(account)
  return blocked.size > 0 && isListed(blocked, jid)
}

/** True if a block list has this address or one that contains it. A user cannot block themselves. */
export const isListed = (blocked: ReadonlySet<string>, jid: string): boolean => {
  if (blocked.has(jid) || blocked.has(bareOf(jid))) return true
  const parsed = parseJid(jid)
  if (!isSome(parsed)) return false
  const { domain, resource } = parsed.value
  return blocked.has(domain) || (resource !== '' && blocked.has(`${domain}/${resource}`))
}
