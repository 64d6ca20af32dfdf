/** Offline messages on LMDB. */
export * from './offline.js'
export type { PayloadCodec } from './record.js'
