/** The steps of a recording for people to read, or as JSON lines for programs. */
import { effectCodec, type Json, jsonPayload } from '@smacks/codec'
import {
  type DescribeStanza,
  describeByFacts,
  describeEffect,
  describeEvent,
  describeIgnored,
  describeSettlements,
  type Effect,
  type Event,
  type Instant,
  isMisuse,
  type Resource,
} from '@smacks/core'
import { recordedEvent, recordedState } from './entry.js'
import { absolute, type Clockface, isFrom, isUntil, type Moment, relativeTo } from './moments.js'
import { printable } from './printable.js'
import type { RecordingHeader, View } from './recording.js'
import { type AnyReplayed, isOfCore, type ReplayedStep } from './replay.js'
import type { ReplayedOther } from './replay-others.js'
import { describeDifference } from './side-by-side.js'
import { smIdOf } from './sm-id.js'
import { describeSessions } from './state-line.js'

export interface TimelineOptions {
  /** The first and the last moment to show; both are shown themselves. */
  readonly from?: Moment
  readonly until?: Moment
  /** Only this account. */
  readonly account?: string
  /** Only steps that concern this resource. */
  readonly session?: string
  /** Times count from the beginning of the recording. */
  readonly relative?: boolean
}

/** The lines of a timeline, made as they are asked for. Each step has one for the event, one for each effect, and one for the state. */
export function* timeline(
  header: RecordingHeader,
  steps: Iterable<AnyReplayed>,
  options: TimelineOptions = {},
): Generator<string, void, undefined> {
  for (const step of steps) if (isShown(header, step, options)) yield* describeStep(header, step, options)
}

/** The same steps as plain JSON, one a line: `seq`, `at`, `account`, `event`, `effects`, `state`, `ignored` if the event was void, and `difference` if there is one. */
export function* timelineJson(
  header: RecordingHeader,
  steps: Iterable<AnyReplayed>,
  options: TimelineOptions = {},
): Generator<string, void, undefined> {
  for (const step of steps) if (isShown(header, step, options)) yield JSON.stringify(stepJson(step))
}

/** One step, in lines. */
export const describeStep = (
  header: RecordingHeader,
  step: AnyReplayed,
  { relative = false }: Pick<TimelineOptions, 'relative'> = {},
): ReadonlyArray<string> => {
  if (!isOfCore(step)) return describeOther(step, relative ? relativeTo(header.at) : absolute)
  const { seq, at, account } = step.entry
  const clockface = relative ? relativeTo(header.at) : absolute
  const describeStanza = stanzasOf(step)
  const left = step.after.settlements === step.before.settlements ? [] : describeSettlements(step.after)
  const sessions = describeSessions(step.after, changedIn(step), clockface)
  const state = [...(sessions === '' ? [] : [sessions]), ...left].join('; ')
  return [
    `#${seq} ${clockface(at)} ${account} ${retimed(describeEvent(step.event, describeStanza), step.event, clockface)}`,
    ...step.effects.map(effect => `    -> ${retimed(describeEffect(effect, describeStanza), effect, clockface)}`),
    `    =  ${state === '' ? unchanged(step) : state}`,
    ...(step.difference === undefined ? [] : [`    !! not as recorded: ${describeDifference(step.difference)}`]),
  ].map(printable)
}

const unchanged = ({ ignored }: ReplayedStep): string =>
  ignored === undefined ? 'nothing changed' : `nothing changed; ${describeIgnored(ignored)}`

/** What nobody here can make again is told as it was recorded. */
const describeOther = (
  { entry, reducer, outcome, difference }: ReplayedOther,
  clockface: Clockface,
): ReadonlyArray<string> => {
  const { seq, at, account, event } = entry
  const told =
    reducer?.describeEvent(event) ?? `a step of ${entry.reducer}, which is not known here: ${String(event._tag)}`
  const effects = (outcome ?? entry.outcome)?.effects ?? []
  return [
    `#${seq} ${clockface(at)} ${account} ${entry.reducer}: ${told}`,
    ...effects.map(effect => `    -> ${reducer?.describeEffect(effect) ?? String(effect._tag)}`),
    ...(difference === undefined ? [] : [`    !! not as recorded: ${describeDifference(difference)}`]),
  ].map(printable)
}

