/** The log while it is written: one writer, one record behind the other, in a new segment when one is full. */
import type { OpenSegment } from './content.js'
import type { LogFile, LogFolder } from './files.js'
import { type ContentEncoding, RecordBuffer } from './record.js'
import { encodeHeader, headerLength, nameOf, seedOf } from './segment.js'

export interface LogOptions {
  readonly folder: LogFolder
  /** Names the log. */
  readonly log: string
  /** How the records that are written now are to be read; a segment has one. */
  readonly stamp: string
  /** Bytes of records; a segment that has as many is followed by another. */
  readonly segmentSize: number
  /** True if `sync` is called; otherwise nothing is promised of a power loss. */
  readonly isSynced: boolean
  /** What was read of it (`LogContent`), to its end. */
  readonly segments: ReadonlyArray<OpenSegment>
  /** What was found and does not count (`LogContent`). It goes before anything is written, so that nothing comes behind it. */
  readonly leftover?: ReadonlyArray<string>
  /** No new record has this number or one below, whatever was read. */
  readonly last: number
}

/** A segment that takes no record any more. */
interface Segment {
  readonly name: string
  readonly first: number
  last: number
  /** Bytes, as far as they count. */
  end: number
}

interface WrittenSegment extends Segment {
  readonly file: LogFile
  seed: number
}

/** How far everything is on the disk. */
interface Mark {
  readonly segment: WrittenSegment | undefined
  readonly last: number
  readonly end: number
}

export class SegmentedLog {
  /** Oldest first; the one that is written is not among them. */
  private readonly earlier: Array<Segment>
  private current: WrittenSegment | undefined
  private readonly buffer = new RecordBuffer()
  private lastNumber: number
  /** Bytes behind the end of the current segment may be there, from an attempt that failed. */
  private isUnclean = false
  /** The current segment takes no record any more. */
  private isFull = false
  /** Segments behind that of the mark which were written before the current one. */
  private unsynced: Array<WrittenSegment> = []
  private hasNewNames = true
  private mark: Mark
  private broken: unknown

  /** Goes on behind what was read: what lies behind the last record that counts is cut off. */
  constructor(private readonly options: LogOptions) {
    const { folder, isSynced, leftover = [], segments, stamp } = options
    for (const name of leftover) folder.remove(name)
    if (isSynced && leftover.length > 0) folder.sync()
    this.earlier = segments.map(({ name, header, last, end }) => ({ name, first: header.first, last, end }))
    const newest = segments[segments.length - 1]
    this.lastNumber = Math.max(options.last, newest?.last ?? 0)
    if (isSynced) for (const { name } of this.earlier) syncFile(folder, name)
    const segment = this.earlier.pop()
    if (newest !== undefined && segment !== undefined) {
      const file = folder.open(newest.name, true)
      if (file.size() > newest.end) file.truncate(newest.end)
      this.current = { ...segment, file, seed: seedOf(encodeHeader(newest.header)) }
      this.isFull = newest.header.stamp !== stamp || newest.last !== this.lastNumber
    }
    this.mark = this.here()
  }

  /** The number of the last record. */
  get last(): number {
    return this.lastNumber
  }

  /** The first record that is there, or would be the next. */
  get first(): number {
    return (this.earlier[0] ?? this.current)?.first ?? this.lastNumber + 1
  }

  /** Bytes of its records. */
  size(): number {
    const bytes = this.earlier.reduce((sum, { end }) => sum + end - headerLength, 0)
    return bytes + (this.current === undefined ? 0 : this.current.end - headerLength)
  }

  /**
   * Writes a record, in one write, and returns its number. It survives the end of the process when this returns, and a power
   * loss when `sync` has resolved. `content` is text, or, in `latin1`, a string of bytes. Throws what the file system says if it cannot be written; then nothing of it is there.
   */
  append(content: string, encoding: ContentEncoding = 'utf8'): number {
    if (this.broken !== undefined) throw this.broken
    this.clean()
    const segment = this.writable()
    const number = this.lastNumber + 1
    const bytes = this.buffer.encode(number, content, segment.seed, encoding)
    this.isUnclean = true
    try {
      segment.file.write(bytes, segment.end)
    } catch (error) {
      this.cleanIfPossible()
      throw error
    }
    this.isUnclean = false
    segment.end += bytes.length
    segment.last = number
    this.lastNumber = number
    return number
  }

  /**
   * Resolves when all that was appended survives a power loss; nothing is to be appended meanwhile. If it rejects, what was
   * appended since the last sync is not there.
   */
  async sync(): Promise<void> {
    try {
      for (const { file } of this.unsynced) await file.sync()
      await this.current?.file.sync()
      if (this.hasNewNames) this.options.folder.sync()
    } catch (error) {
      this.revert()
      throw error
    }
    for (const { file } of this.unsynced.splice(0)) file.close()
    this.hasNewNames = false
    this.mark = this.here()
  }

