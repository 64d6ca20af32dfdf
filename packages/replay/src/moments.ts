/** Times as people write and read them: ISO 8601, or counted from the beginning of the recording. */
import type { Instant } from '@smacks/core'
import * as Either from '#fp-ts/Either'

/** A place in a recording. */
export type Moment =
  | { readonly _tag: 'At'; readonly at: Instant }
  /** Milliseconds since the recording began. */
  | { readonly _tag: 'After'; readonly milliseconds: number }
  /** The entry with this number. */
  | { readonly _tag: 'Seq'; readonly seq: number }

/** `2026-01-01T12:00:00Z`, `+90s`, `+1h2m3.5s`, `+250ms` or `#42`. `Left` says what is allowed. */
export const parseMoment = (text: string): Either.Either<string, Moment> => {
  const seq = /^#([1-9]\d{0,15})$/.exec(text)?.[1]
  if (seq !== undefined) return Either.right({ _tag: 'Seq', seq: Number(seq) })
  const milliseconds = parseOffset(text)
  if (milliseconds !== undefined) return Either.right({ _tag: 'After', milliseconds })
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at)
    ? Either.left(
        `found ${JSON.stringify(text.slice(0, 80))}, allowed: a time as 2026-01-31T12:00:00Z, an offset as +1m30s, or an entry as #42`,
      )
    : Either.right({ _tag: 'At', at })
}

const parseOffset = (text: string): number | undefined => {
  const [all, hours = '0', minutes = '0', seconds = '0', rest = '0'] =
    /^\+(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?$/.exec(text) ?? []
  if (all === undefined || all === '+') return undefined
  return (Number(hours) * 60 + Number(minutes)) * 60_000 + Math.round(Number(seconds) * 1000) + Number(rest)
}

/** True if the place is at or after the moment. */
export const isFrom = (moment: Moment, place: Place): boolean => positionOf(place, moment) >= 0

/** True if the place is at or before the moment. */
export const isUntil = (moment: Moment, place: Place): boolean => positionOf(place, moment) <= 0

export interface Place {
  readonly seq: number
  readonly at: Instant
  /** When the recording began. */
  readonly begun: Instant
}

const positionOf = ({ seq, at, begun }: Place, moment: Moment): number => {
  switch (moment._tag) {
    case 'At':
      return at - moment.at
    case 'After':
      return at - begun - moment.milliseconds
    case 'Seq':
      return seq - moment.seq
  }
}

/** Writes times. */
export type Clockface = (at: Instant) => string

/** The greatest time with a calendar date (ECMA-262 §21.4.1.1). */
const greatestInstant = 8.64e15

/** `2026-01-01T12:00:00.000Z`; the bare number where there is no such date. */
export const absolute: Clockface = at => (Math.abs(at) <= greatestInstant ? new Date(at).toISOString() : String(at))

/** `+1m30.250s` since `begun`. */
export const relativeTo =
  (begun: Instant): Clockface =>
  at => {
    const span = at - begun
    const whole = Math.abs(Math.trunc(span))
    const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60]
    const seconds = ((whole % 60_000) / 1000).toFixed(3)
    const sign = span < 0 ? '-' : '+'
    if (hours > 0) return `${sign}${hours}h${pad(minutes)}m${seconds.padStart(6, '0')}s`
    return minutes > 0 ? `${sign}${minutes}m${seconds.padStart(6, '0')}s` : `${sign}${seconds}s`
  }

const pad = (value: number): string => String(value).padStart(2, '0')
