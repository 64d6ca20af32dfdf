/** One metric with all its values, as Prometheus has it: a family. */
import type { Buckets } from './buckets.js'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** What stands behind the name of the family, in a histogram. */
  readonly suffix?: '_bucket' | '_count' | '_sum'
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: () => ReadonlyArray<Sample>
}

/** With one value, or one for each value of a label. */
type Values = () => number | ReadonlyArray<Sample>

const family =
  (type: 'counter' | 'gauge') =>
  (name: string, help: string, values: Values): Family => ({
    name,
    help,
    type,
    samples: () => {
      const found = values()
      return typeof found === 'number' ? [{ labels: {}, value: found }] : found
    },
  })

/** What only grows. */
export const counter = family('counter')

/** What grows and shrinks. */
export const gauge = family('gauge')

/** One sample for each entry, labelled by its key. */
export const by = (label: string, values: Iterable<readonly [string, number]>): ReadonlyArray<Sample> =>
  [...values].map(([key, value]) => ({ labels: { [label]: key }, value }))

export const histogram = (name: string, help: string, buckets: Buckets): Family => ({
  name,
  help,
  type: 'histogram',
  samples: () => samplesOf(buckets),
})

/** Each bucket counts all that is not beyond its bound. */
const samplesOf = ({ bounds, counts, sum }: Buckets): ReadonlyArray<Sample> => {
  let count = 0
  const buckets = Array.from(counts, (ofBucket, index): Sample => {
    count += ofBucket
    return { labels: { le: String(bounds[index] ?? '+Inf') }, value: count, suffix: '_bucket' }
  })
  return [...buckets, { labels: {}, value: sum, suffix: '_sum' }, { labels: {}, value: count, suffix: '_count' }]
}
