/**
 * The elements of stream management that are not stanzas (XEP-0198 §§3-6), as plain data. Names and
 * attributes are the standard's.
 */

import type { Counter } from './counter.js'
import type { SmId } from './ids.js'

/** The namespaces of stream management. The reply to an element is in the namespace of the element. */
export type SmVersion = 'urn:xmpp:sm:2' | 'urn:xmpp:sm:3'

/** Stanza error conditions that a `<failed/>` of this implementation carries (XEP-0198 §6, RFC 6120 §8.3.3). */
export type FailedCondition =
  | 'bad-request'
  | 'feature-not-implemented'
  | 'internal-server-error'
  | 'item-not-found'
  | 'not-authorized'
  | 'resource-constraint'
  | 'service-unavailable'
  | 'undefined-condition'
  | 'unexpected-request'

/** Stanza error conditions for what could not be sent to another server at all (RFC 6120 §8.3.3). */
export type UnreachableCondition = 'remote-server-not-found' | 'remote-server-timeout'

/** `h` was higher than the count of stanzas sent (XEP-0198 §6). */
export interface HandledCountTooHigh {
  readonly h: Counter
  readonly sendCount: Counter
}

/** `<enable/>`, §3. */
export interface Enable {
  readonly _tag: 'Enable'
  readonly version: SmVersion
  readonly resume: boolean
  /** Preferred greatest resumption time, in seconds. */
  readonly max?: number
}

/** `<enabled/>`, §3. `id` and `max` (seconds) come with resumption only. */
export interface Enabled {
  readonly _tag: 'Enabled'
  readonly version: SmVersion
  readonly resume: boolean
  readonly id?: SmId
  readonly max?: number
  readonly location?: string
}

/** `<failed/>`, §§3, 5 and 6. */
export interface Failed {
  readonly _tag: 'Failed'
  readonly version: SmVersion
  readonly condition: FailedCondition
  readonly h?: Counter
  readonly tooHigh?: HandledCountTooHigh
}

/** `<resume/>`, §5. */
export interface Resume {
  readonly _tag: 'Resume'
  readonly version: SmVersion
  readonly previd: SmId
  readonly h: Counter
}

/** `<resumed/>`, §5. */
export interface Resumed {
  readonly _tag: 'Resumed'
  readonly version: SmVersion
  readonly previd: SmId
  readonly h: Counter
}

/** `<a/>`, §4. */
export interface Ack {
  readonly _tag: 'Ack'
  readonly version: SmVersion
  readonly h: Counter
}

/** `<r/>`, §4. */
export interface Request {
  readonly _tag: 'Request'
  readonly version: SmVersion
}

/** The elements of stream management that are no stanzas and are not counted (XEP-0198 §§3, 4, 5). */
export type Nonza = Ack | Enable | Enabled | Failed | Request | Resume | Resumed

/** The conditions of stream errors (RFC 6120 §4.9.3). */
export type StreamErrorCondition =
  | 'bad-format'
  | 'bad-namespace-prefix'
  | 'conflict'
  | 'connection-timeout'
  | 'host-gone'
  | 'host-unknown'
  | 'improper-addressing'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'invalid-xml'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'reset'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'see-other-host'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-encoding'
  | 'unsupported-feature'
  | 'unsupported-stanza-type'
  | 'unsupported-version'

/** A stream error: it ends the stream (RFC 6120 §4.9). */
export interface StreamError {
  readonly condition: StreamErrorCondition
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly text?: string
  readonly tooHigh?: HandledCountTooHigh & { readonly version: SmVersion }
}
