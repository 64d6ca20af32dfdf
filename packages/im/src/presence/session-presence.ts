/** What a session shows of itself. */
import type { Instant, Resource, StanzaFacts } from '@smacks/core'

/** A presence stanza without `to`, to be addressed to many. */
export interface Announcement {
  /** The stanza's text; its first tag is `presence`. */
  readonly xml: string
  readonly facts: StanzaFacts
}

/** The presence that an available session broadcast last (RFC 6121 §4.2). */
export interface Available extends Announcement {
  /** From -128 to 127 (RFC 6121 §4.7.2.3). */
  readonly priority: number
}

export interface SessionPresence {
  readonly resource: Resource
  /** Absent before initial presence and after unavailable presence. */
  readonly available?: Available
  /** Who got directed presence from it, as normalised JIDs (RFC 6121 §4.6). */
  readonly directed: ReadonlyArray<string>
  /** It asked for the roster, so it gets roster pushes (RFC 6121 §2.1.6). */
  readonly interested: boolean
  /** It asked for the block list, so it gets block list pushes (XEP-0191 §3.3). */
  readonly interestedInBlocks: boolean
  /** When it enabled carbons, if they are enabled (XEP-0280 §4). */
  readonly carbonsSince?: Instant
}

/** A session of which something is known, and its presence. */
export interface AvailableSession extends SessionPresence {
  readonly available: Available
}
