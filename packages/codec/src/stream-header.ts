/**
 * What a stream header may hold at most (RFC 6120 §4.7). It is kept as long as the stream, and its language and prefixes
 * are taken over by elements, so it is held to what it is for.
 */
import type { Attributes } from './element.js'
import type { StreamFault } from './stream.js'
import { limitFault } from './stream-rules.js'

/** A prefix that the header declares. */
export interface Declaration {
  /** The attribute: `xmlns:` and the prefix. */
  readonly name: string
  readonly prefix: string
  readonly uri: string
}

/** Declared prefixes; `stream` is one. */
const mostDeclarations = 16

/** Characters of each declaration, prefix and namespace together. */
const longestDeclaration = 256

/** Characters of other attributes. */
const longest = {
  /** Tags of languages have at most 35 unless they have private or many extensions (RFC 5646 §4.4.1). */
  'xml:lang': 100,
  /** RFC 7622 §3.1: three parts of 1023 bytes, and what is between them. */
  from: 3071,
  to: 3071,
  id: 256,
  version: 20,
} as const

/** What of the header is beyond a limit, if anything is. */
export const headerExcess = (attrs: Attributes): StreamFault | undefined => {
  const declarations = prefixDeclarations(attrs)
  if (declarations.length > mostDeclarations)
    return limitFault(`the stream header declares ${declarations.length} prefixes`, mostDeclarations, 'prefixes')
  for (const { prefix, uri } of declarations) {
    const length = prefix.length + uri.length
    if (length > longestDeclaration)
      return limitFault(
        `the stream header declares a prefix with ${length} characters`,
        longestDeclaration,
        'characters, its namespace included',
      )
  }
  for (const [name, limit] of Object.entries(longest)) {
    const length = attrs[name]?.length ?? 0
    if (length > limit)
      return limitFault(`the attribute '${name}' of the stream header has ${length} characters`, limit, 'characters')
  }
  return undefined
}

/** The prefixes that the attributes of a root element declare. */
export const prefixDeclarations = (attrs: Attributes): ReadonlyArray<Declaration> =>
  Object.entries(attrs).flatMap(([name, uri]) =>
    name.startsWith('xmlns:') && uri !== undefined ? [{ name, prefix: name.slice('xmlns:'.length), uri }] : [],
  )
