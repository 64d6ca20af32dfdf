/**
 * What becomes of a stanza that a session sent: stamped with its sender (RFC 6120 §8.1.2.1), checked, and handed to
 * the rules of its kind.
 */

import {
  type Element,
  element,
  formatJid,
  isOwnAddress,
  type Jid,
  outlineFacts,
  type Stanza,
  type StanzaOutline,
  stanzaError,
} from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isAddressBlocked } from './blocks.js'
import type { ImEffect } from './effect.js'
import type { StanzaSent } from './event.js'
import { iqFault, sendIq } from './iq.js'
import { routeMessage } from './message.js'
import { blockingErrorsNamespace } from './namespaces.js'
import type { Outgoing, Refusal } from './outgoing.js'
import { routePresence } from './presence/presence.js'
import type { ServingView } from './services/service.js'
import { isUnanswerable, refusal, refusalFor, refuse } from './stanzas.js'
import { effects, type ImAccount, nothing, sequence, type Transition, unchanged } from './state.js'

/** Routes a counted stanza of a session. */
export const route =
  (view: ServingView, { resource, stanza: received }: StanzaSent): Transition =>
  account => {
    const fullJid = `${account.jid}/${resource}`
    const claimed = received.outline.from
    const stanza = stamped(received, fullJid, account.jid)
    const { outline } = stanza
    const refused = (why: Refusal) => unchanged(account, refuse(stanza.head, why))
    if (received.fault !== undefined) return refused(refusalFor(received.fault))
    if (claimed !== undefined && !isOwnAddress(claimed, fullJid))
      return refused(refusal('modify', 'bad-request', `you are ${fullJid}`))
    const { to: address } = outline
    const to = address === undefined ? undefined : view.addressIn(address)
    if (address !== undefined && to === undefined) return refused(refusal('modify', 'jid-malformed'))
    const unreachable = to === undefined ? undefined : whyUnreachable(view, account, to, stanza)
    if (unreachable !== undefined) return unchanged(account, unreachable)
    return routeByKind(view, resource, to, { stanza, facts: outlineFacts(outline) })(account)
  }

/** With the full JID as `from`; a message without `to` is one to oneself (RFC 6120 §10.3.1). */
const stamped = (received: Stanza, fullJid: string, account: string): Stanza => {
  const { name, from, to } = received.outline
  const toSelf = name === 'message' && to === undefined
  if (from === fullJid && !toSelf) return received
  return toSelf ? received.sent(fullJid, account) : received.sent(fullJid)
}

/**
 * What is answered to that which cannot get to its address: a domain of others, if there is no federation, or somebody whom
 * the sender blocks.
 */
const whyUnreachable = (
  view: ServingView,
  account: ImAccount,
  to: Jid,
  stanza: Stanza,
): ReadonlyArray<ImEffect> | undefined => {
  const isHere = view.domains.has(to.domain)
  if (!isHere && !view.isFederated)
    // Whoever is out of reach does not miss the end of a presence.
    return isMissed(stanza.outline) ? refuse(stanza.head, refusal('cancel', 'remote-server-not-found')) : []
  // The own server cannot be blocked, however its domain is listed.
  if ((isHere && to.local === '') || !isAddressBlocked(account, to)) return undefined
  return refuseBlocked(stanza.head)
}

const isMissed = ({ name, type }: StanzaOutline): boolean =>
  name !== 'presence' || type === undefined || type === 'subscribe'

/** XEP-0191 §3.3: the sender must unblock first. Who saw the sender's presence learned of its end with the block. */
const refuseBlocked = (sent: Element): ReadonlyArray<ImEffect> => {
  if (isUnanswerable(sent)) return []
  const reply = stanzaError(sent, 'cancel', 'not-acceptable')
  reply.getChild('error')?.cnode(element('blocked', { xmlns: blockingErrorsNamespace }))
  return [{ _tag: 'Answer', reply }]
}

const routeByKind = (view: ServingView, resource: Resource, to: Jid | undefined, sent: Outgoing): Transition => {
  switch (sent.facts.name) {
    case 'message':
      return to === undefined ? nothing : routeMessage(view, resource, to, sent)
    case 'presence':
      return routePresence(view, resource, to, sent)
    case 'iq':
      return routeIq(view, resource, to, sent)
  }
}

const routeIq = (view: ServingView, resource: Resource, to: Jid | undefined, iq: Outgoing): Transition => {
  const fault = iqFault(iq.stanza.outline)
  if (fault !== undefined) return effects(...refuse(iq.stanza.head, fault))
  const { type, id } = iq.facts
  const answers: ReadonlyArray<ImEffect> =
    to !== undefined && id !== undefined && (type === 'result' || type === 'error')
      ? [{ _tag: 'NoteAnswer', resource, id, to: formatJid(to) }]
      : []
  return account => sequence(account, effects(...answers), sendIq(view, resource, to, iq))
}
