/** Presence stanzas that come for an account (RFC 6121 §§3, 4), from here or from other servers: shown, or answered. */
import { bareOf, resourceOf } from '@smacks/codec'
import { isBlocked } from '../blocks.js'
import type { PresenceArrived } from '../event.js'
import type { Outgoing } from '../outgoing.js'
import { refuse, submit } from '../stanzas.js'
import { type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { deliverPresence } from './directed.js'
import { answerProbe } from './probe.js'
import { interestedOf } from './sessions.js'
import { receiveSubscription } from './subscribing.js'
import { isSubscriptionType } from './subscription.js'
import { unknownType } from './wrong-type.js'

export const receivePresence = (view: View, { from, to, presence, original }: PresenceArrived): Transition => {
  const { stanza } = presence
  const { type } = stanza.outline
  if (type === undefined || type === 'unavailable') return deliverPresence(view, to, presence)
  if (isSubscriptionType(type)) return receiveSubscription(view, bareOf(from), type, stanza.element, original)
  if (type === 'probe') return answerProbe(view, from)
  if (type === 'error') return deliverPresenceError(view, to, presence)
  return account => unchanged(account, original === undefined ? [] : refuse(original, unknownType(type)))
}

/** To the session it names, or, since requests come from the account, to those that learn what becomes of them. */
export const deliverPresenceError =
  (view: View, to: string, error: Outgoing): Transition =>
  account => {
    if (resourceOf(to) !== '') return deliverPresence(view, to, error)(account)
    const { from } = error.facts
    if (from !== undefined && isBlocked(account, from)) return unchanged(account)
    return unchanged(
      account,
      interestedOf(account).map(({ resource }) => submit(resource, error)),
    )
  }
