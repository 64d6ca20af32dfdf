/**
 * One record in a segment. Numbers are little-endian:
 *
 * | bytes | |
 * | --- | --- |
 * | 4 | the mark that a record begins with |
 * | 4 | CRC-32 of all that follows up to the end mark, begun with the checksum of the segment's header |
 * | 4 | length of the content, in bytes |
 * | 8 | number of the record |
 * | length | the content, which is text in UTF-8 or whatever bytes were appended |
 * | 4 | the end mark |
 *
 * A write that was torn, pages that were not synced, and what an earlier file left at the same place on the disk fail the
 * checksum.
 */
import { crc32 } from 'node:zlib'

const beginMark = Buffer.from('SMR\n')
const endMark = Buffer.from('END\n')

const [checksumAt, lengthAt, numberAt, textAt] = [4, 8, 12, 20] as const

/** Bytes of a record besides its text. */
export const recordOverhead = textAt + endMark.length

/** Where records are encoded; it is used again, unless it had to be large. */
export class RecordBuffer {
  private bytes = Buffer.allocUnsafe(usual)

  /**
   * A record of a segment with this seed, of text or of the bytes that the characters of a `latin1` string stand for. What is
   * returned is valid until the next call.
   */
  encode(number: number, content: string, seed: number, encoding: ContentEncoding = 'utf8'): Uint8Array {
    const bytes = this.reserve(recordOverhead + mostBytes[encoding] * content.length)
    const length = bytes.write(content, textAt, encoding)
    const end = textAt + length
    beginMark.copy(bytes)
    bytes.writeUInt32LE(length, lengthAt)
    bytes.writeUInt32LE(number % 2 ** 32, numberAt)
    bytes.writeUInt32LE(Math.floor(number / 2 ** 32), numberAt + 4)
    bytes.writeUInt32LE(crc32(bytes.subarray(lengthAt, end), seed), checksumAt)
    endMark.copy(bytes, end)
    return bytes.subarray(0, end + endMark.length)
  }

  private reserve(length: number): Buffer {
    if (length > largestKept) return Buffer.allocUnsafe(length)
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafe(Math.min(2 * length, largestKept))
    return this.bytes
  }
}

const usual = 64 * 1024

const largestKept = 4 * 1024 * 1024

/** How the characters of what is appended become bytes; those of `latin1` are from U+0000 to U+00FF. */
export type ContentEncoding = 'latin1' | 'utf8'

/** Of a character. */
const mostBytes: Readonly<Record<ContentEncoding, number>> = { latin1: 1, utf8: 3 }

/** A whole record in the bytes of a segment. */
export interface RecordPlace {
  readonly number: number
  readonly from: number
  /** Behind it. */
  readonly to: number
  readonly text: Buffer
}

/** Where the text of a record ends that begins at this place, if both of its marks are there. */
const endAt = (bytes: Buffer, from: number): number | undefined => {
  if (bytes.length - from < recordOverhead || beginMark.compare(bytes, from, from + beginMark.length) !== 0)
    return undefined
  const end = from + textAt + bytes.readUInt32LE(from + lengthAt)
  const to = end + endMark.length
  return to > bytes.length || endMark.compare(bytes, end, to) !== 0 ? undefined : end
}

/** How many records there seem to be, where nobody knows their seed. */
export const countMarks = (bytes: Buffer): number => {
  let count = 0
  for (let at = bytes.indexOf(beginMark); at >= 0; ) {
    const end = endAt(bytes, at)
    if (end !== undefined) count += 1
    at = bytes.indexOf(beginMark, end ?? at + 1)
  }
  return count
}

/** The record that begins at this place, if a whole one does. */
export const recordAt = (bytes: Buffer, from: number, seed: number): RecordPlace | undefined => {
  const end = endAt(bytes, from)
  if (end === undefined) return undefined
  const to = end + endMark.length
  if (crc32(bytes.subarray(from + lengthAt, end), seed) !== bytes.readUInt32LE(from + checksumAt)) return undefined
  const number = Number(bytes.readBigUInt64LE(from + numberAt))
  return { number, from, to, text: bytes.subarray(from + textAt, end) }
}

/** The first whole record that begins at this place or behind it. */
export const recordFrom = (bytes: Buffer, from: number, seed: number): RecordPlace | undefined => {
  for (let at = bytes.indexOf(beginMark, from); at >= 0; at = bytes.indexOf(beginMark, at + 1)) {
    const record = recordAt(bytes, at, seed)
    if (record !== undefined) return record
  }
  return undefined
}
