/** What a peer's stream header says, and what can be wrong with a stream (RFC 6120 §§4.7, 4.9). */
import type { StreamErrorCondition } from '@smacks/core'

/** The attributes of a stream header (RFC 6120 §4.7). */
export interface StreamHeader {
  readonly to?: string
  readonly from?: string
  readonly id?: string
  readonly version?: string
  readonly lang?: string
  /** The default namespace: `jabber:client` or `jabber:server`. */
  readonly xmlns: string
}

/** A rule of the stream that the peer broke, or any other reason to end it. */
export interface StreamFault {
  readonly condition: StreamErrorCondition
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly text?: string
}
