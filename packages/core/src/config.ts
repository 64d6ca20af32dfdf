/**
 * The options that decide for the core. The eight of `mod_smacks` have its names, without the prefix
 * `smacks_`, and its defaults; the rest are limits.
 */

/** All times are in seconds, all counts in stanzas, all sizes in bytes. */
export interface Config {
  /** How long a disconnected session stays resumable; a client's `max` may ask for less, never more. */
  readonly hibernationTime: number
  /** Unacked stanzas kept in memory; no resumption while exceeded. */
  readonly maxQueueSize: number
  /** Stream management on server connections. */
  readonly enabledS2s: boolean
  /** Route unacked stanzas again when a server link dies; otherwise return them. */
  readonly s2sResend: boolean
  /** More than so many unacked stanzas: an ack is requested. */
  readonly maxUnackedStanzas: number
  /** The same while the client is inactive (XEP-0352). */
  readonly maxInactiveUnackedStanzas: number
  /** How long an ack request may stay unanswered before `AckDelayed` is told; 0: never told. */
  readonly maxAckDelay: number
  /** Sessions that ended, per account, whose `h` is kept. */
  readonly maxOldSessions: number

  /** Whether messages can be stored offline; if not, they are returned. */
  readonly offlineStorage: boolean
  /**
   * Whether unacked stanzas can be spilled to storage: then a connected session has `maxQueueSize` of them in memory at
   * most, and a hibernating one none.
   */
  readonly queueStorage: boolean
  /** Hibernating sessions per account; one more ends the one that hibernates longest. */
  readonly maxHibernatingSessions: number
  /** How long the `<r/>` to a silent connection may stay unanswered before the connection is given up. */
  readonly probeTimeout: number
  /** After `<enabled/>`, no `<r/>` for so long: some clients reset their counter a moment after it. */
  readonly requestHold: number
  /** A session with more unacked stanzas than this is ended, and each of them stored or returned. */
  readonly queueCeiling: number
  /** The same for bytes: a session whose unacked stanzas have more is ended. As far as their sizes are told. */
  readonly maxQueueBytes: number
  /**
   * Bytes of the unacked stanzas of all sessions of an account. Beyond that sessions with any end: those that hibernate
   * longest first, then, of the others, those with most.
   */
  readonly maxAccountQueueBytes: number
  /** Bytes of unacked stanzas that a connected session has in memory, where `queueStorage` takes the rest. */
  readonly maxQueueBytesInMemory: number

  // What the reducer means, and no operator sets: see `semanticsOfReducer1` in `version.ts`.

  /**
   * Limits hold after every event. False: as reducer 1 had it, only the loss of a connection ends a session beyond
   * `maxHibernatingSessions`, and only one.
   */
  readonly limitsAlwaysHold: boolean
  /**
   * Whether an `h` in `<resume/>`, `<resumed/>` or `<failed/>` covers at most what some connection carried; if not, also what
   * only waits. False is what reducer version 1 did, and what its events are to be folded with.
   */
  readonly acksCoverSentOnly: boolean
  /**
   * Whether the `h` of a session is kept too that we ended with a stream error, or that another binding replaced. Not for
   * users: what version 1 of the reducer journalled is folded without it.
   */
  readonly rememberBroken: boolean
}

/** True if both have the same value for each option. */
export const isSameConfig = (one: Config, other: Config): boolean => {
  if (one === other) return true
  const options = Object.keys(defaultConfig) as ReadonlyArray<keyof Config>
  return options.every(option => one[option] === other[option])
}

/** The seed's defaults. */
export const defaultConfig: Config = {
  hibernationTime: 600,
  maxQueueSize: 500,
  enabledS2s: true,
  s2sResend: false,
  maxUnackedStanzas: 0,
  maxInactiveUnackedStanzas: 256,
  maxAckDelay: 30,
  maxOldSessions: 10,
  offlineStorage: true,
  queueStorage: false,
  maxHibernatingSessions: 10,
  probeTimeout: 30,
  requestHold: 0.02,
  queueCeiling: 100_000,
  maxQueueBytes: 16 * 1024 * 1024,
  maxAccountQueueBytes: 32 * 1024 * 1024,
  maxQueueBytesInMemory: 1024 * 1024,
  limitsAlwaysHold: true,
  acksCoverSentOnly: true,
  rememberBroken: true,
}
