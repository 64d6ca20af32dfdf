/**
 * A recording: what happened to accounts, one JSON value a line (NDJSON). A header comes first, then entries in the
 * order in which the steps were made.
 */
import type { Json } from '@smacks/codec'
import type { Account, Config, Effect, Event, Instant, OldSession } from '@smacks/core'

/** The version of the format. */
export const recordingVersion = 1

/** The first line. */
export interface RecordingHeader {
  readonly recording: 'smacks'
  readonly version: typeof recordingVersion
  /** The version of the reducer that made the outcomes. */
  readonly reducer: number
  readonly config: Config
  /** When the recording began. */
  readonly at: Instant
  /** What made it, such as `smacks 0.1.0`. */
  readonly by: string
  /** Character data was replaced by text of the same size. */
  readonly redacted: boolean
}

export type Entry = EventEntry | StateEntry

/** One step. `at` is the event's; on disk the event inside does without. */
export interface EventEntry {
  readonly _tag: 'Event'
  /** Counts the entries of a recording, from 1. */
  readonly seq: number
  readonly at: Instant
  readonly account: string
  readonly event: Event<Json>
  /** What the step came to, if that was recorded in full. */
  readonly outcome?: Outcome
  /** The hash of the outcome, if only that was recorded. */
  readonly digest?: string
}

/**
 * The state that the account's next event meets, where it does not follow from the entries before: at the beginning
 * of a file, or when the account was loaded anew.
 */
export interface StateEntry {
  readonly _tag: 'State'
  readonly seq: number
  readonly at: Instant
  readonly account: string
  readonly state: Account<Json>
}

/**
 * What a step came to. A fingerprint stands for each payload. Queues only grow at their end and shrink at their front, so
 * length, first and last of each, told at every step, determine the whole: an outcome takes the same space whatever waits.
 */
export interface Outcome {
  readonly effects: ReadonlyArray<Effect<string>>
  /** The sessions that the step changed or began. */
  readonly sessions: ReadonlyArray<SessionView>
  /** The resources of sessions that are over. */
  readonly gone: ReadonlyArray<string>
  /** If the step changed them. */
  readonly oldSessions?: ReadonlyArray<OldSession>
}

/** A session as plain JSON, with a `QueueView` in place of its queue. */
export type SessionView = { readonly [key: string]: Json }
