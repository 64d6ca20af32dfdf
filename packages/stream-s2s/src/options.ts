/** What streams between servers need from the rest of the server. */
import type { Stanza } from '@smacks/codec'
import type { Clock, Entropy, Runtime, Timers } from '@smacks/runtime'
import type { Connection, StreamLog } from '@smacks/stream'
import type { DialbackKeys } from './dialback-key.js'
import type { ShareLimits } from './shares.js'

export interface S2sOptions {
  /** The domains served here, normalised. */
  readonly domains: ReadonlyArray<string>
  /** True if the peer's certificate is good for the domain, and can be trusted (RFC 6120 §13.7). */
  readonly isCertified: (connection: Connection, domain: string) => boolean
  /** Our own keys of dialback (XEP-0185). */
  readonly keys: DialbackKeys
  readonly policy: S2sPolicy
  readonly runtime: Runtime<Stanza>
  readonly timers: Timers
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: StreamLog
  /** Called for each server that failed to authenticate. */
  readonly onFailedServer: (failed: FailedServer) => void
}

export interface FailedServer {
  /** Where the connection came from. */
  readonly address: string
  /** The domain that it claimed. */
  readonly domain: string
  readonly mechanism: 'EXTERNAL' | 'dialback'
}

/** What the operator decides. All times are in seconds. */
export interface S2sPolicy {
  /** No stanza goes over a stream without TLS. */
  readonly requireEncryption: boolean
  /** How a server authenticates: by a certificate of its domain, by dialback (XEP-0220), or by one of them. */
  readonly authentication: 'dialback' | 'either' | 'external'
  /** Stream management on these streams (`smacks_enabled_s2s`). */
  readonly streamManagement: () => boolean
  /** Resumption, where the other side grants it or asks for it. */
  readonly resume: boolean
  /** What waits is journalled and survives the process. */
  readonly journalled: boolean
  /** How long one attempt at an outgoing stream may take, and an incoming one until it is authenticated. */
  readonly connectSeconds: number
  /** How long stanzas wait for a link to be established. */
  readonly establishSeconds: number
  /** Stanzas that wait for a link to be established or resumed. */
  readonly maxWaiting: number
  readonly shares: ShareLimits
}

/** First-level elements until a stream is authenticated. */
export const negotiationElements = 100
