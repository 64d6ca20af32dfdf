/** What a session asks the servers of its user's contacts, since their presence is not known here. */

import { element } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isBlocked } from '../blocks.js'
import { askAgain } from '../presence/subscribing.js'
import { isPendingOut, seesContact } from '../presence/subscription.js'
import { isServed } from '../served.js'
import { outgoing } from '../stanzas.js'
import { effects, sequence, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { staleOf } from './stale.js'

/**
 * With a session's initial presence: a probe to each contact elsewhere that the user is subscribed to (RFC 6121 §4.2.2),
 * and once more the requests that wait for an answer (§3.1.2), since they, or their answers, may be lost.
 */
export const askRemoteContacts =
  (view: View, resource: Resource): Transition =>
  account => {
    if (!view.isFederated) return unchanged(account)
    const asked: Array<Transition> = []
    for (const { jid, state } of account.roster.items.values()) {
      if (isServed(view, jid) || isBlocked(account, jid)) continue
      if (seesContact(state)) asked.push(effects(probe(`${account.jid}/${resource}`, jid)))
      if (isPendingOut(state) && staleOf(account, jid)?.to === undefined) asked.push(askAgain(view, jid))
    }
    return sequence(account, ...asked)
  }

/** From the full JID, so that only the session that asks gets the answers (§4.3.1). */
const probe = (from: string, to: string) =>
  ({ _tag: 'DeliverState', stanza: outgoing(element('presence', { from, to, type: 'probe' })) }) as const
