/**
 * Bytes of a stream through the parser.
 *
 * Everything is bounded by the limit on the bytes of one element, counted while it is incomplete: whatever the
 * parser holds back (a tag, a text, an attribute) is part of such an element.
 */
import type { ScanContext } from './scanner/context.js'
import type { StreamFault } from './stream.js'
import { StreamEnd } from './stream-end.js'
import type { StreamLimits } from './stream-limits.js'
import { createStreamParser, type ParserHandlers, readPastFactor } from './stream-parser.js'
import * as rules from './stream-rules.js'
import { createUtf8Reader, endWithin, utf8Length } from './utf8.js'
import { skipSpace } from './white-space.js'

export interface StrictReaderHandlers extends ParserHandlers {
  readonly close: () => void
  readonly fault: (fault: StreamFault) => void
}

export interface StrictReader {
  /** Reads the next bytes, which may end anywhere. */
  readonly write: (bytes: Uint8Array) => void
  /** Nothing more is read. */
  readonly isOver: () => boolean
  /** A header or an element is incomplete. */
  readonly midElement: () => boolean
  /** The header has come, and no element is incomplete. */
  readonly isBetween: () => boolean
  readonly context: () => ScanContext
  readonly limit: (limits: StreamLimits) => void
}

/** What follows the stream header, or a stanza that is read past, is held to other limits, so they are parsed for themselves. */
const tagEnd = (text: string, start: number): number => {
  const end = text.indexOf('>', start)
  return end === -1 ? text.length : end + 1
}

/**
 * Bytes that are decoded at once. The texts of an element are slices of the decoded piece and keep it in memory
 * as long as they are queued, so it is small; a greater one is not faster.
 */
const pieceBytes = 4096

export const createStrictReader = (initial: StreamLimits, handlers: StrictReaderHandlers): StrictReader => {
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
        isHeader() || isPast ? tagEnd(text, at) : text.length,
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
    isOver: () => over,
    midElement: () => !over && (pending > 0 || utf8.held() > 0),
    isBetween: () => parser.depth() === 1 && pending === 0 && utf8.held() === 0,
    context: () => parser.context(),
    limit: next => {
      limits = next
      parser.limit(next)
    },
  }
}
