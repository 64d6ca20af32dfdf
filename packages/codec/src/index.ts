/** The XML and JSON edge of smacks: elements, streams, nonzas, stanza facts, addresses. */

export { type ByteString, type ByteStringReader, byteStringOf, textOfBytes, utf8Bytes } from './byte-string.js'
export * from './delay.js'
export { type Attributes, Element, type ElementChild, type ElementConstructor, element } from './element.js'
export * from './facts.js'
export * from './forwarding.js'
export * from './jid.js'
export * from './json/index.js'
export * from './namespaces.js'
export * from './nonza.js'
export * from './nonza-codecs.js'
export {
  type ChildOutline,
  childOf,
  type InnerOutline,
  outlineOf,
  type StanzaOutline,
} from './outline.js'
export * from './own-text.js'
export * from './parse-element.js'
export { StanzaScanner } from './scanner/scanner.js'
export * from './stanza.js'
export { isStanzaName } from './stanza-name.js'
export * from './stream.js'
export type { StreamLimits } from './stream-limits.js'
export * from './stream-reader.js'
export { suggestion } from './suggestion.js'
export { utf8Length } from './utf8.js'
export { escapeAttribute, escapeText, toXml } from './xml.js'
