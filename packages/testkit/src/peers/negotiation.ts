/** The negotiation around stream management, as thin as it can be: a stream header each, and a resource. */
import { type Element, streamNamespace } from '@smacks/codec'

export const bindNamespace = 'urn:ietf:params:xml:ns:xmpp-bind'

/** What a client says first. */
export const clientHeader = (domain: string): string =>
  `<stream:stream xmlns='jabber:client' xmlns:stream='${streamNamespace}' version='1.0' to='${domain}'>`

export const bindRequest = `<iq type='set' id='bind'><bind xmlns='${bindNamespace}'/></iq>`

/** True for the request to bind a resource, and for the answer to it (RFC 6120 §7). */
export const isBind = (element: Element): boolean =>
  element.name === 'iq' && element.getChild('bind', bindNamespace) !== undefined