  /** The first record that there is once the log is trimmed. */
  firstAfterTrim(before: number): number {
    return (this.earlier.find(({ last }) => last >= before) ?? this.current)?.first ?? this.lastNumber + 1
  }

  /** No new record has this number or one below. */
  beyond(number: number): void {
    if (number <= this.lastNumber) return
    this.lastNumber = number
    this.isFull = true
  }

  /** There is a segment from now on, also after a power loss, though no record may be in it. */
  begin(): void {
    if (this.current !== undefined) return
    this.beginSegment().file.syncNow()
    this.options.folder.sync()
    this.hasNewNames = false
    this.mark = this.here()
  }

  /** Removes the segments that have only records before this number, but never the one that is written. */
  trim(before: number): void {
    for (let oldest = this.earlier[0]; oldest !== undefined && oldest.last < before; oldest = this.earlier[0]) {
      this.options.folder.remove(oldest.name)
      this.earlier.shift()
    }
  }

  close(): void {
    this.broken ??= new Error('the log is closed')
    for (const { file } of this.unsynced.splice(0)) file.close()
    this.current?.file.close()
  }

  private here(): Mark {
    return { segment: this.current, last: this.lastNumber, end: this.current?.end ?? 0 }
  }

  private writable(): WrittenSegment {
    const { current } = this
    if (current !== undefined && !this.isFull && current.end - headerLength < this.options.segmentSize) return current
    return this.beginSegment()
  }

  private beginSegment(): WrittenSegment {
    const { folder, log, stamp } = this.options
    const { current } = this
    const first = this.lastNumber + 1
    const isEmpty = current?.first === first
    const after = (isEmpty ? undefined : current) ?? this.earlier[this.earlier.length - 1]
    const header = encodeHeader({ log, first, after: after?.last ?? 0, stamp })
    if (current !== undefined && isEmpty) {
      current.file.write(header, 0)
      current.seed = seedOf(header)
      this.isFull = false
      return current
    }
    const name = nameOf(first)
    const file = createWith(folder, name, header)
    if (current !== undefined) this.leave(current)
    const segment = { name, first, last: first - 1, end: headerLength, file, seed: seedOf(header) }
    this.current = segment
    this.hasNewNames = true
    this.isFull = false
    return segment
  }

  private leave(segment: WrittenSegment): void {
    this.earlier.push(segment)
    if (this.options.isSynced) this.unsynced.push(segment)
    else segment.file.close()
  }

  /** Bytes behind the end would be taken for a record. */
  private clean(): void {
    if (!this.isUnclean || this.current === undefined) return
    this.current.file.truncate(this.current.end)
    this.isUnclean = false
  }

  private cleanIfPossible(): void {
    try {
      this.clean()
    } catch {
      // It is tried again before anything else is written.
    }
  }

  /**
   * A sync failed, and nobody knows which bytes since the last one are on the disk: the system may have forgotten that they were
   * to be written. All of them are taken back, and what comes next goes into another file.
   */
  private revert(): void {
    const { segment, last, end } = this.mark
    try {
      for (let newest = this.current; newest !== undefined && newest !== segment; newest = this.unsynced.pop()) {
        newest.file.close()
        this.options.folder.remove(newest.name)
        const index = this.earlier.findIndex(({ name }) => name === newest?.name)
        if (index >= 0) this.earlier.splice(index, 1)
      }
    } catch (error) {
      // What was taken back may be there at the next start, so nothing may be written behind it.
      this.broken = error
      return
    }
    this.current = segment
    this.lastNumber = last
    this.isUnclean = true
    this.isFull = true
    if (segment === undefined) return
    segment.end = end
    segment.last = last
    this.earlier.splice(0, this.earlier.length, ...this.earlier.filter(({ name }) => name !== segment.name))
    this.cleanIfPossible()
  }
}

const createWith = (folder: LogFolder, name: string, header: Uint8Array): LogFile => {
  const file = createAnew(folder, name)
  try {
    file.write(header, 0)
    return file
  } catch (error) {
    file.close()
    folder.remove(name)
    throw error
  }
}

const createAnew = (folder: LogFolder, name: string): LogFile => {
  try {
    return folder.create(name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    // A crash left it when it was made: no record of it counts.
    folder.remove(name)
    return folder.create(name)
  }
}

const syncFile = (folder: LogFolder, name: string): void => {
  const file = folder.open(name, true)
  try {
    file.syncNow()
  } finally {
    file.close()
  }
}
