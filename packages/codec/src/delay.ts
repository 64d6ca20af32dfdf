/** Delayed delivery (XEP-0203). */
import type { StanzaFacts } from '@smacks/core'
import type { ByteString } from './byte-string.js'
import { delayNamespace } from './namespaces.js'
import { Stanza } from './stanza.js'
import { attributeBytes } from './xml.js'

/**
 * The stanza with a `<delay/>` from `from` and `stamp` (ms since the epoch) as its last child; the same if it is an iq or has
 * a delay already. It is not parsed for that, and what it had stays as it was written.
 */
export const withDelay = (stanza: Stanza, facts: StanzaFacts, from: string, stamp: number): Stanza =>
  facts.name === 'iq' || facts.delayed === true ? stanza : Stanza.fromBytes(delayed(stanza.bytes, facts, from, stamp))

const delayed = (bytes: ByteString, { name }: StanzaFacts, from: string, stamp: number): ByteString => {
  const content = bytes.endsWith('/>') ? `${bytes.slice(0, -2)}>` : bytes.slice(0, bytes.lastIndexOf('</'))
  const delay = `<delay xmlns="${delayNamespace}"${attributeBytes('from', from)} stamp="${new Date(stamp).toISOString()}"/>`
  return `${content}${delay}</${name}>` as ByteString
}
