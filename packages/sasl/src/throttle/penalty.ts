/** How long whoever failed to log in has to wait: the arithmetic, without a clock and without a table. */

/** What failed logins of one kind cost. Times are milliseconds. */
export interface PenaltyRules {
  /** Failures that cost nothing. */
  readonly free: number
  /** The longest wait. */
  readonly longest: number
  /** After so long without a failure all are forgotten. */
  readonly forgetAfter: number
}

/** What is known of one address, account, or pair of them. Times are of a monotonic clock. */
export interface Penalty {
  readonly failures: number
  readonly lastFailure: number
  /** Until then no further attempt is allowed. */
  readonly blockedUntil: number
}

export const noPenalty: Penalty = { failures: 0, lastFailure: 0, blockedUntil: 0 }

/** The wait after the first failure that costs one; each further one doubles it. */
export const firstDelay = 1_000

/** The wait after so many failures: 0 for the free ones, then 1 s, 2 s, 4 s and so on up to the longest. */
export const delayAfter = ({ free, longest }: PenaltyRules, failures: number): number =>
  // A power of 2 that is no finite number would still be cut to the longest wait.
  failures <= free ? 0 : Math.min(longest, firstDelay * 2 ** (failures - free - 1))

/** What is left of a penalty at this time. */
export const penaltyAt = ({ forgetAfter }: PenaltyRules, penalty: Penalty | undefined, now: number): Penalty =>
  penalty === undefined || now - Math.max(penalty.lastFailure, penalty.blockedUntil) >= forgetAfter
    ? noPenalty
    : penalty

/** One more failure. */
export const afterFailure = (rules: PenaltyRules, penalty: Penalty | undefined, now: number): Penalty => {
  const failures = penaltyAt(rules, penalty, now).failures + 1
  return { failures, lastFailure: now, blockedUntil: now + delayAfter(rules, failures) }
}

/** Milliseconds until the next attempt is allowed, 0 if it is now. */
export const waitOf = ({ blockedUntil }: Penalty, now: number): number => Math.max(0, blockedUntil - now)
