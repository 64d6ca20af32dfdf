/** What a client counts. */

export interface Tally {
  readonly resumed: number
  /** `<failed/>` came in answer to `<resume/>`, and was not allowed to. */
  readonly refused: number
  /** It was allowed to. */
  readonly beganAnew: number
  /** Lines that were up and are gone. */
  readonly lines: number
  /** Those of them that the client cut. */
  readonly cuts: number
  /** Logins that took too long. */
  readonly late: number
  /** The most messages that were under way to it when it resumed. */
  readonly awaited: number
}

export const noTally = { resumed: 0, refused: 0, beganAnew: 0, lines: 0, cuts: 0, late: 0, awaited: 0 }
