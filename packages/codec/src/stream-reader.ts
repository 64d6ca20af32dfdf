/**
 * One XML stream (RFC 6120 §4), from bytes to first-level elements.
 *
 * What the peer gets wrong ends the reading with one fault, at the same character however the bytes were cut. A stanza that
 * is only beyond a limit costs that stanza alone, as long as it can be read past: others on the same stream did nothing
 * wrong. Usual stanzas the scanner takes, all else the parser; what is told is the same.
 */
import type { Ack, Request } from '@smacks/core'
import { bytesIn } from './byte-string.js'
import type { Element } from './element.js'
import { elementOfNonza } from './nonza.js'
import { behindSpace, behindWord, incomplete, unusual } from './scanner/characters.js'
import type { ScanContext } from './scanner/context.js'
import { scanHeader, type UsualHeader } from './scanner/header.js'
import type { ScannedElement, ScannedStanza, StanzaScanner } from './scanner/scanner.js'
import { isStanza, Stanza } from './stanza.js'
import type { StreamFault, StreamHeader } from './stream.js'
import type { StreamLimits } from './stream-limits.js'
import { createStrictReader, type StrictReader } from './strict-reader.js'
import { usualElement } from './usual-element.js'

/** Who is told, in the order of the stream. After `close` or `fault` nothing more comes, and nothing more is read. */
export interface StreamReaderHandlers {
  /** The stream header came (RFC 6120 §4.2); before it there is no element. */
  readonly header: (header: StreamHeader) => void
  /**
   * A first-level element came. If it is of the stream's default namespace, neither it nor what belongs to it has an
   * `xmlns`: written on a stream of clients or of servers, it is of that stream (RFC 6120 §4.8.3). It stands on its
   * own: prefixes declared by the stream header are declared by the element if it uses them, and a stanza has the
   * stream's language if it names none (RFC 6120 §4.7.4).
   */
  readonly element: (element: Element) => void
  /** An element came that is a stanza. Without this handler it is told as `element`, and has to be parsed for that. */
  readonly stanza?: (stanza: Stanza) => void
  /** `<r/>` or `<a/>` came, as right as it is frequent. Without this handler it is told as `element`. */
  readonly nonza?: (nonza: Ack | Request) => void
  /**
   * A stanza came that is well-formed and beyond a limit, or that not every recipient could parse. It counts like any
   * other; of it only its name, `from`, `to`, `id` and `type` are left,
   * as far as they are not too long themselves, and `fault` says why. Without this handler it is a
   * `fault` of the stream.
   */
  readonly overLimit?: (stanza: Element, fault: StreamFault) => void
  /** The closing tag of the stream came (RFC 6120 §4.4). */
  readonly close: () => void
  /** The peer broke a rule of XML, of the stream, or a limit; the stream is to end with this error (RFC 6120 §4.9). */
  readonly fault: (fault: StreamFault) => void
}

/** Takes the bytes of one stream, as they come. */
export interface StreamReader {
  /** Reads the next bytes, which may end anywhere. The bytes are not kept. */
  readonly write: (bytes: Uint8Array) => void
  /** True if the stream would end in the middle of a header or an element if it ended now. */
  readonly midElement: () => boolean
  /**
   * Holds what comes from here on to other limits, such as once the peer has shown who it is. May be called while an
   * element is told; of bytes that were written before, some may still be held to the limits of then.
   */
  readonly limit: (limits: StreamLimits) => void
}

/** An element that came in so many tags is not worth the trouble to stop behind it: what comes with it is parsed, too. */
const mostSegments = 64

/** What was scanned in vain, as the multiple of what came; beyond that an element comes in too many pieces. */
const mostRescans = 4

const nothing: Uint8Array = new Uint8Array()

/**
 * A reader of a new stream, held to these limits until `limit` is called. What the peer gets wrong goes to `handlers.fault` and
 * is not thrown; only what a handler throws is. `scanner` takes what is usual, many times as fast as the parser; any number of
 * readers may share it.
 */
export const createStreamReader = (
  initial: StreamLimits,
  handlers: StreamReaderHandlers,
  scanner?: StanzaScanner,
): StreamReader =>
  scanner === undefined ? createParsingReader(initial, handlers) : new ScanningReader(initial, handlers, scanner)

const createParsingReader = (limits: StreamLimits, handlers: StreamReaderHandlers): StrictReader =>
  createStrictReader(limits, {
    ...handlers,
    element: parsed => {
      if (handlers.stanza !== undefined && isStanza(parsed)) handlers.stanza(Stanza.fromElement(parsed))
      else handlers.element(parsed)
    },
  })

/** The parser of a stream is made for what is unusual: most streams never need one, and it takes time and memory. */
class ScanningReader implements StreamReader {
  #limits: StreamLimits
  #strict: StrictReader | undefined
  /** What the header was, once a usual one was told, and under which limits. */
  #header: { readonly usual: UsualHeader; readonly limits: StreamLimits } | undefined
  /** The stream was closed. */
  #isClosed = false
  /** An element that is incomplete and has nothing unusual so far. */
  #held: Uint8Array = nothing
  /** Bytes of it that were looked at. */
  #scanned = 0

