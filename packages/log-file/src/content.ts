/**
 * What the files of a log have. Where a record is not whole it depends on what comes behind it: with nothing whole there, at
 * the end of the last segment, it is the tail that a crash left, and was never told to be durable. Anywhere else it is damage.
 */
import { join } from 'node:path'
import { type LogFile, type LogFolder, openIfThere } from './files.js'
import { countMarks, recordAt, recordFrom } from './record.js'
import { decodeHeader, headerLength, isSegmentName, refuseNewer, type SegmentHeader, seedOf } from './segment.js'

export interface LogRecord {
  readonly _tag: 'Record'
  readonly number: number
  /** Its text, in UTF-8. */
  readonly bytes: Buffer
  /** That of its segment. */
  readonly stamp: string
  /** Bytes that it takes in its file. */
  readonly size: number
}

/** Bytes where records should be; what they say cannot be trusted. */
export interface Damage {
  readonly _tag: 'Damage'
  /** The file, and where in it. */
  readonly path: string
  readonly from: number
  readonly to: number
  /** The records that should be there. */
  readonly first: number
  readonly last: number
  readonly bytes: Buffer
}

/** For people. */
export const damageText = ({ path, from, to, first, last }: Damage): string =>
  `${path}: the bytes from ${from} to ${to} are damaged, where ${first === last ? `record ${first}` : `the records ${first} to ${last}`} should be`

/** One segment, as it was found. */
export interface OpenSegment {
  readonly name: string
  readonly header: SegmentHeader
  /** The last record that counts; that before its first if none does. */
  readonly last: number
  /** Behind that record, in the file. */
  readonly end: number
}

export interface LogContent {
  /** The first record that there should be; undefined if there is no segment. */
  readonly first: number | undefined
  /** Names the log; undefined if there is no segment. */
  readonly log: string | undefined
  /**
   * All records in their order, and what is damaged between them. Throws an `Error` that names the file if a segment is missing,
   * does not begin with a header, or was written by a newer program.
   */
  readonly read: () => Generator<Damage | LogRecord, void, undefined>
  /** The segments that were read to their end. */
  readonly segments: () => ReadonlyArray<OpenSegment>
  /**
   * Files that do not count: segments before the first that does, and a last one that a crash came to when it was made. Whoever
   * goes on writing removes them first: a file without a header is damage once another is behind it.
   */
  readonly leftover: ReadonlyArray<string>
  readonly close: () => void
}

interface Found {
  readonly name: string
  readonly path: string
  readonly file: LogFile
  readonly header: SegmentHeader
}

/**
 * Opens all segments that there are now, so that nothing that is removed meanwhile is missed; the records are read later. `from`
 * is asked after that: those segments count that have its record, or later ones. Others are there where a power loss undid
 * that they were removed.
 */
export const openContent = (folder: LogFolder, from: () => number = () => 0): LogContent => {
  const { found, unmade } = openAll(folder)
  const number = from()
  const [begin] = found.flatMap(({ header }, index) => (header.first <= number ? [index] : [])).slice(-1)
  const counted = found.slice(begin ?? 0)
  const segments: Array<OpenSegment> = []
  return {
    first: counted[0]?.header.first,
    log: counted[0]?.header.log,
    read: function* () {
      segments.length = 0
      for (const [index, segment] of counted.entries())
        segments.push(yield* readSegment(segment, counted[index + 1], segments[index - 1]))
    },
    segments: () => segments,
    leftover: [...found.slice(0, begin ?? 0).map(({ name }) => name), ...unmade],
    close: () => {
      for (const { file } of found) file.close()
    },
  }
}

interface FoundFiles {
  readonly found: ReadonlyArray<Found>
  /** Without a header, since a crash came before it was written. */
  readonly unmade: ReadonlyArray<string>
}

const openAll = (folder: LogFolder): FoundFiles => {
  const names = folder.names().filter(isSegmentName).sort()
  const found: Array<Found> = []
  const unmade: Array<string> = []
  for (const [index, name] of names.entries()) {
    const path = join(folder.path, name)
    const file = openIfThere(folder, name)
    if (file === undefined) continue
    const bytes = file.read()
    const header = decodeHeader(bytes)
    if (header !== undefined) {
      refuseNewer(path, header)
      found.push({ name, path, file, header })
      continue
    }
    file.close()
    // A crash came when it was made, and its first record with it. Behind a second one it would be on the disk.
    if (index < names.length - 1 || countMarks(bytes) >= 2)
      throw new Error(`${path} is damaged: it does not begin with the header of a segment. Restore it from a backup`)
    unmade.push(name)
  }
  return { found, unmade }
}

function* readSegment(
  { name, path, file, header }: Found,
  next: Found | undefined,
  before: OpenSegment | undefined,
): Generator<Damage | LogRecord, OpenSegment, undefined> {
  if (before !== undefined && (header.after !== before.last || header.log !== before.header.log))
    throw new Error(
      `${path} follows record ${header.after} of its log, and what is before it ends with record ${before.last}: a segment is ` +
        'missing, or is of another log. Restore the folder from a backup',
    )
  const bytes = file.read()
  const seed = seedOf(bytes)
  let [last, end] = [header.first - 1, headerLength]
  const damageTo = (to: number, beyond: number): Damage => ({
    _tag: 'Damage',
    path,
    from: end,
    to,
    first: last + 1,
    last: beyond - 1,
    bytes: bytes.subarray(end, to),
  })
  while (end < bytes.length) {
    const record = recordAt(bytes, end, seed) ?? recordFrom(bytes, end, seed)
    if (record === undefined || record.number <= last) break
    // What a commit that failed may have left behind: the next segment takes its place.
    if (next !== undefined && record.number >= next.header.first) break
    if (record.number !== last + 1) yield damageTo(record.from, record.number)
    ;[last, end] = [record.number, record.to]
    yield {
      _tag: 'Record',
      number: record.number,
      bytes: record.text,
      stamp: header.stamp,
      size: record.to - record.from,
    }
  }
  // Without such bytes a segment is missing, which the next one tells.
  if (next !== undefined && last < next.header.after && end < bytes.length) {
    yield damageTo(bytes.length, next.header.after + 1)
    ;[last, end] = [next.header.after, bytes.length]
  }
  return { name, header, last, end }
}
