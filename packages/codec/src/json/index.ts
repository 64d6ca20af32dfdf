/** The core's plain data as JSON: for recordings, journals, and whoever else keeps it. */
export { accountCodec } from './account.js'
export * as jsonCodecs from './building-blocks.js'
export { configCodec } from './config.js'
export { effectCodec } from './effect.js'
export { describeErrors } from './errors.js'
export { eventCodec } from './event.js'
export { factsCodec } from './facts.js'
export { type Json, jsonPayload, type PayloadCodec } from './payload.js'
export type { JsonCodec } from './plain.js'
export { redact } from './redact.js'
export { redactedStanzaXml, stanzaXml } from './stanza-payload.js'
export { deliveriesCodec } from './unacked.js'
export {
  parseJson,
  type VersionedRecord,
  type VersionedRecordOptions,
  versionedRecord,
} from './versioned-record.js'
