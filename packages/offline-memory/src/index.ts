/** Offline messages in memory, gone with the process. */
export * from './offline.js'
