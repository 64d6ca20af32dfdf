/**
 * A segment is a file: a header of fixed length, then records one behind the other. It is named by the number of its first
 * record. The header is JSON, filled up with spaces, between its length and checksum and a line break.
 */
import { crc32 } from 'node:zlib'

export interface SegmentHeader {
  /** Of this file format. */
  readonly version: number
  /** Names the log: no segment of another log counts. */
  readonly log: string
  /** The number that its first record has, or is to have. Earlier segments have no record of this number or above. */
  readonly first: number
  /** The last record before it; 0 if there was none. */
  readonly after: number
  /** How its records are to be read, as their writer says. */
  readonly stamp: string
}

export const headerLength = 512

const formatVersion = 1

const [magic, lengthAt, checksumAt, jsonAt] = [Buffer.from('SMACKSLG'), 8, 12, 16] as const

export const nameOf = (first: number): string => `${String(first).padStart(16, '0')}.log`

/** True for a name that a segment has. */
export const isSegmentName = (name: string): boolean => /^\d{16}\.log$/.test(name)

export const encodeHeader = ({ log, first, after, stamp }: Omit<SegmentHeader, 'version'>): Buffer => {
  const json = Buffer.from(JSON.stringify({ v: formatVersion, log, first, after, stamp }))
  if (json.length > headerLength - jsonAt - 1) throw new Error(`the header of a segment has ${json.length} bytes`)
  const bytes = Buffer.alloc(headerLength, ' ')
  magic.copy(bytes)
  bytes.writeUInt32LE(json.length, lengthAt)
  bytes.writeUInt32LE(crc32(json), checksumAt)
  json.copy(bytes, jsonAt)
  bytes.write('\n', headerLength - 1)
  return bytes
}

/** What the records of the segment begin their checksums with. */
export const seedOf = (header: Buffer): number => header.readUInt32LE(checksumAt)

/** The header in the bytes of a segment; nothing if they do not begin with one. */
export const decodeHeader = (bytes: Buffer): SegmentHeader | undefined => {
  if (bytes.length < headerLength || magic.compare(bytes, 0, magic.length) !== 0) return undefined
  const json = bytes.subarray(jsonAt, jsonAt + Math.min(bytes.readUInt32LE(lengthAt), headerLength))
  if (crc32(json) !== bytes.readUInt32LE(checksumAt)) return undefined
  const { v, log, first, after, stamp } = JSON.parse(json.toString()) as { readonly [key: string]: unknown }
  return { version: Number(v), log: String(log), first: Number(first), after: Number(after), stamp: String(stamp) }
}

/** Throws an `Error` if a newer program wrote the segment. */
export const refuseNewer = (path: string, { version }: SegmentHeader): void => {
  if (version === formatVersion) return
  throw new Error(
    `${path} was written by a newer program, in version ${version}; this one knows version ${formatVersion}; nothing was changed`,
  )
}
