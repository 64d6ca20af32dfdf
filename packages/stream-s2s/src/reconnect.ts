/** When a link connects again: after pauses that grow as long as nothing comes of its attempts. */
import { type MonotonicInstant, monotonicInstant } from '@smacks/runtime'

/** Seconds from the beginning of an attempt to that of the next; the last one is repeated. */
const pauses: ReadonlyArray<number> = [0, 1, 2, 4, 8, 15, 30]

/** A link that was established for so long, in milliseconds, worked, even if nothing was sent over it. */
export const stableAfterMs = 30_000

/** What is known of the attempts of a link. */
export interface Attempts {
  /** Attempts since the link last worked. */
  readonly count: number
  /** When the last one began. */
  readonly lastAt: MonotonicInstant
  /** When the newest stream got a session, until the next attempt is planned. */
  readonly establishedAt: MonotonicInstant | undefined
  /** Something got over that stream. */
  readonly hasDelivered: boolean
}

export const noAttempts: Attempts = {
  count: 0,
  lastAt: monotonicInstant(Number.NEGATIVE_INFINITY),
  establishedAt: undefined,
  hasDelivered: false,
}

/** An attempt begins now. */
export const attempted = (attempts: Attempts, now: MonotonicInstant): Attempts => ({
  ...attempts,
  count: attempts.count + 1,
  lastAt: now,
})

/** A stream has a session now. */
export const established = (attempts: Attempts, now: MonotonicInstant): Attempts => ({
  ...attempts,
  establishedAt: now,
})

/** Something got over the stream. */
export const delivered = (attempts: Attempts): Attempts => ({ ...attempts, hasDelivered: true })

/**
 * The next attempt is planned now: what is known then, and when it begins, after `longestMs` at most. A link that works and
 * is cut again and again is not one that cannot be reached, so its pauses begin anew.
 */
export const planned = (
  attempts: Attempts,
  now: MonotonicInstant,
  longestMs: number,
): readonly [Attempts, MonotonicInstant] => {
  const count = hasWorked(attempts, now) ? 0 : attempts.count
  const pause = (pauses[Math.min(count, pauses.length - 1)] ?? 0) * 1000
  return [
    { count, lastAt: attempts.lastAt, establishedAt: undefined, hasDelivered: false },
    monotonicInstant(Math.max(now, attempts.lastAt + Math.min(pause, longestMs))),
  ]
}

const hasWorked = ({ establishedAt, hasDelivered }: Attempts, now: MonotonicInstant): boolean =>
  hasDelivered || (establishedAt !== undefined && now - establishedAt > stableAfterMs)
