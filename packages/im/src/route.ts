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
import { isAddressBlocked } from './blocks.js'
import type { ImEffect } from './effect.js'
import type { StanzaSent } from './event.js'
import { iqFault, sendIq } from './iq.js'
import { routeMessage } from './message.js'
import { blockingErrorsNamespace } from './namespaces.js'
import type { Outgoing } from './outgoing.js'
import { routePresence } from './presence/presence.js'
import type { ServingView } from './services/service.js'
import { isUnanswerable, refusal, refusalFor, refuse } from './stanzas.js'
import { effects, type ImAccount, nothing, sequence, type Transition, unchanged } from './state.js'

/** Routes a counted stanza of a session. */
export const route =
  (view: ServingView, { resource, stanza: received }: StanzaSent): Transition =>
  account => {
    const fullJid = `${account.jid}/${resource}`
    const claimed = received.element.attrs.from
    const stanza = stamped(received, fullJid, account.jid)
    const { element: sent } = stanza
    if (received.fault !== undefined) return unchanged(account, refuse(sent, refusalFor(received.fault)))
    if (claimed !== undefined && !isOwnAddress(claimed, fullJid))
      return unchanged(account, refuse(sent, refusal('modify', 'bad-request', `you are ${fullJid}`)))
    const { to: address } = sent.attrs
    const to = address === undefined ? undefined : view.addressIn(address)
    if (address !== undefined && to === undefined)
      return unchanged(account, refuse(sent, refusal('modify', 'jid-malformed')))
    const unreachable = to === undefined ? undefined : whyUnreachable(view, account, to, stanza)
    if (unreachable !== undefined) return unchanged(account, unreachable)
    return routeByKind(view, resource, to, { stanza, facts: stanzaFacts(sent) })(account)
  }

/** With the full JID as `from`; a message without `to` is one to oneself (RFC 6120 §10.3.1). */
const stamped = (received: Stanza, fullJid: string, account: string): Stanza => {
  const { attrs, name } = received.element
  const toSelf = name === 'message' && attrs.to === undefined
  if (attrs.from === fullJid && !toSelf) return received
  return Stanza.fromElement(
    withAttributes(received.element, toSelf ? { from: fullJid, to: account } : { from: fullJid }),
  )
}

/**
 * What is answered to that which cannot get to its address: a domain of others, if there is no federation, or somebody whom
 * the sender blocks.
 */
const whyUnreachable = (
  view: ServingView,
  account: ImAccount,
  to: Jid,
  { element: sent }: Stanza,
): ReadonlyArray<ImEffect> | undefined => {
  const isHere = view.domains.has(to.domain)
  if (!isHere && !view.isFederated)
    // Whoever is out of reach does not miss the end of a presence.
    return sent.name !== 'presence' || sent.attrs.type === undefined || sent.attrs.type === 'subscribe'
      ? refuse(sent, refusal('cancel', 'remote-server-not-found'))
      : []
  // The own server cannot be blocked, however its domain is listed.
  if ((isHere && to.local === '') || !isAddressBlocked(account, to)) return undefined
  return refuseBlocked(sent)
}

/** XEP-0191 §3.3: the sender must unblock first. Who saw the sender's presence learned of its end with the block. */
const refuseBlocked = (sent: Stanza['element']): ReadonlyArray<ImEffect> => {
  if (isUnanswerable(sent)) return []
  const reply = stanzaError(sent, 'cancel', 'not-acceptable')
  reply.getChild('error')?.cnode(element('blocked', { xmlns: blockingErrorsNamespace }))
  return [{ _tag: 'Answer', reply }]
}

const routeByKind = (view: ServingView, resource: string, to: Jid | undefined, sent: Outgoing): Transition => {
  switch (sent.facts.name) {
    case 'message':
      return to === undefined ? nothing : routeMessage(view, resource, to, sent)
    case 'presence':
      return routePresence(view, resource, to, sent.stanza.element)
    case 'iq':
      return routeIq(view, resource, to, sent)
  }
}

const routeIq = (view: ServingView, resource: string, to: Jid | undefined, iq: Outgoing): Transition => {
  const { element: sent } = iq.stanza
  const fault = iqFault(sent)
  if (fault !== undefined) return effects(...refuse(sent, fault))
  const { type, id } = iq.facts
  const answers: ReadonlyArray<ImEffect> =
    to !== undefined && id !== undefined && (type === 'result' || type === 'error')
      ? [{ _tag: 'NoteAnswer', resource, id, to: formatJid(to) }]
      : []
  return account => sequence(account, effects(...answers), sendIq(view, resource, to, iq))
}
