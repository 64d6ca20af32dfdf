/** The rules of a stream, beyond those of XML, that the reader holds the peer to (RFC 6120 §§4.8, 4.9 and 11). */
import type { SaxesTagNS } from 'saxes'
import type { Attributes } from './element.js'
import { clientNamespace, serverNamespace, streamNamespace } from './namespaces.js'
import type { StreamFault, StreamHeader } from './stream.js'

/** How much of the peer's own words goes into a text. */
const quotedLength = 100

const brief = (text: string): string => (text.length > quotedLength ? `${text.slice(0, quotedLength)}...` : text)

/** The name of a root element. */
export type RootName = Pick<SaxesTagNS, 'local' | 'name' | 'prefix' | 'uri'>

/** What is wrong with the root element, if anything is. */
export const headerFault = (tag: RootName, attrs: Attributes): StreamFault | undefined => {
  if (tag.uri !== streamNamespace)
    return {
      condition: 'invalid-namespace',
      text: `the root element is in the namespace '${brief(tag.uri)}', allowed: '${streamNamespace}'`,
    }
  if (tag.local !== 'stream')
    return { condition: 'bad-format', text: `the root element is <${brief(tag.name)}>, allowed: <stream:stream>` }
  if (tag.prefix === '')
    return { condition: 'bad-namespace-prefix', text: 'the root element has no prefix, allowed: <stream:stream>' }
  if (attrs.xmlns !== clientNamespace && attrs.xmlns !== serverNamespace)
    return {
      condition: 'invalid-namespace',
      text: `the default namespace is '${brief(attrs.xmlns ?? '')}', allowed: '${clientNamespace}' or '${serverNamespace}'`,
    }
  return undefined
}

/** The header that the attributes of a root element state in which `headerFault` finds nothing. */
export const headerOf = (attrs: Attributes): StreamHeader => ({
  ...(attrs.to === undefined ? {} : { to: attrs.to }),
  ...(attrs.from === undefined ? {} : { from: attrs.from }),
  ...(attrs.id === undefined ? {} : { id: attrs.id }),
  ...(attrs.version === undefined ? {} : { version: attrs.version }),
  ...(attrs['xml:lang'] ? { lang: attrs['xml:lang'] } : {}),
  xmlns: attrs.xmlns === serverNamespace ? serverNamespace : clientNamespace,
})

/** An encoding other than UTF-8 was declared (RFC 6120 §11.6). */
export const encodingFault = (encoding: string | undefined): StreamFault | undefined =>
  encoding === undefined || encoding.toLowerCase() === 'utf-8'
    ? undefined
    : { condition: 'unsupported-encoding', text: `the encoding is declared as '${brief(encoding)}', allowed: 'UTF-8'` }

/** A stanza with a prefix (RFC 6120 §4.8.5). */
export const prefixedStanzaFault = (name: string): StreamFault => ({
  condition: 'bad-namespace-prefix',
  text: `<${brief(name)}> has a prefix, allowed: none in the default namespace of the stream`,
})

/** The bytes are not UTF-8: "otherwise improperly encoded", RFC 6120 §4.9.3.22. */
export const notUtf8: StreamFault = { condition: 'unsupported-encoding', text: 'the bytes are not UTF-8' }

/** RFC 6120 §11.1. */
export const restricted = (thing: 'comment' | 'processing instruction' | 'document type declaration'): StreamFault => ({
  condition: 'restricted-xml',
  text: `a ${thing} is not allowed in a stream`,
})

/** Something other than an element where only elements can be. */
export const textFault = (depth: number): StreamFault =>
  depth === 0
    ? { condition: 'not-well-formed', text: 'there is text before the stream header' }
    : { condition: 'bad-format', text: 'there is text between stanzas, allowed: white space' }

/** A limit was crossed. */
export const limitFault = (thing: string, limit: number, unit: string): StreamFault => ({
  condition: 'policy-violation',
  text: `${thing}, allowed: ${limit} ${unit}`,
})

export const tooDeep = (limit: number): StreamFault => limitFault('elements are nested too deeply', limit, 'levels')

export const tooManyAttributes = (limit: number): StreamFault =>
  limitFault('an element has too many attributes', limit, 'attributes')

export const tooManyElements = (limit: number): StreamFault =>
  limitFault('an element has too many elements in it', limit, 'elements')

/** An element came within the limit, but written it is beyond it. */
export const tooLongWritten = (written: number, limit: number): StreamFault =>
  limitFault(`an element has ${written} bytes with all that it takes over from the stream header`, limit, 'bytes')

/** A name that not all parsers take for one (see `isPortableName`). */
export const nameFault = (name: string): StreamFault => ({
  condition: 'policy-violation',
  text: `the name '${brief(name)}' is not one in every edition of XML 1.0`,
})

/** A namespace that not all parsers take for one (see `isPortableNamespace`). */
export const namespaceFault = (uri: string): StreamFault => ({
  condition: 'policy-violation',
  text: `the namespace '${brief(uri)}' has characters that no URI has`,
})

/** An ampersand that means itself. */
export const bareAmpersand: StreamFault = {
  condition: 'not-well-formed',
  text: 'an ampersand must begin a reference such as &amp;',
}

/** What the parser complains of. RFC 6120 §11.1 calls some of it restricted rather than not well-formed. */
export const complaintFault = (complaint: string): StreamFault => {
  if (complaint.includes('doctype')) return restricted('document type declaration')
  if (complaint.startsWith('undefined entity'))
    return {
      condition: 'restricted-xml',
      text: 'there is an undefined entity, allowed: amp, lt, gt, quot, apos and character references',
    }
  // Which of them the parser complains of depends on how the bytes were cut.
  if (/^(?:disallowed character in entity name|malformed character entity)/.test(complaint)) return bareAmpersand
  return { condition: 'not-well-formed', text: `the XML is not well-formed: ${brief(complaint)}` }
}
