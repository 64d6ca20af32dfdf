/** Recordings of sessions: the format, a deterministic replayer, the first difference, the story of one stanza. */
export * from './recording.js'
