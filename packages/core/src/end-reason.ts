/** The closed list of what ends a session. */

/** Why a session ended. */
export type EndReason =
  /** The peer or we closed the stream. */
  | 'closed'
  /** More hibernating sessions than allowed, and it hibernated longest; or more waits for it than any session may keep. */
  | 'evicted'
  /** Hibernation took too long. */
  | 'expired'
  /** The peer refused to resume it. Initiating role only. */
  | 'failed'
  /** The connection died and resumption was never agreed. */
  | 'lost'
  /** The peer broke a rule. */
  | 'refused'
  /** No connection could be made. Initiating role only. */
  | 'remote-server-not-found'
  | 'remote-server-timeout'
  /** Its resource was bound anew. */
  | 'replaced'
  /** The process stops. */
  | 'stopped'
