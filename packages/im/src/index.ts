/** Instant messaging and presence (RFC 6121) for the accounts of a server. */
export { createInstantMessaging, type InstantMessaging } from './interpreter.js'
export type { LinkState } from './link-state.js'
export { rosterNamespace } from './namespaces.js'
export type { ImObserver, RemoteAnswer, Remotes } from './ports.js'
export { imReducer, type RecordableStep, recordable, type StepOfIm } from './recorded/index.js'
export { unreachable } from './remote/unreachable.js'
export { openRosters } from './roster/roster-records.js'
export {
  type Answer,
  badRequest,
  done,
  dropRecord,
  type Features,
  type IqHandler,
  putRecord,
  type RecordKind,
  type Request,
  readRecord,
  refused,
  result,
  type Service,
  type ServingView,
  type Target,
  unavailable,
} from './services/service.js'
