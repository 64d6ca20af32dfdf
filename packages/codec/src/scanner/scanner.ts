/**
 * Usual stanzas, found in the bytes of a stream without a parser; `<r/>` and `<a/>`, which are as frequent; and what logins
 * and resumptions are made of: other elements that are as usual as stanzas are.
 *
 * It proves a subset well-formed, legal and within limits, and tells what is asked of a stanza on its way. What it takes,
 * the parser takes too, and tells the same of; what is otherwise in the least is unusual, right or wrong, and for the parser
 * to judge. All that is checked is checked in this folder; nothing is left to the caller.
 *
 * The subset: ASCII names without prefixes but `xml:lang`; no `xmlns` on the stanza, or the stream's; another default
 * namespace anywhere inside; the five references of XML; any legal character in text and values, but those that a parser
 * changes (a carriage return, and in values tabs and line ends); no `>` in values; no comment, section or declaration. Read,
 * given a sender and written, a plain message takes a quarter of the time that it takes with the parser (2.3 us to 9.7 on a busy
 * machine), and one with four more children a sixth (4.8 us to 30).
 */
import type { Ack, Request } from '@smacks/core'
import { type ByteString, type ByteStringReader, byteStringOf, bytesIn, textOfBytes } from '../byte-string.js'
import type { StanzaOutline } from '../outline.js'
import { isStanzaName } from '../stanza-name.js'
import { longestReference } from '../stream-context.js'
import type { StreamLimits } from '../stream-limits.js'
import { byte } from './bytes.js'
import { behindWord, unusual } from './characters.js'
import { Content } from './content.js'
import type { ScanContext } from './context.js'
import { Head } from './head.js'
import { nonzaOf } from './nonza.js'
import { behindName, StartTag } from './start-tag.js'
import { Words } from './words.js'

/** A usual stanza. */
export interface ScannedStanza {
  readonly outline: StanzaOutline
  /** The attribute `from` as it came, with a blank in front; empty if it has none. */
  readonly from: ByteString
  /** All else that is behind the name. */
  readonly tail: ByteString
  /** There are characters beyond ASCII in it. */
  readonly isWide: boolean
}

/** A usual element of another namespace than the stream's: of SASL, of stream management and the like. */
export interface ScannedElement {
  readonly text: string
}

/** Finds usual elements. One serves any number of streams: nothing is kept from one call to the next. */
export class StanzaScanner {
  readonly #words: Words
  readonly #tag: StartTag
  readonly #content: Content
  readonly #head: Head
  /** What was found, after `scan` returned an index. */
  found: Ack | Request | ScannedElement | ScannedStanza | undefined

  /** `read` makes strings of bytes, where the platform has a faster way than `byteStringOf`. */
  constructor(private readonly read: ByteStringReader = byteStringOf) {
    this.#words = new Words(read)
    this.#tag = new StartTag(read, this.#words)
    this.#content = new Content(this.#words, this.#tag)
    this.#head = new Head(read)
  }

  /**
   * Looks at the first-level element whose `<` is at `start`. Returns the index behind it; `incomplete` if nothing is
   * unusual as far as it has come; else `unusual`.
   */
  scan(bytes: Uint8Array, start: number, context: ScanContext, limits: StreamLimits): number {
    this.found = undefined
    const behind = this.#element(bytes, start, context, limits)
    const read = (behind > 0 ? behind : bytes.length) - start
    // Whoever writes it, it has at most so many bytes (see `StreamLimits.stanzaBytes`).
    return read * longestReference + context.declaredLength > limits.stanzaBytes ? unusual : behind
  }

  #element(bytes: Uint8Array, start: number, context: ScanContext, limits: StreamLimits): number {
    const end = bytes.length
    if (bytes[start] !== byte.less) return unusual
    const nameEnd = behindName(bytes, start + 1, end)
    if (nameEnd <= 0) return nameEnd
    const name = this.#words.of(bytes, start + 1, nameEnd)
    const tag = this.#tag
    const tagEnd = tag.scan(bytes, nameEnd, end)
    if (tagEnd <= 0) return tagEnd
    if (name === 'r' || name === 'a') return this.#smElement(bytes, name, tagEnd)
    if (tag.count > limits.attributes) return unusual
    if (!isStanzaName(name)) return this.#other(bytes, start, nameEnd, tagEnd, context, limits)
    if (tag.xmlns !== undefined && tag.xmlns !== context.xmlns) return unusual
    // What follows reads its own tags.
    const { isEmpty, isWide } = tag
    const head = this.#head
    head.take(bytes, nameEnd, tag, context.lang)
    const content = this.#content
    const behind = isEmpty ? content.none(tagEnd) : content.read(bytes, tagEnd, start + 1, nameEnd, context, limits)
    if (behind <= 0) return behind
    const { from, to, id, type, stamp } = head
    const outline = { name, from, to, id, type, children: content.children }
    const tail = head.tail(bytes, behind)
    this.found = { outline, from: stamp, tail, isWide: isWide || content.isWide }
    return behind
  }

  /** What is in the namespace of the stream and no stanza, the parser is to judge. */
  #other(
    bytes: Uint8Array,
    start: number,
    nameEnd: number,
    tagEnd: number,
    context: ScanContext,
    limits: StreamLimits,
  ): number {
    const { isEmpty, isWide, xmlns } = this.#tag
    if (xmlns === undefined || xmlns === context.xmlns) return unusual
    const content = this.#content
    const behind = isEmpty
      ? content.none(tagEnd)
      : content.read(bytes, tagEnd, start + 1, nameEnd, context, limits, xmlns)
    if (behind <= 0) return behind
    const text = this.read(bytes, start, behind)
    this.found = { text: isWide || content.isWide ? textOfBytes(text) : text }
    return behind
  }

  #smElement(bytes: Uint8Array, name: 'a' | 'r', tagEnd: number): number {
    const nonza = nonzaOf(name, this.#tag, bytes)
    if (nonza === undefined) return unusual
    const behind = this.#tag.isEmpty ? tagEnd : behindWord(bytes, tagEnd, bytes.length, closing[name])
    if (behind > 0) this.found = nonza
    return behind
  }
}

const closing = { a: [0x3c, 0x2f, 0x61, 0x3e], r: [0x3c, 0x2f, 0x72, 0x3e] } as const

const ofText = new StanzaScanner()
const anywhere: ScanContext = { xmlns: 'jabber:client', lang: undefined, declaredLength: 0 }
const { MAX_SAFE_INTEGER: any } = Number
const unlimited: StreamLimits = { headerBytes: any, stanzaBytes: any, depth: any, elements: any, attributes: any }

/** What is found in the text of one stanza; nothing if it is unusual. */
export const scanText = (text: ByteString): ScannedStanza | undefined => {
  const bytes = bytesIn(text)
  if (ofText.scan(bytes, 0, anywhere, unlimited) !== bytes.length) return undefined
  const found = ofText.found as Ack | Request | ScannedElement | ScannedStanza
  return 'outline' in found ? found : undefined
}