/** The core writes times as ISO 8601; here they are as all others in the timeline. */
const retimed = (prose: string, of: Effect<Json> | Event<Json>, clockface: Clockface): string =>
  timesIn(of).reduce((text, at) => text.replaceAll(absolute(at), clockface(at)), prose)

const timesIn = (of: Effect<Json> | Event<Json>): ReadonlyArray<Instant> => {
  switch (of._tag) {
    case 'ArmTimer':
    case 'TimerFired':
      return [of.due]
    case 'SendStanza':
      return of.delayedSince === undefined ? [] : [of.delayedSince]
    case 'Notify':
      if (of.notice._tag === 'HibernationStarted') return [of.notice.deadline]
      return of.notice._tag === 'HibernationEnded' ? [of.notice.hibernatedSince] : []
    default:
      return []
  }
}

/** What is delivered is what came, so it is named as that. */
export const stanzasOf = ({ event }: ReplayedStep): DescribeStanza<Json> => {
  const came = event._tag === 'StanzaReceived' ? event.facts : undefined
  return (stanza, facts) => describeByFacts(stanza, facts ?? came)
}

const changedIn = ({ outcome }: ReplayedStep): ReadonlySet<string> =>
  new Set([...outcome.sessions.flatMap(resourceOf), ...outcome.gone])

const resourceOf = ({ resource }: View): ReadonlyArray<string> => (typeof resource === 'string' ? [resource] : [])

const recordedEffect = effectCodec(jsonPayload)

/** One step as plain JSON. */
export const stepJson = (step: AnyReplayed): View => (isOfCore(step) ? coreJson(step) : otherJson(step))

const otherJson = ({ entry, outcome, difference }: ReplayedOther): View => {
  const { effects, changed } = outcome ?? entry.outcome ?? {}
  return {
    seq: entry.seq,
    at: entry.at,
    account: entry.account,
    of: entry.reducer,
    event: entry.event,
    ...(effects === undefined ? {} : { effects }),
    ...(changed === undefined ? {} : { changed }),
    ...(difference === undefined ? {} : { difference: differenceJson(difference) }),
  }
}

const coreJson = ({ entry, event, after, effects, ignored, difference }: ReplayedStep): View => ({
  seq: entry.seq,
  at: entry.at,
  account: entry.account,
  event: recordedEvent.encode(event),
  effects: effects.map(effect => recordedEffect.encode(effect)),
  state: recordedState.encode(after),
  ...(ignored === undefined ? {} : { ignored: { ...ignored, misuse: isMisuse(ignored) } }),
  ...(difference === undefined ? {} : { difference: differenceJson(difference) }),
})

const differenceJson = ({ path, recorded, replayed }: NonNullable<ReplayedStep['difference']>): View => ({
  path,
  ...(recorded === undefined ? {} : { recorded }),
  ...(replayed === undefined ? {} : { replayed }),
})

/** True if the options let the step through. */
export const isShown = (header: RecordingHeader, step: AnyReplayed, options: TimelineOptions): boolean => {
  const { from, until, account, session } = options
  const { seq, at } = step.entry
  const place = { seq, at, begun: header.at }
  return (
    (from === undefined || isFrom(from, place)) &&
    (until === undefined || isUntil(until, place)) &&
    (account === undefined || account === step.entry.account) &&
    (session === undefined || (isOfCore(step) ? isConcerned(step, session) : isAbout(step, session)))
  )
}

/** Its own event, or an effect on it. */
const isAbout = ({ entry, outcome }: ReplayedOther, resource: Resource): boolean =>
  entry.event.resource === resource ||
  ((outcome ?? entry.outcome)?.effects ?? []).some(effect => effect.resource === resource)

/** Its own event, an effect on it, a change of it, or a `<resume/>` that names it. */
const isConcerned = (step: ReplayedStep, resource: Resource): boolean => {
  const { event, effects, before } = step
  if ('resource' in event && event.resource === resource) return true
  if (effects.some(effect => 'resource' in effect && effect.resource === resource)) return true
  if (changedIn(step).has(resource)) return true
  return (
    event._tag === 'ResumeReceived' &&
    before.sessions.some(session => session.resource === resource && smIdOf(session) === event.previd)
  )
}
