/**
 * Makes the steps of a recording again, with the reducer as it is now, and compares what they come to with what was
 * recorded. The same recording gives the same result on every runtime.
 */
import { type Json, jsonPayload } from '@smacks/codec'
import {
  type Account,
  type Config,
  type Effect,
  type Event,
  emptyAccount,
  type Ignored,
  isVacant,
  reducerVersion,
  step,
  unload,
} from '@smacks/core'
import { type Difference, firstDifference } from './difference.js'
import { recordedState } from './entry.js'
import { createFingerprint } from './fingerprint.js'
import type { OtherReducer } from './other-reducer.js'
import { createOutcomeOf, digestOf } from './outcome.js'
import type { Entry, EventEntry, Outcome, RecordingHeader, StateEntry, View } from './recording.js'
import { OtherReplayer, type ReplayedOther } from './replay-others.js'
import { ReplayedRows } from './replayed-rows.js'
import { plain } from './view.js'

/** One step, made again. */
export interface ReplayedStep {
  readonly entry: EventEntry
  /** The entry that said what `before` is, if one did; else it is what the account's step before left. */
  readonly stated?: StateEntry
  readonly before: Account<Json>
  readonly event: Event<Json>
  readonly after: Account<Json>
  /** The options that it was made under. */
  readonly config: Config
  readonly effects: ReadonlyArray<Effect<Json>>
  /** Why the event was void, if it was: no outcome that was recorded says so. */
  readonly ignored?: Ignored
  /** What the step came to, in the form in which outcomes are recorded. */
  readonly outcome: Outcome
  /** Where the recording says something else first. */
  readonly difference?: Difference
}

/** Takes the entries of a recording as they come. */
export interface Replayer {
  /** Makes the step of an event; the entry of a state has none, it is part of the account's next step. */
  readonly take: (entry: Entry) => AnyReplayed | undefined
  /** Another one that goes on from here, whatever this one takes next. */
  readonly fork: () => Replayer
}

/** A step of the core, or of another reducer. */
export type AnyReplayed = ReplayedOther | ReplayedStep

/** True for steps of the core. */
export const isOfCore = (step: AnyReplayed): step is ReplayedStep => step.entry._tag === 'Event'

/** Steps of `reducers` are made again too; those of others are only told. */
export const createReplayer = (
  header: Pick<RecordingHeader, 'config' | 'redacted'>,
  reducers: ReadonlyArray<OtherReducer> = [],
): Replayer =>
  replayerOf(header, {
    others: new OtherReplayer(header, reducers),
    configs: new Map(),
    left: new Map(),
    rows: new ReplayedRows(),
    stated: new Map(),
  })

/** What a replayer knows after the entries that it took. */
interface Known {
  readonly others: OtherReplayer
  /** Accounts that were under other options than the header has. */
  readonly configs: Map<string, Config>
  /** What the last step left, of accounts of which there is anything: the recorder forgets the others as well. */
  readonly left: Map<string, Account<Json>>
  readonly rows: ReplayedRows
  readonly stated: Map<string, StateEntry>
}

const copyOf = ({ others, configs, left, rows, stated }: Known): Known => ({
  others: others.fork(),
  configs: new Map(configs),
  left: new Map(left),
  rows: rows.fork(),
  stated: new Map(stated),
})

const replayerOf = (header: Pick<RecordingHeader, 'config'>, knowledge: Known): Replayer => {
  const { others, configs, left, rows, stated } = knowledge
  const outcomeOf = createOutcomeOf(createFingerprint(jsonPayload))

  const takeEvent = (entry: EventEntry): ReplayedStep => {
    const { account, event } = entry
    const foreseen = left.get(account)
    const statement = stated.get(account)
    stated.delete(account)
    const known = statement?.state ?? foreseen ?? emptyAccount
    if (event._tag === 'ConfigChanged') configs.set(account, event.config)
    else if (statement?.config !== undefined) configs.set(account, statement.config)
    const config = configs.get(account) ?? header.config
    const before = rows.loadFor(config, account, known, event)
    const [stepped, effects, ignored] = step(config)(before, event)
    rows.take(account, effects)
    // As the loop does between steps.
    const after = unload(stepped)
    if (!isVacant(after)) left.set(account, after)
    else left.delete(account)
    const outcome = outcomeOf({ before, after, effects })
    const difference = contradiction(foreseen, statement) ?? differenceOf(entry, outcome)
    return {
      entry,
      ...(statement === undefined ? {} : { stated: statement }),
      before,
      event,
      after,
      config,
      effects,
      ...(ignored === undefined ? {} : { ignored }),
      outcome,
      ...(difference === undefined ? {} : { difference }),
    }
  }

  return {
    fork: () => replayerOf(header, copyOf(knowledge)),
    take: entry => {
      switch (entry._tag) {
        case 'Event':
          return takeEvent(entry)
        case 'State':
          stated.set(entry.account, entry)
          return undefined
        case 'OtherEvent':
          return others.step(entry)
        case 'OtherState':
          others.state(entry)
          return undefined
      }
    },
  }
}

