/** The loop of smacks: event, step, commit, perform. Ports only, platform-free. */
export * from './application.js'
export * from './fold.js'
export { defaultPage, type PageLimits } from './loading.js'
export * from './loop.js'
export * from './ports.js'
export type { Refusal } from './refused-changes.js'
export * from './runtime.js'
