/** What both peers make of the elements that come over a bound connection: events of the account. */
import { decodeNonza, type Element, isSmElement, isStanza, Stanza, stanzaFacts } from '@smacks/codec'
import { type ConnectionId, connectionOf, type Nonza, type Resource } from '@smacks/core'
import { isLeft } from '#fp-ts/Either'
import type { Peer } from './peer.js'
import type { Wire, Wires } from './wires.js'

/** Where something happened. */
export interface Where {
  readonly resource: Resource
  readonly connection: ConnectionId
}

export const csiNamespace = 'urn:xmpp:csi:0'

/** The nonza that an element is, if it is one. Peers write no other elements of stream management. */
export const nonzaOf = (element: Element): Nonza | undefined => {
  if (!isSmElement(element)) return undefined
  const decoded = decodeNonza(element)
  if (isLeft(decoded)) throw new Error(`a peer wrote what it does not understand: ${decoded.left.message}`)
  return decoded.right
}

/** Takes what is traffic (XEP-0198 §4); true if it was. */
export const takeTraffic = (peer: Peer, where: Where, element: Element, nonza: Nonza | undefined): boolean => {
  if (nonza !== undefined) return takeCount(peer, where, nonza)
  if (!isStanza(element)) return false
  const facts = stanzaFacts(element)
  peer.happen({ _tag: 'StanzaReceived', ...where, stanza: Stanza.fromElement(element), facts })
  return true
}

const takeCount = (peer: Peer, where: Where, nonza: Nonza): boolean => {
  const { version } = nonza
  switch (nonza._tag) {
    case 'Ack':
      peer.happen({ _tag: 'AckReceived', ...where, version, h: nonza.h })
      return true
    case 'Request':
      peer.happen({ _tag: 'RequestReceived', ...where, version })
      return true
    default:
      return false
  }
}

/**
 * The other peer closed the stream, and ours is closed as well: by the core if it is the session's, since it has a last
 * word. A stream that ended with an error was no clean close; the session may be resumed on another.
 */
export const closeInAnswer = (peer: Peer, wires: Wires, wire: Wire, erred: boolean): void => {
  const { id: connection, resource } = wire
  const isOfSession = peer.account().sessions.some(session => connectionOf(session) === connection)
  if (resource !== undefined && isOfSession && !erred)
    return peer.happen({ _tag: 'StreamClosed', resource, connection })
  loseLine(peer, wire)
  wires.close(wire)
}

/** The line took what there was for it. */
export const takeDrain = (peer: Peer, { id: connection, resource }: Wire): void => {
  if (resource !== undefined) peer.happen({ _tag: 'ConnectionDrained', resource, connection })
}

/** The stream ended without the session's end: a lost line, or a stream error, which says that the line is no good. */
export const loseLine = (peer: Peer, { id: connection, resource }: Wire): void => {
  if (resource !== undefined) peer.happen({ _tag: 'ConnectionLost', resource, connection })
}
