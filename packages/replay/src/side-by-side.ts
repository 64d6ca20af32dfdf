/** A difference for the eye: what was recorded and what the replay made, beside each other. */
import { effectCodec, type Json, type PayloadCodec } from '@smacks/codec'
import { describeByFacts, describeEffect, describeEvent } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import type { Difference } from './difference.js'
import { canonicalJson } from './fingerprint.js'
import { printable } from './printable.js'
import type { EffectView, Outcome, View } from './recording.js'
import { type AnyReplayed, isOfCore } from './replay.js'
import type { ReplayedOther } from './replay-others.js'

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
 * Two columns that are `width` characters wide in all: effects in prose, then what differs of the sessions that
 * changed, as it was recorded and as it was replayed. A `!` marks the lines that differ. Ends with the path and its two
 * values.
 */
export const sideBySide = (step: AnyReplayed, width = 120): ReadonlyArray<string> => {
  if (!isOfCore(step)) return otherSideBySide(step, width)
  const { entry, difference, outcome: replayed } = step
  if (difference === undefined) return []
  const column = Math.max(20, Math.floor((width - 5) / 2))
  const said = `#${entry.seq} ${entry.account} ${describeEvent(step.event)}`
  const last = describeDifference(difference)
  if (entry.outcome === undefined || difference.path.startsWith('before')) return [said, last].map(printable)
  const rows = [...effectRows(entry.outcome, replayed), ...stateRows(stateOf(entry.outcome), stateOf(replayed))]
  return [
    said,
    ...twoColumns({ mark: ' ', left: 'recorded', right: 'replayed' }, column),
    `  ${'-'.repeat(column)} ${'-'.repeat(column)}`,
    ...rows.flatMap(row => twoColumns(row, column)),
    last,
  ].map(printable)
}

/** Effects in prose, where the reducer is known; then the first difference. */
const otherSideBySide = (
  { entry, reducer, outcome, difference }: ReplayedOther,
  width: number,
): ReadonlyArray<string> => {
  if (difference === undefined) return []
  const column = Math.max(20, Math.floor((width - 5) / 2))
  const said = `#${entry.seq} ${entry.account} ${entry.reducer}: ${reducer?.describeEvent(entry.event) ?? ''}`
  const recorded = entry.outcome?.effects ?? []
  const replayed = outcome?.effects ?? []
  const tell = (effect: View | undefined): string =>
    effect === undefined ? absent : (reducer?.describeEffect(effect) ?? canonicalJson(effect))
  const rows = Array.from({ length: Math.max(recorded.length, replayed.length) }, (_, index): Row => {
    const [left, right] = [recorded[index], replayed[index]]
    const isSame = left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right)
    return { mark: isSame ? ' ' : '!', left: tell(left), right: tell(right) }
  })
  return [
    said,
    ...twoColumns({ mark: ' ', left: 'recorded', right: 'replayed' }, column),
    `  ${'-'.repeat(column)} ${'-'.repeat(column)}`,
    ...rows.flatMap(row => twoColumns(row, column)),
    describeDifference(difference),
  ].map(printable)
}

interface Row {
  readonly mark: ' ' | '!'
  readonly left: string
  readonly right: string
}

const absent = '(nothing)'

/** Where the prose of different data is the same, the data speaks. */
const effectRows = (recorded: Outcome, replayed: Outcome): ReadonlyArray<Row> =>
  Array.from({ length: Math.max(recorded.effects.length, replayed.effects.length) }, (_, index): Row => {
    const views = [recorded.effects[index], replayed.effects[index]] as const
    const [left, right] = views.map(view => (view === undefined ? absent : describeEffectView(view)))
    const [leftData, rightData] = views.map(view => (view === undefined ? absent : canonicalJson(view)))
    if (left === undefined || right === undefined || leftData === rightData)
      return { mark: ' ', left: left ?? absent, right: right ?? absent }
    return left === right
      ? { mark: '!', left: leftData ?? absent, right: rightData ?? absent }
      : { mark: '!', left, right }
  })

/** What a session has on one side only, or otherwise than on the other: a line each. What is the same goes without saying. */
const stateRows = (recorded: Leaves, replayed: Leaves): ReadonlyArray<Row> =>
  [...new Set([...recorded.keys(), ...replayed.keys()])].flatMap((path): ReadonlyArray<Row> => {
    const [left, right] = [recorded.get(path), replayed.get(path)]
    if (left === right) return []
    return [{ mark: '!', left: leaf(path, left), right: leaf(path, right) }]
  })

const leaf = (path: string, text: string | undefined): string => (text === undefined ? absent : `${path} = ${text}`)

/** Plain values by their paths. */
type Leaves = ReadonlyMap<string, string>

const stateOf = ({ sessions, gone, oldSessions }: Outcome): Leaves =>
  new Map([
    ...sessions.flatMap(({ resource, ...session }) => leavesOf(session, describeResource(resource))),
    ...gone.map(resource => [resource, 'gone'] as const),
    ...(oldSessions ?? []).map(({ smId, h }) => [`old session ${smId}`, `h=${h}`] as const),
  ])

const leavesOf = (value: Json, path: string): ReadonlyArray<readonly [string, string]> => {
  if (!isView(value)) return [[path, describePlain(value)]]
  if (isView(value.facts)) return [[path, describeUnacked(value, value.facts)]]
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, `${path}.${key}`))
}

/** A stanza in a queue: one line, with all that is known of it. */
const describeUnacked = ({ facts: _, ...view }: View, facts: View): string =>
  Object.entries({ ...facts, ...view })
    .map(([key, value]) => (key === 'name' || key === 'id' ? describePlain(value) : `${key}=${describePlain(value)}`))
    .join(' ')

const describePlain = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const describeResource = (resource: Json | undefined): string => describePlain(resource ?? null)

const fingerprintPayload: PayloadCodec<string> = {
  encode: fingerprint => fingerprint,
  decode: value => (typeof value === 'string' ? Either.right(value) : Either.left('a fingerprint is text')),
}

const viewedEffect = effectCodec(fingerprintPayload)

/** In the core's words where the view is a whole effect; views of queues are told by their ends. */
const describeEffectView = (view: EffectView): string => {
  const decoded = viewedEffect.decode(view)
  return Either.isRight(decoded) ? describeEffect<string>(decoded.right, describeByFacts) : JSON.stringify(view)
}

const isView = (value: Json | undefined): value is View =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
