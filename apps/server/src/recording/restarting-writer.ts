/**
 * The deck that tapes run on: one at a time, and a new one when the disk failed.
 *
 * When the disk is full or too slow, the tape ends, the operator is told, and the next begins as soon as the disk takes
 * it. So each file is whole as far as it goes, and what is missing between two tapes is in the log.
 */
import type { Instant } from '@smacks/core'
import type { Clock } from '@smacks/runtime'
import type { Tape } from './recording-writer.js'

/** After a failure, the next attempt is so many milliseconds away. */
export const retryMilliseconds = 10_000

export interface DeckOptions {
  /** Makes a tape with this start time, which no other has. Throws an `Error` if that cannot be. */
  readonly createTape: (start: Instant, on: TapeListener) => Tape
  readonly directory: string
  readonly clock: Clock
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
  readonly log: DeckLog
}

/** Where the operator is told. A pino logger is one. */
export interface DeckLog {
  readonly error: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
}

export interface TapeListener {
  readonly onFirstWrite: () => void
  readonly onFailure: (reason: string) => void
}

export interface Deck {
  /** Ends the tape that runs, and lets a new one run. Throws an `Error` if that cannot be. */
  readonly begin: () => void
  /** Ends the tape that runs, and any wish for another; resolves when all is on disk. */
  readonly end: () => Promise<void>
  /** The tape that runs, if any. */
  readonly tape: () => Tape | undefined
  /** Why none runs although one should. */
  readonly trouble: () => string | undefined
  /** The tape must not go on: something is missing in it. */
  readonly fail: (tape: Tape, reason: string) => void
}

export const createDeck = ({ createTape, directory, clock, later, log }: DeckOptions): Deck => {
  let tape: Tape | undefined
  let lastStart: Instant = 0
  let trouble: { readonly reason: string; readonly since: Instant } | undefined
  let ended: Promise<unknown> = Promise.resolve()

  const begin = (): void => {
    eject()
    lastStart = Math.max(clock.now(), lastStart + 1)
    const begun = createTape(lastStart, {
      onFirstWrite: () => goesOn(begun),
      onFailure: reason => fail(begun, reason),
    })
    tape = begun
  }

  const eject = (): void => {
    if (tape !== undefined) ended = Promise.all([ended, tape.end()])
    tape = undefined
  }

  const end = async (): Promise<void> => {
    eject()
    trouble = undefined
    await ended
  }

  const goesOn = (begun: Tape): void => {
    if (trouble === undefined || tape !== begun) return
    const missingSince = new Date(trouble.since).toISOString()
    log.warn(
      { directory, file: begun.file(), missingSince },
      'recording goes on in a new file; what happened meanwhile is in none',
    )
    trouble = undefined
  }

  const fail = (broken: Tape, reason: string): void => {
    if (trouble === undefined)
      log.error(
        { directory, file: broken.file(), reason },
        'recording stopped: it cannot be written; the server goes on',
      )
    if (tape !== broken) return
    trouble ??= { reason, since: clock.now() }
    eject()
    void ended.then(() => later(retryMilliseconds, retry))
  }

  const retry = (): void => {
    if (tape !== undefined || trouble === undefined) return
    try {
      begin()
    } catch {
      // That it cannot be is told already.
      later(retryMilliseconds, retry)
    }
  }

  return { begin, end, fail, tape: () => tape, trouble: () => trouble?.reason }
}
