/** Probes (RFC 6121 §4.3): who asks for somebody's presence, and the answer. */
import { bareOf, element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { sayPresence } from '../remote/say.js'
import { outgoing, toSender } from '../sending.js'
import { isServed } from '../served.js'
import { maySee, presentAccount } from './broadcast.js'

/**
 * Answers the probe of a session here, or of an address elsewhere (§4.3.2). To whom the contact blocks, nothing is
 * answered at all (XEP-0191 §3.3).
 */
export const answerProbe = (context: Context, prober: string, contact: AccountId): void => {
  if (isBlocked(context, contact, prober)) return
  if (presentAccount(context, contact, prober) > 0) return
  const asked = bareOf(prober)
  if (maySee(context, asked, contact)) {
    const unavailable = element('presence', { from: contact, to: prober, type: 'unavailable' })
    return isServed(context, prober) ? toSender(context, unavailable) : sayPresence(context, outgoing(unavailable))
  }
  // Its server keeps the state of the subscription, which is one of the account.
  const to = isServed(context, prober) ? prober : asked
  toSender(context, element('presence', { from: contact, to, type: 'unsubscribed' }))
}
