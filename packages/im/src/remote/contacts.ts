/** What a session asks the servers of its user's contacts, since their presence is not known here. */
import { element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { askAgain } from '../presence/subscribing.js'
import { isPendingOut, seesContact } from '../presence/subscription.js'
import { outgoing } from '../sending.js'
import { isServed } from '../served.js'
import { sayPresence } from './say.js'
import { staleOf } from './stale.js'

/**
 * With a session's initial presence: a probe to each contact elsewhere that the user is subscribed to (RFC 6121 §4.2.2),
 * and once more the requests that wait for an answer (§3.1.2), since they, or their answers, may be lost.
 */
export const askRemoteContacts = (context: Context, account: AccountId, resource: string): void => {
  if (context.remotes === undefined) return
  for (const { jid, state } of context.rosters.roster(account).items.values()) {
    if (isServed(context, jid) || isBlocked(context, account, jid)) continue
    if (seesContact(state)) sayPresence(context, probe(`${account}/${resource}`, jid))
    if (isPendingOut(state) && staleOf(context, account, jid)?.to === undefined) askAgain(context, account, jid)
  }
}

/** From the full JID, so that only the session that asks gets the answers (§4.3.1). */
const probe = (from: string, to: string) => outgoing(element('presence', { from, to, type: 'probe' }))
