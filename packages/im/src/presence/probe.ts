/** Probes (RFC 6121 §4.3): who asks for the user's presence, and the answer. */
import { bareOf, element } from '@smacks/codec'
import { isBlocked } from '../blocks.js'
import type { ImEffect } from '../effect.js'
import { isServed } from '../served.js'
import { outgoing } from '../stanzas.js'
import { type ImAccount, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { maySee, presenceFor } from './broadcast.js'

/**
 * Answers the probe of a session here, or of an address elsewhere (§4.3.2). To whom the user blocks, nothing is
 * answered at all (XEP-0191 §3.3).
 */
export const answerProbe =
  (view: View, prober: string): Transition =>
  account => {
    if (isBlocked(account, prober)) return unchanged(account)
    const presence = presenceFor(view, account, prober)
    return unchanged(account, presence.length > 0 ? presence : absence(view, account, prober))
  }

/** Nobody is available, or the prober may not know. */
const absence = (view: View, account: ImAccount, prober: string): ReadonlyArray<ImEffect> => {
  const from = account.jid
  const asked = bareOf(prober)
  if (maySee(account, asked)) {
    const unavailable = element('presence', { from, to: prober, type: 'unavailable' })
    return isServed(view, prober)
      ? [{ _tag: 'Answer', reply: unavailable }]
      : [{ _tag: 'DeliverState', stanza: outgoing(unavailable) }]
  }
  // Its server keeps the state of the subscription, which is one of the account.
  const to = isServed(view, prober) ? prober : asked
  return [{ _tag: 'Answer', reply: element('presence', { from, to, type: 'unsubscribed' }) }]
}
