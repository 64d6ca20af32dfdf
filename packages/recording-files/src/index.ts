/** Recordings of a running server, written into files. */
export type { RecordingFile, RecordingFiles } from './files.js'
export { continues, isBehind } from './names.js'
export * from './recording.js'
export { writeReplayPage } from './replay-page.js'
export { type RecordingLog, retryMilliseconds } from './restarting-recorder.js'
export { type Selection, selectionOf } from './selection.js'
