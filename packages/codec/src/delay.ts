/** Delayed delivery (XEP-0203). */
import type { StanzaFacts } from '@smacks/core'
import { delayNamespace } from './namespaces.js'
import { escapeAttribute } from './xml.js'

/**
 * The stanza's text with a `<delay/>` from `from` and `stamp` (ms since the epoch) as its last child. The text is
 * unchanged if the stanza is an iq or has a delay already.
 */
export const withDelay = (xml: string, facts: StanzaFacts, from: string, stamp: number): string => {
  if (facts.name === 'iq' || facts.delayed === true) return xml
  const delay = `<delay xmlns="${delayNamespace}" from="${escapeAttribute(from)}" stamp="${new Date(stamp).toISOString()}"/>`
  return xml.endsWith('/>')
    ? `${xml.slice(0, -2)}>${delay}</${facts.name}>`
    : `${xml.slice(0, xml.lastIndexOf('</'))}${delay}</${facts.name}>`
}
