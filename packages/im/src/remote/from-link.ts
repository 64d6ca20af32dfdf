/** Stanzas that a link could not bring to the other server: back to their senders here, or on their way once more. */
import { domainpartOf, stanzaError } from '@smacks/codec'
import type { DeliveryRefused, LinkGaveUp, LinkReturned } from '../event.js'
import type { Outgoing, Refusal } from '../outgoing.js'
import { forgetDirected } from '../presence/directed.js'
import { deliverPresenceError } from '../presence/receive.js'
import { delayed, outgoing, refuse } from '../stanzas.js'
import { effects, nothing, sequence, type Transition } from '../state.js'
import type { View } from '../view.js'
import { isDirectedOnly, presenceLost, presenceUnsent } from './deliver-state.js'
import { unreachable } from './unreachable.js'

/**
 * Tells the sender, in the name of the address it was sent to. Nobody is told of errors and results, nor of presence that the
 * server tells again itself.
 */
export const returnFromLink = (view: View, { stanza, condition }: LinkReturned): Transition =>
  returnWith(view, stanza, unreachable(condition))

/**
 * Routes a stanza again. That is done once: if it comes back again, it is returned. A message says how late it is (XEP-0203),
 * in the name of its sender's domain.
 */
export const sendAgain =
  (view: View, { stanza: { stanza, facts }, submittedAt }: LinkGaveUp): Transition =>
  account => {
    // What it said may be old by now: what is true then is told when there is a link again.
    if (facts.name === 'presence' && facts.type !== 'error' && !isDirectedOnly(account, facts))
      return presenceLost(view, facts)(account)
    const late: Outgoing =
      facts.name === 'message' && facts.from !== undefined
        ? delayed({ stanza, facts, at: submittedAt }, domainpartOf(facts.from))
        : { stanza, facts }
    const again: Outgoing = { stanza: late.stanza, facts: { ...late.facts, again: true } }
    return effects({ _tag: 'SendToRemote', stanza: again, at: submittedAt, ifRefused: 'return' })(account)
  }

/** A link did not take what was to be delivered. */
export const deliveryRefused = (view: View, { delivery, refusal }: DeliveryRefused): Transition => {
  const { stanza } = delivery
  if (delivery._tag !== 'DeliverState') {
    if (delivery.ifRefused === 'ignore' || refusal === undefined) return nothing
    return delivery._tag === 'SendToRemote'
      ? returnWith(view, stanza, refusal)
      : effects(...refuse(stanza.stanza.head, refusal))
  }
  const { original } = delivery
  return account =>
    sequence(
      account,
      presenceUnsent(view, stanza.facts),
      refusal === undefined || original === undefined ? nothing : effects(...refuse(original, refusal)),
    )
}

const returnWith = (view: View, returned: Outgoing, refused: Refusal): Transition =>
  returned.facts.name === 'presence'
    ? returnPresence(view, returned, refused)
    : effects(...refuse(returned.stanza.head, refused))

/**
 * State is told anew when there is a link again. A request for a subscription is answered all the same, so that its user
 * knows why nothing comes of it, and so is what only its sender can say again.
 */
const returnPresence =
  (view: View, { stanza, facts }: Outgoing, refused: Refusal): Transition =>
  account => {
    if (isDirectedOnly(account, facts))
      return sequence(account, forgetDirected(facts), effects(...refuse(stanza.head, refused)))
    const { from } = facts
    return sequence(
      account,
      presenceLost(view, facts),
      facts.type !== 'subscribe' || from === undefined
        ? nothing
        : deliverPresenceError(view, from, outgoing(stanzaError(stanza.head, refused.type, refused.condition))),
    )
  }