/** What can be replayed: entries may come from anywhere, one after the other. */
export interface Replayable {
  readonly header: RecordingHeader
  readonly entries: Iterable<Entry>
}

/** The core's steps of a recording, made as they are asked for. */
export function* replay(recording: Replayable): Generator<ReplayedStep, void, undefined> {
  for (const made of replayAll(recording, [])) if (isOfCore(made)) yield made
}

/** All steps of a recording, in their order; those of these reducers are made again too. */
export function* replayAll(
  { header, entries }: Replayable,
  reducers: ReadonlyArray<OtherReducer>,
): Generator<AnyReplayed, void, undefined> {
  const replayer = createReplayer(header, reducers)
  for (const entry of entries) {
    const made = replayer.take(entry)
    if (made !== undefined) yield made
  }
}

/** What a whole replay came to. */
export interface Verification {
  readonly steps: number
  /** Steps of which the recording says what they came to, in full or by its hash. */
  readonly compared: number
  /** How many of them differ. Those after the first may be its consequences. */
  readonly differing: number
  readonly first?: AnyReplayed
}

/** True if the recording says what the step came to, and that was made again. */
export const isCompared = (step: AnyReplayed): boolean =>
  (step.entry.outcome !== undefined || step.entry.digest !== undefined) &&
  (isOfCore(step) || step.outcome !== undefined || step.difference !== undefined)

/** Replays all and says whether it came to what was recorded. */
export const verify = (steps: Iterable<AnyReplayed>): Verification => {
  let [made, compared, differing] = [0, 0, 0]
  let first: AnyReplayed | undefined
  for (const one of steps) {
    made += 1
    if (isCompared(one)) compared += 1
    if (one.difference === undefined) continue
    differing += 1
    first ??= one
  }
  return { steps: made, compared, differing, ...(first === undefined ? {} : { first }) }
}

/** True if the steps were recorded with a reducer that may decide otherwise, so that differences are to be expected. */
export const isOfOtherReducer = ({ reducer }: RecordingHeader): boolean => reducer !== reducerVersion

/** Those of these reducers that were recorded in another version than they have. */
export const otherVersions = (
  { reducers: recorded = {} }: RecordingHeader,
  reducers: ReadonlyArray<OtherReducer>,
): ReadonlyArray<OtherReducer> =>
  reducers.filter(({ name, version }) => Object.hasOwn(recorded, name) && recorded[name] !== version)

/** A state that is told where it was known already must be the one that was known, but for what is kept in storage. */
const contradiction = (
  foreseen: Account<Json> | undefined,
  statement: StateEntry | undefined,
): Difference | undefined =>
  foreseen === undefined || statement === undefined
    ? undefined
    : firstDifference(recordedState.encode(unload(statement.state)), recordedState.encode(unload(foreseen)), 'before')

const differenceOf = ({ outcome, digest }: EventEntry, replayed: Outcome): Difference | undefined => {
  if (outcome !== undefined) return firstDifference(byResource(outcome), byResource(replayed))
  if (digest === undefined) return undefined
  return firstDifference(digest, digestOf(replayed), 'digest')
}

/** Sessions by their names, so that a difference says which session it is in. */
const byResource = ({ effects, sessions, gone, oldSessions }: Outcome): View => ({
  effects: [...effects],
  sessions: Object.fromEntries(sessions.map(session => [resourceOf(session), session])),
  gone: [...gone],
  ...(oldSessions === undefined ? {} : { oldSessions: plain(oldSessions) }),
})

const resourceOf = ({ resource }: View): string => (typeof resource === 'string' ? resource : JSON.stringify(resource))
