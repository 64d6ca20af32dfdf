/** The log of a session's life, for whoever runs a server. */

export { type Entry, entriesOf, mayTell } from './entries.js'
export { createFailedLogins, type FailedLoginsOptions, type TellFailedLogin } from './failed-logins.js'
export type { LeveledLog } from './leveled-log.js'
export { createSessionLog, type SessionLog } from './session-log.js'
