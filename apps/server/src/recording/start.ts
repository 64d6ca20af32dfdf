/** The recordings of this server, begun for those accounts that the configuration names. */
import { createRecording, type Recording, selectionOf } from '@smacks/recording-files'
import * as Either from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { HostTime } from '../assembly/host-time.js'
import { coreConfig, type ServerConfig } from '../config/server-config.js'
import { version } from '../version.js'
import { openDirectory, recordingDirectory } from './directory.js'
import { reducers } from './reducers.js'

/** Throws an `Error` that says why not if they cannot be begun. */
export const startRecording = (config: ServerConfig, { clock, later }: HostTime, log: Logger): Recording => {
  const recording = createRecording({
    settings: config.record,
    directory: recordingDirectory(config),
    files: openDirectory,
    config: coreConfig(config),
    reducers: Object.fromEntries(reducers.map(({ name, version: ofRules }) => [name, ofRules])),
    by: `smacks ${version}`,
    clock,
    later,
    log,
  })
  if (config.record.accounts.length === 0) return recording
  const started = recording.start(selectionOf(config.record.accounts), config.record.redact)
  if (Either.isLeft(started)) throw new Error(started.left)
  return recording
}