  constructor(
    limits: StreamLimits,
    private readonly handlers: StreamReaderHandlers,
    private readonly scanner: StanzaScanner,
  ) {
    this.#limits = limits
  }

  write(chunk: Uint8Array): void {
    const bytes = this.#held.length === 0 ? chunk : joined(this.#held, chunk)
    this.#held = nothing
    let at = 0
    while (at < bytes.length && !this.#isOver()) {
      if (this.#isMidParse()) {
        at = this.#parse(bytes, at)
        continue
      }
      at = behindSpace(bytes, at)
      if (at < bytes.length) at = this.#scan(bytes, at)
    }
  }

  midElement(): boolean {
    return this.#held.length > 0 || this.#strict?.midElement() === true
  }

  limit(limits: StreamLimits): void {
    this.#limits = limits
    this.#strict?.limit(limits)
  }

  #isOver(): boolean {
    return this.#isClosed || this.#strict?.isOver() === true
  }

  /** The parser is in the middle of something. */
  #isMidParse(): boolean {
    return this.#strict?.isBetween() === false
  }

  /** Reads what begins here, or keeps what has come of it; returns how far that is. */
  #scan(bytes: Uint8Array, start: number): number {
    const context = this.#context()
    if (context === undefined) return this.#scanHeader(bytes, start)
    const behind = this.scanner.scan(bytes, start, context, this.#limits)
    if (behind > 0) {
      this.#scanned = 0
      this.#tell()
      return behind
    }
    const length = bytes.length - start
    this.#scanned += length
    if (behind === incomplete && this.#scanned <= length * mostRescans) return this.#hold(bytes, start)
    this.#scanned = 0
    return this.#isEnd(bytes, start) ? this.#close(bytes) : this.#parse(bytes, start)
  }

  /** What the header means for elements; nothing before it came. */
  #context(): ScanContext | undefined {
    return this.#header?.usual.context ?? this.#strict?.context()
  }

  #scanHeader(bytes: Uint8Array, start: number): number {
    const usual = scanHeader(bytes, start, this.#limits)
    if (usual === incomplete) return this.#hold(bytes, start)
    if (usual === unusual) return this.#parse(bytes, start)
    this.#header = { usual, limits: this.#limits }
    this.handlers.header(usual.header)
    return start + usual.text.length
  }

  #hold(bytes: Uint8Array, start: number): number {
    this.#held = joined(nothing, bytes.subarray(start))
    return bytes.length
  }

  /** Nothing else is here than what closes a stream with a usual header. */
  #isEnd(bytes: Uint8Array, start: number): boolean {
    return this.#strict === undefined && behindWord(bytes, start, bytes.length, closing) === bytes.length
  }

  #close(bytes: Uint8Array): number {
    this.#isClosed = true
    this.handlers.close()
    return bytes.length
  }

  #tell(): void {
    const { handlers, scanner } = this
    const found = scanner.found as Ack | Request | ScannedElement | ScannedStanza
    if ('outline' in found) {
      const stanza = Stanza.fromScanned(found)
      if (handlers.stanza === undefined) handlers.element(stanza.element)
      else handlers.stanza(stanza)
    } else if ('text' in found) handlers.element(usualElement(found.text))
    else if (handlers.nonza === undefined) handlers.element(elementOfNonza(found))
    else handlers.nonza(found)
  }

  /** Gives the parser what is unusual, up to its end: each element ends with a `>`. Returns how far it read. */
  #parse(bytes: Uint8Array, start: number): number {
    const strict = this.#parser()
    let at = start
    for (let segments = 0; segments < mostSegments && at < bytes.length; segments += 1) {
      const found = bytes.indexOf(greater, at)
      const end = found === -1 ? bytes.length : found + 1
      strict.write(bytes.subarray(at, end))
      at = end
      if (strict.isBetween() || strict.isOver()) return at
    }
    if (at < bytes.length) strict.write(bytes.subarray(at))
    return bytes.length
  }

  /** The parser; one that comes late reads the header first, of which everybody knows. */
  #parser(): StrictReader {
    if (this.#strict !== undefined) return this.#strict
    const { handlers } = this
    const told = this.#header
    let isTold = told !== undefined
    const header = (found: StreamHeader): void => {
      if (!isTold) handlers.header(found)
    }
    const strict = createParsingReader(told?.limits ?? this.#limits, { ...handlers, header })
    this.#strict = strict
    if (told === undefined) return strict
    strict.write(bytesIn(told.usual.text))
    strict.limit(this.#limits)
    isTold = false
    return strict
  }
}

const closing = [...'</stream:stream>'].map(character => character.charCodeAt(0))

const greater = 0x3e

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
