/** One line of prose for any state, event or effect: for logs, transcripts and replay. */
export * from './effect.js'
export * from './event.js'
export * from './ignored.js'
export { type DescribeStanza, describeByFacts } from './stanza.js'
export * from './state.js'
export { describeNonza } from './words.js'
