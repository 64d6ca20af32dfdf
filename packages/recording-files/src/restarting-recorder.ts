/**
 * Runs one recording writer at a time, and starts a new one when the disk failed.
 *
 * When the disk is full or too slow, the writer ends, the operator is told, and the next one begins as soon as the disk
 * takes it. So each file is whole as far as it goes, and what is missing between two writers is in the log.
 */
import type { Instant } from '@smacks/core'
import type { Clock } from '@smacks/runtime'
import type { RecordingWriter } from './recording-writer.js'

/** After a failure, the next attempt is so many milliseconds away. */
export const retryMilliseconds = 10_000

export interface RestartingRecorderOptions {
  /** Makes a writer with this start time, which no other has. Throws an `Error` if that cannot be. */
  readonly createWriter: (start: Instant, on: WriterListener) => RecordingWriter
  readonly directory: string
  readonly clock: Clock
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
  readonly log: RecordingLog
}

/** Where the operator is told. A pino logger is one. */
export interface RecordingLog {
  readonly error: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
}

export interface WriterListener {
  readonly onFirstWrite: () => void
  readonly onFailure: (reason: string) => void
}

export interface RestartingRecorder {
  /** Ends the writer that runs, and starts a new one. Throws an `Error` if that cannot be. */
  readonly begin: () => void
  /** Ends the writer that runs, and starts no other; resolves when all is on disk. */
  readonly end: () => Promise<void>
  /** The writer that runs, if any. */
  readonly writer: () => RecordingWriter | undefined
  /** Why none runs although one should. */
  readonly trouble: () => string | undefined
  /** The writer must not go on: something is missing in its files. */
  readonly fail: (writer: RecordingWriter, reason: string) => void
}

export const createRestartingRecorder = ({
  createWriter,
  directory,
  clock,
  later,
  log,
}: RestartingRecorderOptions): RestartingRecorder => {
  let writer: RecordingWriter | undefined
  let lastStart: Instant = 0
  let trouble: { readonly reason: string; readonly since: Instant } | undefined
  let ended: Promise<unknown> = Promise.resolve()

  const begin = (): void => {
    close()
    lastStart = Math.max(clock.now(), lastStart + 1)
    const begun = createWriter(lastStart, {
      onFirstWrite: () => resumed(begun),
      onFailure: reason => fail(begun, reason),
    })
    writer = begun
  }

  const close = (): void => {
    if (writer !== undefined) ended = Promise.all([ended, writer.end()])
    writer = undefined
  }

  const end = async (): Promise<void> => {
    close()
    trouble = undefined
    await ended
  }

  const resumed = (begun: RecordingWriter): void => {
    if (trouble === undefined || writer !== begun) return
    const missingSince = new Date(trouble.since).toISOString()
    log.warn(
      { directory, file: begun.file(), missingSince },
      'recording goes on in a new file; what happened meanwhile is in none',
    )
    trouble = undefined
  }

  const fail = (broken: RecordingWriter, reason: string): void => {
    if (trouble === undefined)
      log.error(
        { directory, file: broken.file(), reason },
        'recording stopped: it cannot be written; the server goes on',
      )
    if (writer !== broken) return
    trouble ??= { reason, since: clock.now() }
    close()
    void ended.then(() => later(retryMilliseconds, retry))
  }

  const retry = (): void => {
    if (writer !== undefined || trouble === undefined) return
    try {
      begin()
    } catch {
      // That it cannot be is told already.
      later(retryMilliseconds, retry)
    }
  }

  return { begin, end, fail, writer: () => writer, trouble: () => trouble?.reason }
}
