/** Presence stanzas that come for an account (RFC 6121 §§3, 4), from here or from other servers: shown, or answered. */
import { bareOf, type Element, resourceOf } from '@smacks/codec'
import { isBlocked } from '../blocks.js'
import type { PresenceArrived } from '../event.js'
import { outgoing, refuse, submit } from '../stanzas.js'
import { type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { deliverPresence } from './directed.js'
import { answerProbe } from './probe.js'
import { interestedOf } from './sessions.js'
import { receiveSubscription } from './subscribing.js'
import { isSubscriptionType } from './subscription.js'
import { unknownType } from './wrong-type.js'

export const receivePresence = (view: View, { from, to, presence, original }: PresenceArrived): Transition => {
  const { element } = presence.stanza
  const { type } = element.attrs
  if (type === undefined || type === 'unavailable') return deliverPresence(view, to, presence)
  if (isSubscriptionType(type)) return receiveSubscription(view, bareOf(from), type, element, original)
  if (type === 'probe') return answerProbe(view, from)
  if (type === 'error') return deliverPresenceError(view, to, element)
  return account => unchanged(account, original === undefined ? [] : refuse(original, unknownType(type)))
}

/** To the session it names, or, since requests come from the account, to those that learn what becomes of them. */
export const deliverPresenceError =
  (view: View, to: string, error: Element): Transition =>
  account => {
    if (resourceOf(to) !== '') return deliverPresence(view, to, outgoing(error))(account)
    const { from } = error.attrs
    if (from !== undefined && isBlocked(account, from)) return unchanged(account)
    const stanza = outgoing(error)
    return unchanged(
      account,
      interestedOf(account).map(({ resource }) => submit(resource, stanza)),
    )
  }
