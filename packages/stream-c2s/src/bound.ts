/** What a first-level element means once the connection has a session: an event of the account. */
import { type Element, isOwnAddress, isSmElement, Stanza } from '@smacks/codec'
import {
  brief,
  fromInitiating,
  isStanza,
  namespaceOf,
  ns,
  type Origin,
  type ReceivingSide,
  type Refuse,
  refuse,
  reply,
  unknownElement,
} from '@smacks/stream'
import type { ClientSession } from './facts.js'
import type { BoundStep, Dispatch } from './step.js'

/** `side` is asked for only where it is needed: most elements are stanzas. */
export const boundStep = (
  session: ClientSession,
  origin: Origin,
  side: () => ReceivingSide,
  element: Element,
): BoundStep => {
  if (isStanza(element)) return stanzaStep(session, origin, Stanza.fromElement(element))
  if (isSmElement(element)) return smStep(origin, side(), element)
  return (namespaceOf(element) === ns.csi ? clientState(origin, element) : undefined) ?? refuse(unknownElement(element))
}

/** A stanza, which counts also if it is to be answered with an error. */
export const stanzaStep = ({ fullJid }: ClientSession, origin: Origin, stanza: Stanza): Dispatch | Refuse => {
  const { from } = stanza.outline
  return from === undefined || isOwnAddress(from, fullJid)
    ? { _tag: 'Dispatch', event: { _tag: 'StanzaReceived', ...origin, stanza } }
    : refuse({ condition: 'invalid-from', text: `You sent from '${brief(from)}', but you are '${fullJid}'.` })
}

/** Client state indication (XEP-0352 §4); nothing for an element that it does not know. */
export const clientState = (origin: Origin, element: Element): Dispatch | undefined => {
  switch (element.getName()) {
    case 'active':
      return { _tag: 'Dispatch', event: { _tag: 'ClientActive', ...origin } }
    case 'inactive':
      return { _tag: 'Dispatch', event: { _tag: 'ClientInactive', ...origin } }
    default:
      return undefined
  }
}

/** Elements of stream management (XEP-0198 §§3-5). */
const smStep = (origin: Origin, side: ReceivingSide, element: Element): BoundStep => {
  const received = fromInitiating(element, origin, side)
  switch (received._tag) {
    case 'Event':
      return { _tag: 'Dispatch', event: received.event }
    case 'Answer':
      return reply(received.xml)
    case 'OutOfPlace':
      return refuse(unknownElement(element))
  }
}
