/** Writes the files of a series, one open at a time, and deletes those that are too many. */
import type { RecordingFile, RecordingFiles } from './files.js'
import { oldestFirst } from './names.js'

export interface FileWriter {
  /** Appends to the file of this name; a name that is not the last one begins a new file. Rejects if that cannot be. */
  readonly append: (name: string, bytes: Uint8Array) => Promise<void>
  /** Closes the file that is open, if one is. */
  readonly close: () => Promise<void>
  /** Closes it after a failure: with what was appended as a whole, or not at all if that is nothing. Never rejects. */
  readonly salvage: () => Promise<void>
}

/** Of the recordings in the directory, the newest `maxFiles` are kept. */
export const createFileWriter = (files: RecordingFiles, maxFiles: number): FileWriter => {
  let open: { readonly name: string; readonly file: RecordingFile; written: number } | undefined

  const append = async (name: string, bytes: Uint8Array): Promise<void> => {
    if (open?.name !== name) {
      await close()
      open = { name, file: await files.create(name), written: 0 }
      await forgetOldest(name)
    }
    await open.file.write(bytes)
    open.written += bytes.length
  }

  const forgetOldest = async (newest: string): Promise<void> => {
    const others = oldestFirst(await files.list()).filter(name => name !== newest)
    for (const name of others.slice(0, Math.max(0, others.length + 1 - maxFiles))) await files.remove(name)
  }

  const close = async (): Promise<void> => {
    const { file } = open ?? {}
    open = undefined
    await file?.close()
  }

  /** A full disk may have taken a part of a line. If it cannot be cut off, it is a recording whose last line broke off. */
  const salvage = async (): Promise<void> => {
    if (open === undefined) return
    const { name, file, written } = open
    if (written > 0) await file.truncate(written).catch(() => undefined)
    await close().catch(() => undefined)
    if (written === 0) await files.remove(name).catch(() => undefined)
  }

  return { append, close, salvage }
}
