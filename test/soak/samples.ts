/** What was measured of a server in the course of a soak, and whether it stays within bounds. */

export interface Sample {
  /** Minutes since the beginning. */
  readonly minute: number
  /** Megabytes for values right after garbage was collected. */
  readonly heap: number
  /** Megabytes that are resident, without pages of files. */
  readonly resident: number
  /** Megabytes of the data folder. */
  readonly disk: number
  /** Milliseconds for which the loop was blocked at most since the sample before. */
  readonly block: number
}

export type Figure = Exclude<keyof Sample, 'minute'>

/** What a figure did once the server was warm, that is, in the last two thirds of the time. */
export interface Course {
  readonly first: number
  readonly last: number
  /** By how much it grows in an hour: the median of the slopes between any two samples (Theil and Sen), which no peak moves. */
  readonly perHour: number
  /** Grew by no more than a fifth, and 8. */
  readonly isFlat: boolean
}

/** Throws if there are not enough samples to say anything. */
export const courseOf = (samples: ReadonlyArray<Sample>, figure: Figure): Course => {
  const warm = samples.slice(Math.floor(samples.length / 3))
  if (warm.length < 4) throw new Error(`${samples.length} samples; at least 6 are needed to tell a course`)
  const slopes = warm.flatMap((one, index) =>
    warm.slice(index + 1).map(other => (other[figure] - one[figure]) / (other.minute - one.minute)),
  )
  const half = Math.floor(warm.length / 2)
  const [first, last] = [warm.slice(0, half), warm.slice(-half)].map(part => median(part.map(one => one[figure])))
  if (first === undefined || last === undefined) throw new Error('a half without samples')
  return { first, last, perHour: median(slopes) * 60, isFlat: last <= first * 1.2 + 8 }
}

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = [...numbers].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? above : (below + above) / 2
}
