/** What the negotiation of client streams needs from the rest of the server. */
import type { Stanza } from '@smacks/codec'
import type { Clock, Entropy, Runtime, Timers } from '@smacks/runtime'
import type { FailedLogin, LoginThrottle, Sasl } from '@smacks/sasl'
import type { StreamLog } from '@smacks/stream'
import type { UnboundStreams } from './unbound-streams.js'

export interface C2sOptions {
  /** The domains served here; the first stands in where a stream header names none. */
  readonly domains: ReadonlyArray<string>
  /** TLS before authentication, always; if false, connections from loopback may do without. */
  readonly requireEncryption: boolean
  readonly limits: C2sLimits
  readonly runtime: Runtime<Stanza>
  readonly sasl: Sasl
  readonly throttle: Pick<LoginThrottle, 'tried' | 'waitFor'>
  /** Told of each login that failed, and from which address. */
  readonly onFailedLogin: (address: string, failed: FailedLogin) => void
  /** The streams that are authenticated and not bound yet, by account: those of a removed account are to end. */
  readonly unbound: UnboundStreams
  readonly timers: Timers
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: StreamLog
}

export interface C2sLimits {
  /** How long a connection may take until a resource is bound or a session resumed, in seconds. */
  readonly unauthenticatedSeconds: number
  /** Failed authentications until the stream is closed. */
  readonly authFailures: number
  /** Sessions of one account. */
  readonly resourcesPerUser: () => number
  /** First-level elements until a resource is bound or a session resumed. */
  readonly negotiationElements: number
}
