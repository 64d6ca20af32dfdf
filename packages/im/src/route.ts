/**
 * What becomes of a stanza that a session sent: stamped with its sender (RFC 6120 §8.1.2.1), checked, and handed to
 * the rules of its kind.
 */
import {
  element,
  formatJid,
  isOwnAddress,
  type Jid,
  Stanza,
  stanzaError,
  stanzaFacts,
  withAttributes,
} from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { addressIn } from './address.js'
import { noteAnswer } from './answered.js'
import { isBlocked } from './blocks.js'
import type { Context } from './context.js'
import { faultOf, routeIq } from './iq.js'
import { routeMessage } from './message.js'
import { blockingErrorsNamespace } from './namespaces.js'
import { routePresence } from './presence/presence.js'
import { depart } from './remote/depart.js'
import { isUnanswerable, type Outgoing, refusal, refusalFor, refuse, toSender } from './sending.js'

/** Routes a counted stanza of a session. */
export const route = (context: Context, account: AccountId, resource: string, received: Stanza): void => {
  const fullJid = `${account}/${resource}`
  const claimed = received.element.attrs.from
  const stanza = stamped(received, fullJid, account)
  const { element: sent } = stanza
  if (received.fault !== undefined) return refuse(context, sent, refusalFor(received.fault))
  if (claimed !== undefined && !isOwnAddress(claimed, fullJid))
    return refuse(context, sent, refusal('modify', 'bad-request', `you are ${fullJid}`))
  const { to: address } = sent.attrs
  const to = address === undefined ? undefined : addressIn(context, address)
  if (address !== undefined && to === undefined) return refuse(context, sent, refusal('modify', 'jid-malformed'))
  const outgoing = { stanza, facts: stanzaFacts(sent) }
  if (to !== undefined && isUnreachable(context, account, to, outgoing)) return
  dispatchByKind(context, account, resource, to, outgoing)
}

/** With the full JID as `from`; a message without `to` is one to oneself (RFC 6120 §10.3.1). */
const stamped = (received: Stanza, fullJid: string, account: AccountId): Stanza => {
  const { attrs, name } = received.element
  const toSelf = name === 'message' && attrs.to === undefined
  if (attrs.from === fullJid && !toSelf) return received
  return Stanza.fromElement(
    withAttributes(received.element, toSelf ? { from: fullJid, to: account } : { from: fullJid }),
  )
}

/** Answers what cannot get to its address: a domain of others, if there is no federation, or somebody whom the sender blocks. */
const isUnreachable = (context: Context, account: AccountId, to: Jid, { stanza }: Outgoing): boolean => {
  const { element: sent } = stanza
  const isHere = context.domains.has(to.domain)
  if (!isHere && context.remotes === undefined) {
    // Whoever is out of reach does not miss a farewell.
    if (sent.name !== 'presence' || sent.attrs.type === undefined || sent.attrs.type === 'subscribe')
      refuse(context, sent, refusal('cancel', 'remote-server-not-found'))
    return true
  }
  // The own server cannot be blocked, however its domain is listed.
  if ((isHere && to.local === '') || !isBlocked(context, account, formatJid(to))) return false
  refuseBlocked(context, stanza)
  return true
}

/** XEP-0191 §3.3: the sender must unblock first. Who saw the sender's presence learned of its end with the block. */
const refuseBlocked = (context: Context, { element: sent }: Stanza): void => {
  if (isUnanswerable(sent)) return
  const reply = stanzaError(sent, 'cancel', 'not-acceptable')
  reply.getChild('error')?.cnode(element('blocked', { xmlns: blockingErrorsNamespace }))
  toSender(context, reply)
}

const dispatchByKind = (
  context: Context,
  account: AccountId,
  resource: string,
  to: Jid | undefined,
  outgoing: Outgoing,
): void => {
  const { element: sent } = outgoing.stanza
  switch (outgoing.facts.name) {
    case 'message':
      return to === undefined ? undefined : routeMessage(context, { account, resource }, to, outgoing)
    case 'presence':
      return routePresence(context, account, resource, to, sent)
    case 'iq': {
      const fault = faultOf(sent)
      if (fault !== undefined) return refuse(context, sent, fault)
      noteAnswer(context, account, resource, to, outgoing)
      if (to === undefined || context.domains.has(to.domain)) return routeIq(context, account, resource, to, outgoing)
      const refused = depart(context, outgoing)
      return refused === undefined ? undefined : refuse(context, sent, refused)
    }
  }
}
