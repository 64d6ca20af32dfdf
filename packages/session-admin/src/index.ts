/** What an operator sees of the sessions of a running server, and does to them. */

export { type SessionHandlersOptions, sessionHandlers } from './handlers.js'
export type { SessionDetail, SessionRow, WaitingStanza } from './session-json.js'
export { createSessionTimes, type SessionTimes } from './session-times.js'
export { detailLines, rowLines } from './text.js'
export { endSessions, listSessions, showSessions } from './verbs.js'
