/** Recordings in a directory. What they hold is private, so only the server's own user may read them. */
import { accessSync, constants } from 'node:fs'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@smacks/journal-lmdb'
import type { RecordingFile, RecordingFiles } from '@smacks/recording-files'
import type { ServerConfig } from '../config/server-config.js'

/** Where the recordings of a configuration go. */
export const recordingDirectory = ({ record, data }: Pick<ServerConfig, 'data' | 'record'>): string =>
  record.directory ?? join(data, 'recordings')

/** Makes the directory if it is not there. Throws an `Error` that names it and the reason if nothing can be put there. */
export const openDirectory = (path: string): RecordingFiles => {
  try {
    makeDirectory(path)
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Error(`recordings cannot be put into ${path}: ${reasonOf(cause)}`, { cause })
  }
  return {
    create: async name => fileOf(await open(join(path, name), 'wx', 0o600)),
    list: () => readdir(path),
    remove: name => rm(join(path, name), { force: true }),
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const fileOf = (handle: FileHandle): RecordingFile => ({
  write: bytes => writeAll(handle, bytes),
  truncate: bytes => handle.truncate(bytes),
  close: () => handle.close(),
})

/** A disk that is nearly full takes a part; the next attempt says what is wrong. */
const writeAll = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let from = 0; from < bytes.length; ) from += (await handle.write(bytes, from)).bytesWritten
}
