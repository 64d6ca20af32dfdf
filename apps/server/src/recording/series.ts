/**
 * One recording on disk: a series of files without a gap between them.
 *
 * Lines are taken at once and written later: one write at a time, of all that waits (group write). So whoever gives
 * lines is never kept waiting, and none is lost or changes its place while the process lives. A series that has failed,
 * or that the disk cannot keep up with, takes nothing more: what is on disk is its beginning, whole to its last line.
 */
import type { Instant } from '@smacks/core'
import type { RecordingFile, RecordingFiles } from './files.js'
import { fileName, oldestFirst } from './names.js'

export interface SeriesOptions {
  readonly files: RecordingFiles
  /** When it starts: its name. */
  readonly start: Instant
  /** Files that may be in the directory; the oldest are deleted. */
  readonly maxFiles: number
  /** Bytes that may wait for the disk, besides the longest line: the state of an account may be larger than all else. */
  readonly maxWaitingBytes: number
  /** Told once, when something was written. */
  readonly onFirstWrite?: () => void
  /** Told once, when it has failed or too much waits: it takes nothing more. */
  readonly onFailure: (reason: string) => void
}

export interface Series {
  /** Takes a line, without its end, and says how many bytes it has. Lines of a series that is over are dropped. */
  readonly write: (line: string) => number
  /** What is taken from now on goes into the next file. */
  readonly cut: () => void
  /** The name of the file that lines go to. */
  readonly file: () => string
  /** Takes nothing more; resolves when all that was taken is written, or the series has failed. Never rejects. */
  readonly end: () => Promise<void>
}

/** A part of a series, to be written. */
interface Part {
  readonly name: string
  lines: Array<string>
}

export const createSeries = (options: SeriesOptions): Series => {
  const { files, start, maxFiles, maxWaitingBytes, onFailure, onFirstWrite } = options
  let number = 1
  /** The first is being written, the last takes lines. */
  const parts: Array<Part> = [{ name: fileName(start, number), lines: [] }]
  let isOver = false
  let isTold = false
  let waiting = 0
  let longest = 0
  let hasWritten = false
  let drained: Promise<void> | undefined

  const write = (line: string): number => {
    const bytes = Buffer.byteLength(line) + 1
    const last = parts.at(-1)
    if (isOver || last === undefined) return bytes
    if (waiting > maxWaitingBytes + longest) {
      tellFailure(`the disk does not keep up: ${waiting} bytes wait for it`)
      return bytes
    }
    last.lines.push(line)
    waiting += bytes
    longest = Math.max(longest, bytes)
    drainLater()
    return bytes
  }

  const cut = (): void => {
    number += 1
    parts.push({ name: fileName(start, number), lines: [] })
  }

  const drainLater = (): void => {
    drained ??= drain()
  }

  const drain = async (): Promise<void> => {
    // What else comes in this turn goes along.
    await Promise.resolve()
    for (let part = nextPart(); part !== undefined; part = nextPart()) {
      const bytes = takeLines(part)
      try {
        await writeTo(part.name, bytes)
        waiting -= bytes.length
      } catch (cause) {
        await fail(cause)
      }
    }
    drained = undefined
  }

  /** The first part of which something waits. */
  const nextPart = (): Part | undefined => {
    while (parts.length > 1 && parts[0]?.lines.length === 0) parts.shift()
    const [part] = parts
    return part === undefined || part.lines.length === 0 ? undefined : part
  }

  const takeLines = (part: Part): Uint8Array => {
    const text = `${part.lines.join('\n')}\n`
    part.lines = []
    return Buffer.from(text)
  }

  let open: { readonly name: string; readonly file: RecordingFile; written: number } | undefined

  const writeTo = async (name: string, bytes: Uint8Array): Promise<void> => {
    if (open?.name !== name) {
      await close()
      open = { name, file: await files.create(name), written: 0 }
      await forgetOldest(name)
    }
    await open.file.write(bytes)
    open.written += bytes.length
    if (!hasWritten) onFirstWrite?.()
    hasWritten = true
  }

  const close = async (): Promise<void> => {
    const { file } = open ?? {}
    open = undefined
    await file?.close()
  }

  const forgetOldest = async (newest: string): Promise<void> => {
    const names = oldestFirst(await files.list()).filter(name => name !== newest)
    const tooMany = names.length + 1 - maxFiles
    for (const name of names.slice(0, Math.max(0, tooMany))) await files.remove(name)
  }

  const fail = async (cause: unknown): Promise<void> => {
    parts.length = 0
    tellFailure(cause instanceof Error ? cause.message : String(cause))
    await salvage()
  }

  const tellFailure = (reason: string): void => {
    isOver = true
    if (!isTold) onFailure(reason)
    isTold = true
  }

  /** A full disk may have taken a part of a line. If it cannot even be cut off, it is a recording whose last line is half. */
  const salvage = async (): Promise<void> => {
    if (open === undefined) return
    const { name, file, written } = open
    if (written === 0) await files.remove(name).catch(() => undefined)
    else await file.truncate(written).catch(() => undefined)
    await close().catch(() => undefined)
  }

  const end = async (): Promise<void> => {
    isOver = true
    await drained
    await close().catch(cause => tellFailure(String(cause)))
  }

  return { write, cut, end, file: () => fileName(start, number) }
}
