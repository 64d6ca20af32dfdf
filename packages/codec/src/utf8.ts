/** UTF-8 (RFC 3629) as it comes in pieces that end anywhere. */
import { strictUtf8Decoder } from './platform.js'

/** One piece, decoded. */
export interface DecodedPiece {
  readonly text: string
  /** There is no character beyond ASCII. */
  readonly ascii: boolean
  /** False: after `text` come bytes that are not UTF-8. */
  readonly valid: boolean
}

export interface Utf8Reader {
  /** Decodes all characters that are complete. */
  readonly decode: (bytes: Uint8Array) => DecodedPiece
  /** Bytes of a character that is not complete yet, 0 to 3. */
  readonly held: () => number
}

export const createUtf8Reader = (): Utf8Reader => {
  const decoder = strictUtf8Decoder()
  let rest = new Uint8Array(0)
  return {
    decode: bytes => {
      const all = rest.length === 0 ? bytes : concatenated(rest, bytes)
      const end = completeLength(all)
      if (rest.length > 0 || end < all.length) rest = all.slice(end)
      const complete = end < all.length ? all.subarray(0, end) : all
      try {
        const text = decoder.decode(complete)
        return { text, ascii: text.length === complete.length, valid: true }
      } catch {
        const valid = validLength(complete)
        const text = decoder.decode(complete.subarray(0, valid))
        return { text, ascii: text.length === valid, valid: false }
      }
    },
    held: () => rest.length,
  }
}

/** How many bytes the text takes in UTF-8. */
export const utf8Length = (text: string): number => {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // Both halves of a surrogate pair count 2.
    if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return length
}

/** The greatest end up to `last` such that the text from `start` to it takes at most `bytes` bytes and splits no character. */
export const endWithin = (text: string, start: number, bytes: number, last: number): number => {
  // No UTF-16 unit takes more than 3 bytes.
  if ((last - start) * 3 <= bytes) return last
  let left = bytes
  let end = start
  while (end < last) {
    const code = text.charCodeAt(end)
    const wide = code >= 0xd800 && code <= 0xdbff
    left -= code <= 0x7f ? 1 : code <= 0x7ff ? 2 : wide ? 4 : 3
    if (left < 0) break
    end += wide ? 2 : 1
  }
  return end
}

const concatenated = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** The length of the sequence that begins with this byte; 1 where none can. */
const sequenceLength = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1)

/** NaN behind the end, which is no byte of any kind. */
const byteAt = (bytes: Uint8Array, at: number): number => Number(bytes[at])

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

/** The length without a last sequence that is cut off. */
const completeLength = (bytes: Uint8Array): number => {
  const { length } = bytes
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = byteAt(bytes, length - back)
    if (isContinuation(byte)) continue
    return sequenceLength(byte) > back ? length - back : length
  }
  return length
}

/** The length of the longest prefix that is UTF-8. */
const validLength = (bytes: Uint8Array): number => {
  let at = 0
  while (isCharacter(bytes, at)) at += sequenceLength(byteAt(bytes, at))
  return at
}

const isCharacter = (bytes: Uint8Array, at: number): boolean => {
  const length = sequenceLength(byteAt(bytes, at))
  return length === 1 ? byteAt(bytes, at) <= 0x7f : isSequence(bytes, at, length)
}

/** The least and greatest second byte after leads that do not allow all: no overlong form, no surrogate, no end beyond Unicode. */
const secondBytes: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
}

const isSequence = (bytes: Uint8Array, at: number, length: number): boolean => {
  const lead = byteAt(bytes, at)
  if (lead < 0xc2 || lead > 0xf4) return false
  for (let i = 1; i < length; i++) if (!isContinuation(byteAt(bytes, at + i))) return false
  const [least, greatest] = secondBytes[lead] ?? [0x80, 0xbf]
  const second = byteAt(bytes, at + 1)
  return second >= least && second <= greatest
}
