/** Stanzas that their session did not take: back to their senders, or to where they go without that session. */
import { type Stanza, stanzaFacts, withAttributes } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import { isFromBlocked } from './blocks.js'
import { originalOf } from './carbons.js'
import type { StanzaLeft, StanzaReturned } from './event.js'
import { rerouteMessage } from './message.js'
import { refusal, refuse, serviceUnavailable } from './stanzas.js'
import { type Transition, unchanged } from './state.js'
import type { View } from './view.js'

/** Answers the sender with `recipient-unavailable` (XEP-0198 §4), in the name of the address it was sent to. */
export const returnToSender =
  ({ resource, stanza, facts }: StanzaReturned): Transition =>
  account => {
    if (facts.name === 'presence' || facts.copy) return unchanged(account)
    const { head } = stanza
    const to = resource === '' ? account.jid : `${account.jid}/${resource}`
    const sent = head.attrs.to === undefined ? withAttributes(head, { to }) : head
    return unchanged(account, refuse(sent, isFromBlocked(account, facts) ? serviceUnavailable : recipientUnavailable))
  }

/** It may be better later, so `wait` (RFC 6120 §8.3.3.13). */
const recipientUnavailable = refusal('wait', 'recipient-unavailable')

/**
 * RFC 6121 §8.5.3.2: as if it came now for a resource that is not there. A presence is of no use to others. A copy comes
 * back if nobody got the message itself.
 */
export const redeliver =
  (view: View, { stanza, facts, submittedAt }: StanzaLeft): Transition =>
  account => {
    if (facts.name === 'presence') return unchanged(account)
    const message = facts.copy ? originalOf(stanza.element) : stanza
    if (message === undefined) return unchanged(account)
    const messageFacts = facts.copy ? factsOfOriginal(message, facts) : facts
    if (facts.name === 'message' && !isFromBlocked(account, messageFacts))
      return rerouteMessage(view, message, messageFacts, submittedAt)(account)
    return unchanged(account, refuse(message.head, serviceUnavailable))
  }

const factsOfOriginal = ({ element }: Stanza, { neverReturned }: StanzaFacts): StanzaFacts => ({
  ...stanzaFacts(element),
  ...(neverReturned && { neverReturned }),
})
