/** A difference for the eye: what was recorded and what the replay made, beside each other. */
import { effectCodec, type Json, type PayloadCodec } from '@smacks/codec'
import { describeByFacts, describeEffect, describeEvent } from '@smacks/core'
import * as Either from 'fp-ts/lib/Either.js'
import type { Difference } from './difference.js'
import { canonicalJson } from './fingerprint.js'
import { printable } from './printable.js'
import type { EffectView, Outcome, View } from './recording.js'
import type { ReplayedStep } from './replay.js'

/** One line: where, and the two values. */
export const describeDifference = ({ path, recorded, replayed }: Difference): string =>
  `${path}: recorded ${describeValue(recorded)}, replayed ${describeValue(replayed)}`

const longestValue = 120

const describeValue = (value: Json | undefined): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`
}

/**
 * Two columns of lines that are `width` characters wide in all: effects in prose, then the sessions that changed, as they
 * were recorded and as they were replayed. A `!` marks the lines that differ. Ends with the path and its two values.
 */
export const sideBySide = (step: ReplayedStep, width = 120): ReadonlyArray<string> => {
  const { entry, difference, outcome: replayed } = step
  if (difference === undefined) return []
  const column = Math.max(20, Math.floor((width - 5) / 2))
  const said = `#${entry.seq} ${entry.account} ${describeEvent(step.event)}`
  const last = describeDifference(difference)
  if (entry.outcome === undefined || difference.path.startsWith('before')) return [said, last].map(printable)
  const [left, right] = [describeOutcome(entry.outcome), describeOutcome(replayed)]
  const rows = [...pair(left.effects, right.effects), ...pair(left.state, right.state)]
  return [
    said,
    ...twoColumns({ mark: ' ', left: 'recorded', right: 'replayed' }, column),
    `  ${'-'.repeat(column)} ${'-'.repeat(column)}`,
    ...rows.flatMap(row => twoColumns(row, column)),
    last,
  ].map(printable)
}

interface Told {
  readonly prose: string
  /** The data that the prose is of. */
  readonly data: string
}

interface Row {
  readonly mark: ' ' | '!'
  readonly left: string
  readonly right: string
}

/** Where the prose of different data is the same, the data speaks. */
const pair = (recorded: ReadonlyArray<Told>, replayed: ReadonlyArray<Told>): ReadonlyArray<Row> =>
  Array.from({ length: Math.max(recorded.length, replayed.length) }, (_, index): Row => {
    const [left, right] = [recorded[index], replayed[index]]
    if (left?.data === right?.data) return { mark: ' ', left: left?.prose ?? '', right: right?.prose ?? '' }
    const speaksForItself = left?.prose !== right?.prose
    return {
      mark: '!',
      left: (speaksForItself ? left?.prose : left?.data) ?? '(nothing)',
      right: (speaksForItself ? right?.prose : right?.data) ?? '(nothing)',
    }
  })

interface OutcomeTold {
  readonly effects: ReadonlyArray<Told>
  readonly state: ReadonlyArray<Told>
}

const describeOutcome = (outcome: Outcome): OutcomeTold => ({
  effects: outcome.effects.map(effect => ({ prose: describeEffectView(effect), data: canonicalJson(effect) })),
  state: describeChanges(outcome),
})

const describeChanges = ({ sessions, gone, oldSessions }: Outcome): ReadonlyArray<Told> => [
  ...sessions.map(session => ({ prose: flat(session), data: canonicalJson(session) })),
  ...gone.map(resource => ({ prose: `${resource} is gone`, data: `gone ${resource}` })),
  ...(oldSessions === undefined
    ? []
    : [
        {
          prose: `old sessions: ${oldSessions.map(({ smId, h }) => `${smId} with h=${h}`).join(', ') || 'none'}`,
          data: JSON.stringify(oldSessions),
        },
      ]),
]

const fingerprintPayload: PayloadCodec<string> = {
  encode: fingerprint => fingerprint,
  decode: value => (typeof value === 'string' ? Either.right(value) : Either.left('a fingerprint is text')),
}

const viewedEffect = effectCodec(fingerprintPayload)

/** In the core's words where the view is a whole effect; views of queues are told by their ends. */
const describeEffectView = (view: EffectView): string => {
  const decoded = viewedEffect.decode(view)
  return Either.isRight(decoded) ? describeEffect<string>(decoded.right, describeByFacts) : flat(view)
}

/** Plain data without the noise of JSON: `Active resource=balcony inbound.handled=3`. */
const flat = (view: View, path = ''): string =>
  Object.entries(view)
    .map(([key, value]) => {
      if (key === '_tag' && path === '' && typeof value === 'string') return value
      const where = path === '' ? key : `${path}.${key}`
      return isView(value)
        ? flat(value, where)
        : `${where}=${typeof value === 'string' ? value : JSON.stringify(value)}`
    })
    .join(' ')

const isView = (value: Json): value is View => typeof value === 'object' && value !== null && !Array.isArray(value)

const twoColumns = ({ mark, left, right }: Row, column: number): ReadonlyArray<string> => {
  const [lefts, rights] = [wrap(left, column), wrap(right, column)]
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) =>
    `${mark} ${(lefts[index] ?? '').padEnd(column)} ${rights[index] ?? ''}`.trimEnd(),
  )
}

/** At spaces where there are some. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let rest = text
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > width / 2 ? space : width
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
