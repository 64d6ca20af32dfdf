/**
 * A story: one account, its connections, clock and timers, as a host would keep them around the core. Payloads
 * are names such as `m1`.
 */
import {
  type Account,
  advance,
  type Config,
  type ConnectionId,
  type Counter,
  connectionOf,
  type Effect,
  type Event,
  emptyAccount,
  type Instant,
  loadFor,
  nextToSettle,
  type ReadSpilled,
  type Resource,
  sessionOf,
  step,
  type TimerName,
  type Unacked,
  unload,
} from '@smacks/core'
import { isSome } from '#fp-ts/Option'

interface ArmedTimer {
  readonly resource: Resource
  readonly timer: TimerName
  readonly due: Instant
}

export interface Story {
  readonly config: Config
  readonly account: Account<string>
  readonly now: Instant
  /** Connections made so far; they are named `c1`, `c2` ... */
  readonly connections: number
  /** SM-IDs offered so far; they are named `sm-1`, `sm-2` ... */
  readonly ids: number
  /** The connection that a resource had last, also when it is gone. */
  readonly lastConnection: ReadonlyMap<string, ConnectionId>
  /** The SM-ID that a resource had last, likewise. */
  readonly lastId: ReadonlyMap<string, string>
  /** As the effects left them. */
  readonly timers: ReadonlyArray<ArmedTimer>
  /** What is kept in storage, by resource and position. */
  readonly kept: ReadonlyMap<string, Unacked<string>>
}

/** One step of the core, with all that it was made of. */
export interface StoryStep {
  readonly event: Event<string>
  readonly before: Account<string>
  readonly after: Account<string>
  readonly effects: ReadonlyArray<Effect<string>>
}

/** The story goes on, and what happened. */
export type Happened = readonly [Story, ReadonlyArray<StoryStep>]

/** When all stories begin: 2024-01-01, so that no time is mistaken for a span. */
export const storyStart: Instant = Date.UTC(2024, 0, 1)

/** Nobody is bound yet. */
export const beginStory = (config: Config): Story => ({
  config,
  account: emptyAccount,
  now: storyStart,
  connections: 0,
  ids: 0,
  lastConnection: new Map(),
  lastId: new Map(),
  timers: [],
  kept: new Map(),
})

/** Stanzas of a page of what an ended session leaves. */
const settledAtOnce = 2

/** The event happens, and what sessions leave that it ended is settled. */
export const happen = (story: Story, event: Event<string>): Happened => {
  let [current, steps] = makeStep(story, event)
  for (let next = nextPage(current); next !== undefined; next = nextPage(current)) {
    const [settled, more] = makeStep(current, next)
    current = settled
    steps = [...steps, ...more]
  }
  return [current, steps]
}

const nextPage = (story: Story): Event<string> | undefined => {
  let count = 0
  return nextToSettle(story.account, story.now, () => ++count <= settledAtOnce, readKept(story))
}

const makeStep = (story: Story, event: Event<string>): Happened => {
  const before = loadFor(story.config, story.account, event, readKept(story))
  const [stepped, effects] = step(story.config)(before, event)
  const account = unload(stepped)
  const lastConnection = new Map(story.lastConnection)
  const lastId = new Map(story.lastId)
  for (const session of account.sessions) {
    const connection = connectionOf(session)
    if (connection !== undefined) lastConnection.set(session.resource, connection)
    const id = smIdOf(account, session.resource)
    if (id !== undefined) lastId.set(session.resource, id)
  }
  // The timers of a process end with it.
  const timers = effects.reduce(withTimerEffect, event._tag === 'ServerRestarted' ? [] : story.timers)
  const kept = effects.reduce(withKept, story.kept)
  return [{ ...story, account, lastConnection, lastId, timers, kept }, [{ event, before, after: account, effects }]]
}

const keyOf = (resource: Resource, number: Counter): string => `${resource} ${number}`

const readKept =
  ({ kept }: Story): ReadSpilled<string> =>
  (resource, from, count) =>
    Array.from({ length: count }, (_, index) => {
      const unacked = kept.get(keyOf(resource, advance(from, index)))
      if (unacked === undefined) throw new Error(`stanza ${advance(from, index)} of ${resource} is not kept`)
      return unacked
    })

const withKept = (
  kept: ReadonlyMap<string, Unacked<string>>,
  effect: Effect<string>,
): ReadonlyMap<string, Unacked<string>> => {
  if (effect._tag !== 'KeepUnacked' && effect._tag !== 'ForgetKept') return kept
  const next = new Map(kept)
  const { resource, from } = effect
  if (effect._tag === 'KeepUnacked')
    effect.unacked.forEach((unacked, index) => void next.set(keyOf(resource, advance(from, index)), unacked))
  else
    for (let index = 0; index < effect.count; index += 1)
      if (!next.delete(keyOf(resource, advance(from, index))))
        throw new Error(`stanza ${advance(from, index)} of ${resource} is not kept`)
  return next
}

/** The SM-ID that the resource's session can be resumed with. */
export const smIdOf = (account: Account<string>, resource: Resource): string | undefined => {
  const session = sessionOf(account, resource)
  switch (session?._tag) {
    case 'Active':
      return isSome(session.resumption) ? session.resumption.value.smId : undefined
    case 'Hibernating':
    case 'Resuming':
      return session.resumption.smId
    default:
      return undefined
  }
}

/** Several things happen, one after the other. */
export const happenAll = (story: Story, events: ReadonlyArray<(story: Story) => Event<string>>): Happened => {
  const steps: Array<StoryStep> = []
  let current = story
  for (const event of events) {
    const [next, made] = happen(current, event(current))
    current = next
    steps.push(...made)
  }
  return [current, steps]
}

/** So many firings in one wait, and it is taken for endless. */
const firingLimit = 10_000

/** Time passes, in milliseconds; timers fire when they are due. Throws an `Error` if they never end. */
export const wait = (story: Story, milliseconds: number): Happened => {
  const until = story.now + milliseconds
  const steps: Array<StoryStep> = []
  let current = story
  for (let firings = 0; ; firings += 1) {
    const next = firstDue(current.timers)
    if (next === undefined || next.due > until) return [{ ...current, now: until }, steps]
    if (firings === firingLimit) throw new Error(`${firingLimit} timers fired within ${milliseconds} ms`)
    const at = Math.max(current.now, next.due)
    const timers = current.timers.filter(timer => timer !== next)
    const [fired, made] = happen({ ...current, now: at, timers }, { _tag: 'TimerFired', at, ...next })
    current = fired
    steps.push(...made)
  }
}

const firstDue = (timers: ReadonlyArray<ArmedTimer>): ArmedTimer | undefined =>
  timers.reduce<ArmedTimer | undefined>(
    (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
    undefined,
  )

const withTimerEffect = (timers: ReadonlyArray<ArmedTimer>, effect: Effect<string>): ReadonlyArray<ArmedTimer> => {
  if (effect._tag !== 'ArmTimer' && effect._tag !== 'DisarmTimer') return timers
  const { resource, timer } = effect
  const others = timers.filter(armed => armed.resource !== resource || armed.timer !== timer)
  return effect._tag === 'ArmTimer' ? [...others, { resource, timer, due: effect.due }] : others
}
