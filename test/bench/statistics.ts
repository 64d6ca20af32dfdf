/** Of many values one. */

/** NaN of none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.filter(value => !Number.isNaN(value)).sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1)
  return (low + high) / 2
}

/** The value below which so much of the samples lie; `share` from 0 to 1. */
export const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** Ratios of values that were measured beside each other; where either is missing there is none. */
export const ratios = (
  over: ReadonlyArray<number | undefined>,
  under: ReadonlyArray<number | undefined>,
): ReadonlyArray<number> =>
  over.flatMap((value, index) => {
    const other = under[index]
    return value === undefined || other === undefined || other === 0 ? [] : [value / other]
  })
