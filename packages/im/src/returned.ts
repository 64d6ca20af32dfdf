/** Stanzas that their session did not take: back to their senders, or to where they go without that session. */
import { type Stanza, stanzaFacts, withAttributes } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isFromBlocked } from './blocks.js'
import { originalOf } from './carbons.js'
import type { Context } from './context.js'
import { rerouteMessage } from './message.js'
import { refusal, refuse, serviceUnavailable } from './sending.js'

/** Answers the sender with `recipient-unavailable` (XEP-0198 §4), in the name of the address it was sent to. */
export const returnToSender = (
  context: Context,
  account: AccountId,
  resource: string,
  stanza: Stanza,
  facts: StanzaFacts,
): void => {
  if (facts.name === 'presence' || facts.copy) return
  const { head } = stanza
  const to = resource === '' ? account : `${account}/${resource}`
  const sent = head.attrs.to === undefined ? withAttributes(head, { to }) : head
  refuse(context, sent, isFromBlocked(context, account, facts) ? serviceUnavailable : recipientUnavailable)
}

/** It may be better later, so `wait` (RFC 6120 §8.3.3.13). */
const recipientUnavailable = refusal('wait', 'recipient-unavailable')

/**
 * RFC 6121 §8.5.3.2: as if it came now for a resource that is not there. A presence is of no use to others. A copy comes
 * back if nobody got the message itself.
 */
export const redeliver = (
  context: Context,
  account: AccountId,
  stanza: Stanza,
  facts: StanzaFacts,
  submittedAt: Instant,
): void => {
  if (facts.name === 'presence') return
  const message = facts.copy ? originalOf(stanza.element) : stanza
  if (message === undefined) return
  const messageFacts = facts.copy ? factsOfOriginal(message, facts) : facts
  if (facts.name === 'message' && !isFromBlocked(context, account, messageFacts))
    return rerouteMessage(context, account, message, messageFacts, submittedAt)
  refuse(context, message.head, serviceUnavailable)
}

const factsOfOriginal = ({ element }: Stanza, { neverReturned }: StanzaFacts): StanzaFacts => ({
  ...stanzaFacts(element),
  ...(neverReturned && { neverReturned }),
})
