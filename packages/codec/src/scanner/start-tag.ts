/** Start tags. */
import { type ByteStringReader, textOfBytes } from '../byte-string.js'
import { withoutReferences } from '../usual-element.js'
import { byte, kind, kinds, nameCharacters, nameStarts, namespaceCharacters } from './bytes.js'
import { behindCharacter, behindReference, behindWord, incomplete, unusual } from './characters.js'
import type { Words } from './words.js'

/** A tag with more attributes is left to the parser: each is compared with all before it. */
export const mostAttributes = 24

/** What no default namespace may be (XML-NAMES §3). */
const reserved: ReadonlySet<string> = new Set(['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/'])

const colonLang = [byte.colon, 0x6c, 0x61, 0x6e, 0x67]

/** An attribute that was read, as indices into the bytes. */
export interface ReadAttribute {
  name: string
  /** Where the white space in front of it begins. */
  gap: number
  /** The value, between its quotes. */
  from: number
  to: number
  /** There are references in the value. */
  hasReferences: boolean
  /** There are characters beyond ASCII in the value. */
  isWide: boolean
}

const blank = (): ReadAttribute => ({ name: '', gap: 0, from: 0, to: 0, hasReferences: false, isWide: false })

/**
 * The attributes of one start tag at a time. Whatever `scan` returns above 0 has been found well-formed: names in ASCII
 * without a prefix but `xml:lang`, no name twice, values of legal characters and without such as a parser changes. No object
 * is made for a tag.
 */
export class StartTag {
  readonly attributes: ReadonlyArray<ReadAttribute> = Array.from({ length: mostAttributes }, blank)
  count = 0
  /** It is `<.../>`. */
  isEmpty = false
  /** There are characters beyond ASCII in it. */
  isWide = false
  /** What it declares as default namespace, which is neither empty nor reserved and has just characters of URIs. */
  xmlns: string | undefined

  constructor(
    private readonly read: ByteStringReader,
    private readonly words: Words,
  ) {}

  attribute(name: string): ReadAttribute | undefined {
    for (let i = 0; i < this.count; i += 1) {
      const attribute = this.attributes[i]
      if (attribute?.name === name) return attribute
    }
    return undefined
  }

  /** The value of one of them. */
  value(bytes: Uint8Array, { name, from, to, hasReferences, isWide }: ReadAttribute): string {
    // Ids are new each time.
    if (!hasReferences && !isWide && name !== 'id') return this.words.of(bytes, from, to)
    const text = textOfBytes(this.read(bytes, from, to))
    return hasReferences ? withoutReferences(text) : text
  }

  /** Reads from behind the name on to behind the end of the tag. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.count = 0
    this.isWide = false
    this.xmlns = undefined
    let at = start
    while (at < end) {
      const code = bytes[at]
      if (code === byte.greater) {
        this.isEmpty = false
        return at + 1
      }
      if (code === byte.slash) {
        if (at + 1 >= end) return incomplete
        this.isEmpty = true
        return bytes[at + 1] === byte.greater ? at + 2 : unusual
      }
      if (code !== byte.space) return unusual
      const gap = at
      while (at < end && bytes[at] === byte.space) at += 1
      if (at >= end) return incomplete
      if (bytes[at] === byte.greater || bytes[at] === byte.slash) continue
      at = this.#attribute(bytes, at, end, gap)
      if (at <= 0) return at
    }
    return incomplete
  }

  #attribute(bytes: Uint8Array, start: number, end: number, gap: number): number {
    const attribute = this.attributes[this.count]
    if (attribute === undefined) return unusual
    const nameEnd = behindAttributeName(bytes, start, end)
    if (nameEnd <= 0) return nameEnd
    if (bytes[nameEnd] !== byte.equals) return unusual
    if (nameEnd + 1 >= end) return incomplete
    const quote = Number(bytes[nameEnd + 1])
    if (kinds[quote] !== kind.quote) return unusual
    const name = this.words.of(bytes, start, nameEnd)
    if (this.attribute(name) !== undefined) return unusual
    attribute.name = name
    attribute.gap = gap
    attribute.from = nameEnd + 2
    const valueEnd = readValue(bytes, end, quote, attribute)
    if (valueEnd <= 0) return valueEnd
    this.count += 1
    this.isWide ||= attribute.isWide
    if (name === 'xmlns' && !this.#declare(bytes, attribute)) return unusual
    return valueEnd + 1
  }

  #declare(bytes: Uint8Array, { from, to }: ReadAttribute): boolean {
    for (let at = from; at < to; at += 1) if (namespaceCharacters[Number(bytes[at])] === 0) return false
    const xmlns = this.words.of(bytes, from, to)
    this.xmlns = xmlns
    return xmlns !== '' && !reserved.has(xmlns)
  }
}

/** The index behind the name that begins here, at a character that is none of a name. */
export const behindName = (bytes: Uint8Array, start: number, end: number): number => {
  if (start >= end) return incomplete
  if (nameStarts[Number(bytes[start])] === 0) return unusual
  let at = start + 1
  while (at < end && nameCharacters[Number(bytes[at])] === 1) at += 1
  return at < end ? at : incomplete
}

const behindAttributeName = (bytes: Uint8Array, start: number, end: number): number => {
  const at = behindName(bytes, start, end)
  if (at <= 0 || bytes[at] !== byte.colon) return at
  if (at - start !== 3 || bytes[start] !== 0x78 || bytes[start + 1] !== 0x6d || bytes[start + 2] !== 0x6c)
    return unusual
  const behind = behindWord(bytes, at, end, colonLang)
  return behind === end ? incomplete : behind
}

/** Reads the value up to its quote; returns where that is. */
const readValue = (bytes: Uint8Array, end: number, quote: number, attribute: ReadAttribute): number => {
  attribute.hasReferences = false
  attribute.isWide = false
  let at = attribute.from
  while (at < end) {
    const code = Number(bytes[at])
    switch (kinds[code]) {
      case kind.plain:
        at += 1
        break
      case kind.quote:
        if (code === quote) {
          attribute.to = at
          return at
        }
        at += 1
        break
      case kind.ampersand:
        attribute.hasReferences = true
        at = behindReference(bytes, at, end)
        if (at <= 0) return at
        break
      case kind.lead:
        attribute.isWide = true
        at = behindCharacter(bytes, at, end)
        if (at <= 0) return at
        break
      default:
        return unusual
    }
  }
  return incomplete
}
