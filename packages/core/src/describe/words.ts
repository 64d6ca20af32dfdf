/** Words that events, effects and states have in common. */
import type { Instant } from '../ids.js'
import type { Nonza, StreamError } from '../nonza.js'
import type { Unacked } from '../state.js'
import type { DescribeStanza } from './stanza.js'

/** The range of times that have a calendar date (ECMA-262 §21.4.1.1). */
const greatestInstant = 8.64e15

/** A time as ISO 8601, or the bare number where it has no date. */
export const describeInstant = (at: Instant): string =>
  Math.abs(at) <= greatestInstant ? new Date(at).toISOString() : String(at)

/** "1 stanza", "2 stanzas". */
export const counted = (count: number, singular: string): string => `${count} ${singular}${count === 1 ? '' : 's'}`

/** So many stanzas of a queue are named one by one. */
const namedAtMost = 5

/** "nothing unacked", or how many stanzas are unacked and which come first. */
export const describeUnacked = <A>(unacked: ReadonlyArray<Unacked<A>>, describeStanza: DescribeStanza<A>): string => {
  if (unacked.length === 0) return 'nothing unacked'
  const named = unacked.slice(0, namedAtMost).map(({ stanza, facts }) => describeStanza(stanza, facts))
  const more = unacked.length - named.length
  return `${unacked.length} unacked: ${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`
}

/** A nonza as it looks on the wire, without its namespace. */
export const describeNonza = (nonza: Nonza): string => {
  switch (nonza._tag) {
    case 'Ack':
      return tag('a', { h: nonza.h })
    case 'Enable':
      return tag('enable', { resume: nonza.resume || undefined, max: nonza.max })
    case 'Enabled':
      return tag('enabled', {
        resume: nonza.resume || undefined,
        id: nonza.id,
        max: nonza.max,
        location: nonza.location,
      })
    case 'Failed':
      return describeFailed(nonza)
    case 'Request':
      return tag('r', {})
    case 'Resume':
      return tag('resume', { previd: nonza.previd, h: nonza.h })
    case 'Resumed':
      return tag('resumed', { previd: nonza.previd, h: nonza.h })
  }
}

/** `<failed/>` and why. */
export const describeFailed = (failed: {
  readonly condition: string
  readonly h?: number
  readonly tooHigh?: { readonly h: number; readonly sendCount: number }
}): string =>
  `${tag('failed', { h: failed.h })} (${failed.condition}${failed.tooHigh === undefined ? '' : `, ${describeTooHigh(failed.tooHigh)}`})`

/** A stream error and, in brackets, its text. */
export const describeStreamError = (error: StreamError): string => {
  const tooHigh = error.tooHigh === undefined ? '' : `, ${describeTooHigh(error.tooHigh)}`
  const text = error.text === undefined ? '' : ` (${error.text})`
  return `the stream error ${error.condition}${tooHigh}${text}`
}

const describeTooHigh = ({ h, sendCount }: { readonly h: number; readonly sendCount: number }): string =>
  tag('handled-count-too-high', { h, 'send-count': sendCount })

/** An empty element with the attributes that have a value. */
export const tag = (
  name: string,
  attributes: Readonly<Record<string, boolean | number | string | undefined>>,
): string =>
  `<${[name, ...Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [`${key}='${value}'`]))].join(' ')}/>`
