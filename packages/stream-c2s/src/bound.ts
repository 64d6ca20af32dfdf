/** What a first-level element means once the connection has a session: an event of the account. */
import { type Element, isOwnAddress, isSmElement, Stanza } from '@smacks/codec'
import {
  brief,
  fromInitiating,
  type Here,
  isStanza,
  namespaceOf,
  ns,
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
  here: Here,
  side: () => ReceivingSide,
  element: Element,
): BoundStep => {
  if (isStanza(element)) return stanzaStep(session, here, Stanza.fromElement(element))
  if (isSmElement(element)) return smStep(here, side(), element)
  return (namespaceOf(element) === ns.csi ? clientState(here, element) : undefined) ?? refuse(unknownElement(element))
}

/** A stanza, which counts also if it is to be answered with an error. */
export const stanzaStep = ({ fullJid }: ClientSession, here: Here, stanza: Stanza): Dispatch | Refuse => {
  const { from } = stanza.outline
  return from === undefined || isOwnAddress(from, fullJid)
    ? { _tag: 'Dispatch', event: { _tag: 'StanzaReceived', ...here, stanza } }
    : refuse({ condition: 'invalid-from', text: `You sent from '${brief(from)}', but you are '${fullJid}'.` })
}

/** Client state indication (XEP-0352 §4); nothing for an element that it does not know. */
export const clientState = (here: Here, element: Element): Dispatch | undefined => {
  switch (element.getName()) {
    case 'active':
      return { _tag: 'Dispatch', event: { _tag: 'ClientActive', ...here } }
    case 'inactive':
      return { _tag: 'Dispatch', event: { _tag: 'ClientInactive', ...here } }
    default:
      return undefined
  }
}

/** Elements of stream management (XEP-0198 §§3-5). */
const smStep = (here: Here, side: ReceivingSide, element: Element): BoundStep => {
  const received = fromInitiating(element, here, side)
  switch (received._tag) {
    case 'Event':
      return { _tag: 'Dispatch', event: received.event }
    case 'Answer':
      return reply(received.xml)
    case 'OutOfPlace':
      return refuse(unknownElement(element))
  }
}
