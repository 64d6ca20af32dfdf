/**
 * One XML stream (RFC 6120 §4), from bytes to first-level elements.
 *
 * Everything is bounded by the limit on the bytes of one element, counted while it is incomplete: whatever the
 * parser holds back (a tag, a text, an attribute) is part of such an element. What the peer gets wrong ends the
 * reading with one fault, at the same character however the bytes were cut. A stanza that is only beyond a limit costs
 * that stanza alone, as long as it can be read past: others on the same stream did nothing wrong.
 */
import type { Element } from './element.js'
import type { StreamFault, StreamHeader } from './stream.js'
import { StreamEnd } from './stream-end.js'
import type { StreamLimits } from './stream-limits.js'
import { createStreamParser, readPastFactor } from './stream-parser.js'
import * as rules from './stream-rules.js'
import { createUtf8Reader, endWithin, utf8Length } from './utf8.js'
import { skipSpace } from './white-space.js'

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

/** What follows the stream header is held to other limits, so it is parsed for itself. */
const tagEnd = (text: string, start: number): number => {
  const end = text.indexOf('>', start)
  return end === -1 ? text.length : end + 1
}

/**
 * Bytes that are decoded at once. The texts of an element are slices of the decoded piece and keep it in memory
 * as long as they are queued, so it is small; a greater one is not faster.
 */
const pieceBytes = 4096

/**
 * A reader of a new stream, held to these limits until `limit` is called. What the peer gets wrong goes to `handlers.fault` and
 * is not thrown; only what a handler throws is.
 */
export const createStreamReader = (initial: StreamLimits, handlers: StreamReaderHandlers): StreamReader => {
  let limits = initial
  const utf8 = createUtf8Reader()
  const parser = createStreamParser(initial, handlers)
  /** Bytes of the header or element that is incomplete. */
  let pending = 0
  /** The element that is incomplete has more bytes than it may have, and is read past. */
  let isPast = false
  let over = false

  const end = (fault?: StreamFault): void => {
    over = true
    if (fault === undefined) handlers.close()
    else handlers.fault(fault)
  }

  /** Parses text that ends within the limit; afterwards `pending` is right again. */
  const parse = (text: string, ascii: boolean): void => {
    try {
      const complete = parser.parse(text, ascii, pending)
      const incomplete = complete === 0 ? text : text.slice(skipSpace(text, complete))
      const length = ascii ? incomplete.length : utf8Length(incomplete)
      pending = complete === 0 ? pending + length : length
      if (complete > 0) isPast = false
    } catch (thrown) {
      over = true
      if (!(thrown instanceof StreamEnd)) throw thrown
      end(thrown.fault)
    }
  }

  const isHeader = (): boolean => parser.depth() === 0

  const mostBytes = (): number => (isHeader() ? limits.headerBytes : limits.stanzaBytes)

  const tooLong = (): StreamFault =>
    rules.limitFault(isHeader() ? 'the stream header is too long' : 'an element is too long', mostBytes(), 'bytes')

  const read = (text: string, ascii: boolean): void => {
    let at = 0
    while (!over) {
      // White space between elements is no part of one; kept by the parser, it would grow without end.
      if (pending === 0) at = skipSpace(text, at)
      if (at === text.length) return
      if (pending === 0 && text[at] !== '<') return end(rules.textFault(parser.depth()))
      const to = endWithin(
        text,
        at,
        mostBytes() * (isPast ? readPastFactor : 1) - pending,
        isHeader() ? tagEnd(text, at) : text.length,
      )
      if (to === at) {
        if (isPast || !parser.exceed(tooLong())) return end(tooLong())
        isPast = true
        continue
      }
      parse(at === 0 && to === text.length ? text : text.slice(at, to), ascii)
      at = to
    }
  }

  return {
    write: bytes => {
      for (let at = 0; at < bytes.length && !over; at += pieceBytes) {
        const { text, ascii, valid } = utf8.decode(
          bytes.length <= pieceBytes ? bytes : bytes.subarray(at, at + pieceBytes),
        )
        read(text, ascii)
        if (!over && !valid) end(rules.notUtf8)
      }
    },
    midElement: () => !over && (pending > 0 || utf8.held() > 0),
    limit: next => {
      limits = next
      parser.limit(next)
    },
  }
}
