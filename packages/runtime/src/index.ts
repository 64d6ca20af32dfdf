/** The loop of smacks: event, step, commit, perform. Ports only, platform-free. */

export * from './account-id.js'
export * from './application.js'
export * from './batch-store.js'
export * from './fold.js'
export { stepsAtOnce } from './intake.js'
export { defaultPage, type PageLimits } from './loading.js'
export { createRuntime } from './loop.js'
export * from './options.js'
export * from './ports.js'
export type { Refusal } from './refused-changes.js'
export * from './runtime.js'
export * from './store-change.js'
