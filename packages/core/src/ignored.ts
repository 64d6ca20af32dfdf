/** What `step` says of an event that had no effect at all, since it could not mean anything there. */
import type { EventName } from './event.js'
import type { Phase } from './state.js'

/**
 * Why an event was void. The first four are races: events are on their way while sessions change, so the best shell cannot
 * avoid them. The others are misuse: whoever keeps to the contract never gives such an event to `step`, and a peer can
 * bring it about only where its elements are passed on out of their order.
 */
export type IgnoredReason =
  /** The connection is not the session's any more: it was superseded, or given up. */
  | 'late-connection'
  /** The timer was disarmed, or is armed for another time. */
  | 'late-timer'
  /** The session is over, or never was. */
  | 'session-over'
  /** It is true, and changes nothing: what is wanted is there, or the phase does not care. */
  | 'nothing-to-do'
  /** The connection belongs to a session already, and can begin none. */
  | 'connection-in-use'
  /** Something is asked of a session that is not there. */
  | 'no-session'
  /** The phase has no rule for it (`rules`). */
  | 'not-in-phase'
  /** Something is asked of a session on a connection that it does not have. */
  | 'wrong-connection'
  /** Only a session of the other role does that. */
  | 'wrong-role'

/** An event that changed nothing and led to no effect. */
export interface Ignored {
  readonly event: EventName
  /** That of the session that the event names; absent if there is none. */
  readonly phase?: Phase
  readonly reason: IgnoredReason
}

const races: ReadonlySet<IgnoredReason> = new Set(['late-connection', 'late-timer', 'session-over', 'nothing-to-do'])

/** True if the event should not have been given to `step`: something is wrong with the shell, or with a peer. */
export const isMisuse = ({ reason }: Pick<Ignored, 'reason'>): boolean => !races.has(reason)
