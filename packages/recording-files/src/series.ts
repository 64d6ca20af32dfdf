/**
 * One recording on disk: a series of files without a gap between them.
 *
 * Lines are taken at once and written later: one write at a time, of all that waits (group write). So whoever gives
 * lines is never kept waiting, and none is lost or changes its place while the process lives. A series that has failed,
 * or that the disk cannot keep up with, takes nothing more: what is on disk is its beginning, whole to its last line.
 */
import type { Instant } from '@smacks/core'
import { createFileWriter } from './file-writer.js'
import type { RecordingFiles } from './files.js'
import { createParts } from './parts.js'

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

export const createSeries = (options: SeriesOptions): Series => {
  const { maxWaitingBytes, onFailure, onFirstWrite } = options
  const writer = createFileWriter(options.files, options.maxFiles)
  const parts = createParts(options.start)
  let isOver = false
  let isTold = false
  let waiting = 0
  let longest = 0
  let hasWritten = false
  let drained: Promise<void> | undefined

  const write = (line: string): number => {
    const bytes = Buffer.byteLength(line) + 1
    if (isOver) return bytes
    if (waiting > maxWaitingBytes + longest) {
      tellFailure(`the disk does not keep up: ${waiting} bytes wait for it`)
      return bytes
    }
    parts.push(line)
    waiting += bytes
    longest = Math.max(longest, bytes)
    drained ??= drain()
    return bytes
  }

  const drain = async (): Promise<void> => {
    // What else comes in this turn goes along.
    await Promise.resolve()
    for (let part = parts.take(); part !== undefined; part = parts.take()) {
      try {
        const bytes = Buffer.from(`${part.lines.join('\n')}\n`)
        await writer.append(part.name, bytes)
        waiting -= bytes.length
        if (!hasWritten) onFirstWrite?.()
        hasWritten = true
      } catch (cause) {
        await fail(cause)
      }
    }
    drained = undefined
  }

  const fail = async (cause: unknown): Promise<void> => {
    parts.clear()
    tellFailure(cause instanceof Error ? cause.message : String(cause))
    await writer.salvage()
  }

  const tellFailure = (reason: string): void => {
    isOver = true
    if (!isTold) onFailure(reason)
    isTold = true
  }

  const end = async (): Promise<void> => {
    isOver = true
    await drained
    await writer.close().catch(cause => tellFailure(String(cause)))
  }

  return { write, end, cut: parts.cut, file: parts.file }
}
