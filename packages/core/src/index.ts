/** XMPP Stream Management (XEP-0198) as a pure function: account and event in, account and effects out. */

export type { AccountStep } from './account/account-step.js'
export {
  load,
  loadFor,
  needsWhole,
  nextToSettle,
  type Page,
  pageFor,
  type ReadSpilled,
  readPage,
  recount,
  unload,
} from './account/loading.js'
export { handledBy } from './account/resume.js'
export { isBehindSettlements } from './account/settlement.js'
export { spilledPositions } from './account/spilling.js'
export { type AccountCause, type AccountTransition, accountTransitions } from './account/transitions.js'
export * from './config.js'
export * from './counter.js'
export * from './describe/index.js'
export * from './effect.js'
export * from './end-reason.js'
export * from './event.js'
export * from './ids.js'
export * from './ignored.js'
export * from './nonza.js'
export * from './premature.js'
export * from './queue.js'
export * from './run.js'
export { closeStream, dropConnection } from './session/closing.js'
export { indexOf, positionAt, positionsOf } from './session/layout.js'
export { sentCount } from './session/outbound.js'
export { type Destination, type Rules, rules } from './session/rules.js'
export { chunksOf } from './session/sizes.js'
export * from './stanza.js'
export * from './state.js'
export * from './step.js'
export * from './version.js'
