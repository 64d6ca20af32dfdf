/** The journal on LMDB: one atomic transaction a batch, shared with all else in the environment. */
export * from './directory.js'
export * from './environment.js'
export * from './inspection.js'
export * from './journal.js'
export * from './old-sessions.js'
export * from './records.js'
export * from './repair.js'
export { storageGauge } from './stored-bytes.js'
