/** The disk as recordings need it: a directory of files that are written once, from front to end. */

export interface RecordingFiles {
  /** Makes a file that was not there; rejects if it is. */
  readonly create: (name: string) => Promise<RecordingFile>
  /** The names of all files. */
  readonly list: () => Promise<ReadonlyArray<string>>
  /** Deletes a file; one that is not there is no error. */
  readonly remove: (name: string) => Promise<void>
}

export interface RecordingFile {
  /** Appends all of it, or rejects; then a part of it may be there. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Cuts the file to so many bytes. */
  readonly truncate: (bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}
