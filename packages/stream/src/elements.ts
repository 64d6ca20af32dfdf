/** What kind of first-level element it is. */
import { type Element, isSmElement, isStanzaName, Stanza, type StreamFault } from '@smacks/codec'
import type { SmVersion } from '@smacks/core'
import { ns } from './names.js'

/** The namespace of a first-level element; the content namespace if it states none. */
export const namespaceOf = (element: Element): string => element.getNS() || ns.client

/** The namespace of an element of stream management. */
export const versionOf = (element: Element): SmVersion =>
  namespaceOf(element) === 'urn:xmpp:sm:2' ? 'urn:xmpp:sm:2' : 'urn:xmpp:sm:3'

/** True for the elements of stream management of this name, of either version. */
export const isSmNamed =
  (name: string) =>
  (element: Element): boolean =>
    element.getName() === name && isSmElement(element)

/** True for message, presence and iq in the content namespace, without a prefix. */
export const isStanza = (element: Element): boolean => element.attrs.xmlns === undefined && isStanzaName(element.name)

/** A stanza that is beyond a limit: it counts, and its sender is told (RFC 6120 §8.3.3.12). */
export const refusedFor = (stanza: Element, { text }: StreamFault): Stanza =>
  Stanza.refused(stanza, { condition: 'policy-violation', ...(text === undefined ? {} : { text }) })

/** A first-level element that is none of ours (RFC 6120 §4.9.3.24). */
export const unknownElement = (element: Element): StreamFault => ({
  condition: 'unsupported-stanza-type',
  text: `The element <${brief(element.name)}/> of the namespace '${brief(namespaceOf(element))}' is not understood here.`,
})

/** True for an error that ends the stream (RFC 6120 §4.9). */
export const isStreamError = (element: Element): boolean =>
  element.getName() === 'error' && element.getNS() === ns.streams

/** The condition of a stream error of the peer, as far as it is one (§4.9.2). */
export const conditionOf = (streamError: Element): string => {
  const condition = streamError.getChildElements().find(child => child.getName() !== 'text')
  return brief(condition?.getName() ?? 'undefined-condition')
}

/** As much of the peer's own words as an answer repeats. */
export const brief = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}...` : text)
