/** The story of one stanza, as data. */
import type { AccountId, Counter, Instant, Resource, SmId, StanzaFacts } from '@smacks/core'

/** What tells one stanza from another: the same id may be used between others, and for the answer. */
export type StanzaIdentity = Pick<StanzaFacts, 'from' | 'id' | 'name' | 'to' | 'type'>

/** One thing that happened to the stanza. */
export interface Passage {
  /** The entry it happened with. */
  readonly seq: number
  readonly at: Instant
  readonly account: AccountId
  /** What happened, in one sentence. */
  readonly text: string
  /** What decided, in one sentence: the section of a standard, and the option with its value. */
  readonly rule?: string
}

export interface Story {
  readonly stanza: StanzaIdentity
  readonly passages: ReadonlyArray<Passage>
  /** What became of it, in one sentence. */
  readonly verdict: string
  /** What became of each of its copies; none if it was submitted to no session. */
  readonly fates: ReadonlyArray<Fate>
}

/** What happened in a step, without when and where. */
export type Telling = Pick<Passage, 'rule' | 'text'>

/** A copy of the stanza that waits in a session for its ack. */
export interface Waiting {
  readonly account: AccountId
  readonly resource: Resource
  readonly facts: StanzaFacts
  readonly submittedAt: Instant
  /** It is acked once the peer's `h` reaches this; less where something before it is superseded. */
  readonly number: Counter
  /** Where it waits in the queue, for good. */
  readonly position: Counter
  /** How often it was written to a connection, as far as the recording says. */
  readonly writes: number
  /** The connection on which an ack was requested for it last. */
  readonly askedOn?: string
  /** The connection on which an ack fell short of it first. */
  readonly shortOn?: string
  /** The session ended, and what it left in storage is being settled. */
  readonly isEnded?: true
  /** It waited before the recording came to know of it, so nobody can say what had happened to it by then. */
  readonly isFound?: true
}

/** A stanza from a peer that was counted, and whose sender does not know yet. */
export interface Counted {
  readonly account: AccountId
  readonly resource: Resource
  readonly smId: SmId | undefined
  readonly number: Counter
}

/** What became of one copy, or that it waits still at the end of the recording. */
export type Fate = Ending | StillWaiting

export interface StillWaiting {
  readonly how: 'waiting'
  readonly account: AccountId
  readonly resource: Resource
  readonly writes: number
}

/** What became of one copy; `unknown` where the recording has nothing that says so. */
export interface Ending {
  readonly how:
    | 'acked'
    | 'discarded'
    | 'returned'
    | 'rerouted'
    | 'stored'
    | 'superseded'
    | 'unknown'
    | 'unmanaged'
    | 'unsent'
  readonly account: AccountId
  readonly resource: Resource
  readonly at: Instant
  readonly writes: number
  readonly isFound?: true
  /** Unknown, since a state that was recorded has it no more. */
  readonly isMissing?: true
}
