/** Reads recordings, line by line. What is not right is told with its line; nothing is passed over in silence. */
import { describeErrors } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import type { Errors } from '#io-ts'
import { decodeEntry } from './entry.js'
import { decodeHeader, mayBeginHeader } from './header.js'
import { parseLine } from './line.js'
import { printable } from './printable.js'
import type { Entry, RecordingHeader } from './recording.js'

/** A recording, whole. */
export interface Recording {
  readonly header: RecordingHeader
  readonly entries: ReadonlyArray<Entry>
  /** The last line broke off, as when its writer was killed; what came before it is whole. */
  readonly truncated: boolean
}

/** Why a recording cannot be read. */
export interface RecordingFault {
  /** The number of the line, from 1. */
  readonly line: number
  /** One line: the path, the value found, and what is allowed. */
  readonly problem: string
}

/** How a recording ends. */
export interface Ending {
  /** Absent if nothing was recorded: the writer was killed before the first line was whole. */
  readonly header?: RecordingHeader
  /** The last line broke off. */
  readonly truncated: boolean
}

/** A fault in one line. */
export const describeFault = ({ line, problem }: RecordingFault): string => printable(`line ${line}: ${problem}`)

/** Takes the lines of a recording as they come, so that it need not be held as a whole. */
export interface RecordingReader {
  /**
   * Takes the next line, without its end. Gives the entry it holds; a header and an empty line hold none. A line that
   * is not JSON may be the last, which broke off: it is a fault only when another comes, or as the first line if it is not
   * the beginning of a header.
   * After a fault, all that follows has the same fault.
   */
  readonly push: (line: string) => Either.Either<RecordingFault, Entry | undefined>
  /** The header, once it was read. */
  readonly header: () => RecordingHeader | undefined
  /** There are no more lines. That there were none at all is no fault. */
  readonly end: () => Either.Either<RecordingFault, Ending>
}

/** Where a reader begins in the middle of a recording. */
export interface ReaderStart {
  readonly header: RecordingHeader
  /** The number of the last entry before. */
  readonly seq: number
}

/** Reads from the first line on, or from where `start` says; then the lines of faults count from there. */
export const createReader = (start?: ReaderStart): RecordingReader => {
  let number = 0
  let seq = start?.seq ?? 0
  let header: RecordingHeader | undefined = start?.header
  let broken: RecordingFault | undefined
  let fault: RecordingFault | undefined

  const failed = (problem: string): Either.Either<RecordingFault, never> => {
    fault = { line: number, problem }
    return Either.left(fault)
  }

  const push = (line: string): Either.Either<RecordingFault, Entry | undefined> => {
    fault ??= line === '' ? undefined : broken
    if (fault !== undefined) return Either.left(fault)
    number += 1
    if (line === '') return Either.right(undefined)
    const parsed = parseLine(line)
    if (Either.isLeft(parsed)) {
      const isCut = parsed.left.mayBeCut && (header !== undefined || mayBeginHeader(line))
      if (!isCut) return failed(parsed.left.problem)
      broken = { line: number, problem: parsed.left.problem }
      return Either.right(undefined)
    }
    return header === undefined ? pushHeader(parsed.right) : pushEntry(parsed.right)
  }

  const pushHeader = (value: unknown): Either.Either<RecordingFault, undefined> => {
    const decoded = decodeHeader(value)
    if (Either.isLeft(decoded)) return failed(problemOf(decoded.left))
    header = decoded.right
    return Either.right(undefined)
  }

  const pushEntry = (value: unknown): Either.Either<RecordingFault, Entry> => {
    const decoded = decodeEntry(value)
    if (Either.isLeft(decoded)) return failed(problemOf(decoded.left))
    const entry = decoded.right
    if (entry.seq !== seq + 1)
      return failed(`seq: found ${entry.seq}, allowed: ${seq + 1}; ${disorder(seq, entry.seq)}`)
    seq = entry.seq
    return Either.right(entry)
  }

  return {
    push,
    header: () => header,
    end: () => {
      if (fault !== undefined) return Either.left(fault)
      return Either.right({ ...(header === undefined ? {} : { header }), truncated: broken !== undefined })
    },
  }
}

/** Reads a recording. A last line that broke off is told, and is no fault; that nothing was recorded is one here. */
export const readRecording = (lines: Iterable<string>): Either.Either<RecordingFault, Recording> => {
  const reader = createReader()
  const entries: Array<Entry> = []
  for (const line of lines) {
    const read = reader.push(line)
    if (Either.isLeft(read)) return read
    if (read.right !== undefined) entries.push(read.right)
  }
  return Either.chain(
    ({ header, truncated }: Ending): Either.Either<RecordingFault, Recording> =>
      header === undefined
        ? Either.left({ line: 1, problem: 'nothing was recorded: the end, where a header is needed' })
        : Either.right({ header, entries, truncated }),
  )(reader.end())
}

const problemOf = (errors: Errors | string): string => (typeof errors === 'string' ? errors : describeErrors(errors))

const disorder = (last: number, found: number): string => {
  if (found <= last) return 'the entries are out of order, or one is there twice'
  const missing = found - last - 1
  return missing === 1
    ? `entry ${last + 1} is missing`
    : `the ${missing} entries from ${last + 1} to ${found - 1} are missing`
}
