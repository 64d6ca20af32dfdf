/** Stanzas that a link could not bring to the other server: back to their senders here, or on their way once more. */
import { parseJid, type Stanza, stanzaError } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import { isNone } from 'fp-ts/lib/Option.js'
import type { Context } from '../context.js'
import { delayed } from '../offline.js'
import { forgetDirected } from '../presence/directed.js'
import { deliverPresenceError } from '../presence/receive.js'
import { type Outgoing, type Refusal, refuse } from '../sending.js'
import { domainOf } from '../served.js'
import { depart } from './depart.js'
import { isDirectedOnly, presenceLost } from './say.js'
import { type UnreachableReason, unreachable } from './unreachable.js'

/**
 * Tells the sender, in the name of the address it was sent to. Nobody is told of errors and results, nor of presence that the
 * server says again itself.
 */
export const returnFromLink = (
  context: Context,
  stanza: Stanza,
  facts: StanzaFacts,
  condition: UnreachableReason,
): void => {
  if (facts.name === 'presence') returnPresence(context, { stanza, facts }, unreachable(condition))
  else refuse(context, stanza.head, unreachable(condition))
}

/**
 * Routes a stanza again, first submitted at `submittedAt`. That is done once: if it comes back again, it is returned. A
 * message says how late it is (XEP-0203), in the name of its sender's domain.
 */
export const sendAgain = (context: Context, stanza: Stanza, facts: StanzaFacts, submittedAt: Instant): void => {
  // What it said may be old by now: what is true then is said when there is a link again.
  if (facts.name === 'presence' && facts.type !== 'error' && !isDirectedOnly(context, facts))
    return presenceLost(context, facts)
  const late: Outgoing =
    facts.name === 'message' && facts.from !== undefined
      ? delayed({ stanza, facts, at: submittedAt }, domainOf(facts.from))
      : { stanza, facts }
  const refused = depart(context, { stanza: late.stanza, facts: { ...late.facts, again: true } }, submittedAt)
  if (refused === undefined) return
  if (facts.name === 'presence') returnPresence(context, { stanza, facts }, refused)
  else refuse(context, stanza.head, refused)
}

/**
 * State is said anew when there is a link again. A request for a subscription is answered all the same, so that its user
 * knows why nothing comes of it, and so is what only its sender can say again.
 */
const returnPresence = (context: Context, { stanza, facts }: Outgoing, refused: Refusal): void => {
  if (isDirectedOnly(context, facts)) {
    forgetDirected(context, facts)
    return refuse(context, stanza.head, refused)
  }
  presenceLost(context, facts)
  if (facts.type !== 'subscribe') return
  const user = facts.from === undefined ? undefined : parseJid(facts.from)
  if (user === undefined || isNone(user)) return
  deliverPresenceError(context, user.value, stanzaError(stanza.head, refused.type, refused.condition))
}
