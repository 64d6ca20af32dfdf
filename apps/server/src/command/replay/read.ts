/** Recordings as they are read: files one after the other, never held as a whole. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { LineTooLong, linesOf } from '@smacks/control'
import { continues, isBehind } from '@smacks/recording-files'
import { createReader, describeFault, type Entry, longestLine, type RecordingHeader } from '@smacks/replay'
import * as Either from 'fp-ts/lib/Either.js'
import { CommandFailure, exitCode } from '../exit-code.js'

/** Standard input, where a file is named. */
export const standardInput = '-'

export interface RecordedEntry {
  readonly file: string
  readonly header: RecordingHeader
  readonly entry: Entry
  /** The first of its file. */
  readonly isFirst: boolean
}

export interface ReadOptions {
  readonly files: ReadonlyArray<string>
  readonly input: Readable
  /** Told of the bytes read, after each piece. */
  readonly onBytes: (bytes: number) => void
  /** A file's last line broke off; what came before it is whole. */
  readonly onTruncated: (file: string) => void
  /** A file has not even a header: whoever wrote it was killed before. */
  readonly onEmpty: (file: string) => void
}

/** The entries of all files. Throws a `CommandFailure` that names file, line and problem. */
export async function* readEntries(options: ReadOptions): AsyncGenerator<RecordedEntry, void, undefined> {
  for (const file of options.files) yield* readFile(file, options)
}

async function* readFile(file: string, options: ReadOptions): AsyncGenerator<RecordedEntry, void, undefined> {
  const { input, onBytes, onTruncated, onEmpty } = options
  const stream = file === standardInput ? input : createReadStream(file, { highWaterMark: 1 << 20 })
  const reader = createReader()
  let isFirst = true
  try {
    for await (const line of linesOf(counted(stream, onBytes), longestLine, 'keep')) {
      const read = reader.push(line)
      if (Either.isLeft(read)) throw new CommandFailure(`${nameOf(file)}, ${describeFault(read.left)}`)
      const header = reader.header()
      if (read.right === undefined || header === undefined) continue
      yield { file, header, entry: read.right, isFirst }
      isFirst = false
    }
  } catch (cause) {
    throw unreadable(file, cause)
  } finally {
    stream.destroy()
  }
  const end = reader.end()
  if (Either.isLeft(end)) throw new CommandFailure(`${nameOf(file)}, ${describeFault(end.left)}`)
  if (end.right.header === undefined) onEmpty(file)
  else if (end.right.truncated) onTruncated(file)
}

async function* counted(stream: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer | string> {
  for await (const chunk of stream) {
    onBytes(chunk.length)
    yield chunk
  }
}

/** A file as messages name it. */
export const nameOf = (file: string): string => (file === standardInput ? 'standard input' : file)

/** What a failure to read a file is called. */
export const unreadable = (file: string, cause: unknown): unknown => {
  if (cause instanceof LineTooLong) return new CommandFailure(`${nameOf(file)}: ${cause.message}`)
  if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) return cause
  const reason =
    cause.code === 'ENOENT'
      ? 'there is no such file'
      : cause.code === 'EACCES'
        ? 'it may not be read by this user'
        : cause.code === 'EISDIR'
          ? 'it is a folder; name the files in it'
          : cause.message
  return new CommandFailure(`${nameOf(file)} cannot be read: ${reason}.`)
}

/** True if the second file goes on where the first ends, so that no state is lost between them. */
export const goesOn = (first: string, second: string): boolean =>
  dirname(first) === dirname(second) && continues(basename(first), basename(second))

/** Fails as wrong usage if a file comes twice, or before one that it continues. */
export const checkOrder = (files: ReadonlyArray<string>): void => {
  for (const [index, file] of files.entries()) {
    if (files.indexOf(file) !== index) throw new CommandFailure(`${nameOf(file)} is named twice.`, exitCode.usage)
    const next = files[index + 1]
    if (next !== undefined && dirname(file) === dirname(next) && isBehind(basename(file), basename(next)))
      throw new CommandFailure(`${file} comes after ${next}: name them in the order of their numbers.`, exitCode.usage)
  }
}

/** The bytes of all files; nothing if that cannot be known. */
export const sizeOf = async (files: ReadonlyArray<string>): Promise<number | undefined> => {
  if (files.includes(standardInput)) return undefined
  const sizes = await Promise.all(
    files.map(file =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
