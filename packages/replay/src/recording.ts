/**
 * A recording: what happened to accounts, one JSON value a line (NDJSON). A header comes first, then entries in the
 * order in which the steps were made.
 */
import type { Json } from '@smacks/codec'
import type { Account, AccountId, Config, Effect, Event, Instant, OldSession } from '@smacks/core'

/** The version of the format where only the core's steps are recorded. */
export const recordingVersion = 1

/** The version where those of other reducers are there too, which a reader of the first one does not know. */
export const versionWithOthers = 2

/** The first line. */
export interface RecordingHeader {
  readonly recording: 'smacks'
  readonly version: typeof recordingVersion | typeof versionWithOthers
  /** The version of the reducer that made the outcomes. */
  readonly reducer: number
  /** The versions of the other reducers whose steps are recorded too, by name; from version 2 of the format on. */
  readonly reducers?: Readonly<Record<string, number>>
  readonly config: Config
  /** When the recording began: not after its first event. Relative times count from here. */
  readonly at: Instant
  /** What made it, such as `smacks 0.1.0`. */
  readonly by: string
  /** Character data was replaced by text of the same size. */
  readonly redacted: boolean
  /** It was made from a journal, which has what sessions still need and no more, so that nothing follows from what is absent. */
  readonly exported?: true
}

/**
 * A line after the first. On disk they have no `_tag`: one has an `event`, the other a `state`; those of another reducer than
 * the core have its name as `of`.
 */
export type Entry = EventEntry | OtherEventEntry | OtherStateEntry | StateEntry

/** A step of another reducer. */
export interface OtherEventEntry {
  readonly _tag: 'OtherEvent'
  readonly seq: number
  readonly at: Instant
  readonly account: string
  /** The name of the reducer. */
  readonly reducer: string
  readonly event: View
  /** What the step asked of the world around the account, and what it was told. */
  readonly asked: View
  readonly outcome?: OtherOutcome
  readonly digest?: string
}

/** The state that the account's next step of this reducer meets, where it does not follow from the entries before. */
export interface OtherStateEntry {
  readonly _tag: 'OtherState'
  readonly seq: number
  readonly at: Instant
  readonly account: string
  readonly reducer: string
  readonly state: View
}

/** What a step of another reducer came to. Which state it left, follows from both. */
export interface OtherOutcome {
  readonly effects: ReadonlyArray<View>
  /** What of the state is another after it. */
  readonly changed: View
}

/** One step. `at` is the event's; on disk the event inside does without. */
export interface EventEntry {
  readonly _tag: 'Event'
  /** Counts the entries of a recording, from 1. */
  readonly seq: number
  readonly at: Instant
  readonly account: AccountId
  readonly event: Event<Json>
  /** What the step came to, if that was recorded in full. */
  readonly outcome?: Outcome
  /** The hash of the outcome, if only that was recorded. */
  readonly digest?: string
}

/**
 * The state that the account's next event meets, where it does not follow from the entries before: at the beginning
 * of a file, when the account was loaded anew, or when it is under other options. Of an account that lost its last session nothing is taken for known.
 */
export interface StateEntry {
  readonly _tag: 'State'
  readonly seq: number
  readonly at: Instant
  readonly account: AccountId
  readonly state: Account<Json>
  /** The options that the event is stepped under, where they are not those of the entries before. */
  readonly config?: Config
}

/**
 * What a step came to. A fingerprint stands for each payload, and a `QueueView` for each list of unacked stanzas, so
 * an outcome takes the same space whatever waits.
 *
 * It determines the whole state all the same, by induction over the steps. A queue only grows at its end, by one
 * stanza a step, and only shrinks at its front; so if it was right before the step, then its length and its last
 * stanza tell what it is after it. What a step leaves out it did not change. And before the first step the state is
 * that of a `StateEntry`, in full, or empty.
 */
export interface Outcome {
  readonly effects: ReadonlyArray<EffectView>
  /** The sessions that the step changed or began, in the order of the account. */
  readonly sessions: ReadonlyArray<SessionView>
  /** The resources of sessions that are over. */
  readonly gone: ReadonlyArray<string>
  /** If the step changed them. */
  readonly oldSessions?: ReadonlyArray<OldSession>
}

/** Plain data as a JSON object; what is `undefined` is absent. */
export type View = { readonly [key: string]: Json }

/** An effect with a fingerprint in place of its payload, and a `QueueView` in place of a list of unacked stanzas. */
export type EffectView = View

/** A session with a `QueueView` in place of its queue. */
export type SessionView = View

/** `length`, and unless that is 0 the `first` and the `last`: each with `at`, `facts` and a fingerprint as `stanza`. */
export type QueueView = View

/** One step of one account, as the loop tells its observer. */
export interface StepMade<A> {
  readonly account: AccountId
  readonly before: Account<A>
  readonly event: Event<A>
  readonly after: Account<A>
  /** The options that it was made under; those of the recording unless told. */
  readonly config?: Config
  readonly effects: ReadonlyArray<Effect<A>>
}
