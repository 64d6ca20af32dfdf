/** The files that a log lies in, as it needs them: a port, so that a test can lose power between any two calls. */

/** One folder, with nothing in it but the log. */
export interface LogFolder {
  /** What errors call it. */
  readonly path: string
  readonly names: () => ReadonlyArray<string>
  /** Makes a file, to be read and written. Throws if there is one of this name. */
  readonly create: (name: string) => LogFile
  /** Opens a file, to be read and, with `isWritten`, written. */
  readonly open: (name: string, isWritten: boolean) => LogFile
  readonly remove: (name: string) => void
  /** What was made and removed is so after a power loss, too. */
  readonly sync: () => void
}

export interface LogFile {
  /** In bytes. */
  readonly size: () => number
  /** All bytes of it, or as many as there are when it is read. */
  readonly read: () => Buffer
  /** Writes all of these bytes, or throws when a part of them may be written. */
  readonly write: (bytes: Uint8Array, position: number) => void
  readonly truncate: (size: number) => void
  /** Its bytes, and how many they are, are so after a power loss, too. */
  readonly sync: () => Promise<void>
  readonly syncNow: () => void
  readonly close: () => void
}

/** A file to be read; nothing if it is gone: whoever trims the log removes files at any time. */
export const openIfThere = (folder: LogFolder, name: string): LogFile | undefined => {
  try {
    return folder.open(name, false)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
