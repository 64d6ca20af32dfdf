/** What all measurements share. */

/** How long each part takes. */
export interface Effort {
  /** Seconds of warming up, then of measuring, for a flow of messages. */
  readonly warmSeconds: number
  readonly measureSeconds: number
  /** Sessions of a storm. */
  readonly sessions: number
  /** Sessions that a restart brings back, and how many get very many stanzas. */
  readonly recovered: number
  readonly withMany: number
}

export const fullEffort: Effort = {
  warmSeconds: 3,
  measureSeconds: 10,
  sessions: 1000,
  recovered: 10_000,
  withMany: 50,
}
export const quickEffort: Effort = {
  warmSeconds: 1,
  measureSeconds: 2,
  sessions: 300,
  recovered: 1000,
  withMany: 10,
}

/** Says what is being done. */
export type Progress = (text: string) => void

/** The value below which so much of the samples lie; `share` from 0 to 1. */
export const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
