/**
 * The names of recordings: `<start time>-<number>.ndjson`. Files of one start time follow each other without a gap;
 * where something is missing between two files, their start times differ. In the order of names they are in the order
 * of time.
 */
import type { Instant } from '@smacks/core'

const digits = 6

/** The name of the file with this number, from 1, of the recording that started then. */
export const fileName = (start: Instant, number: number): string =>
  `${stamp(start)}-${String(number).padStart(digits, '0')}.ndjson`

/** ISO 8601 in its short form, which needs no characters that shells or file systems mind. */
const stamp = (at: Instant): string => new Date(at).toISOString().replaceAll(/[-:]/g, '')

/** The names that are recordings, the oldest first. Whatever else is in the directory is not ours. */
export const oldestFirst = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter(name => pattern.test(name)).sort()

const pattern = /^\d{8}T\d{6}\.\d{3}Z-\d{6,}\.ndjson$/

/** True if the second file continues the recording of the first. */
export const continues = (first: string, second: string): boolean => {
  const [one, other] = [partsOf(first), partsOf(second)]
  return one !== undefined && other !== undefined && one.start === other.start && one.number + 1 === other.number
}

/** True if the first file is a later part of the recording that the second is of. */
export const isBehind = (first: string, second: string): boolean => {
  const [one, other] = [partsOf(first), partsOf(second)]
  return one !== undefined && other !== undefined && one.start === other.start && one.number > other.number
}

const partsOf = (name: string): { readonly start: string; readonly number: number } | undefined => {
  if (!pattern.test(name)) return undefined
  const dash = name.indexOf('-')
  return { start: name.slice(0, dash), number: Number.parseInt(name.slice(dash + 1), 10) }
}
