/**
 * All that a step asks for, as plain data. The effects of a step are performed in the order of the array, each with all
 * that it causes before the next one.
 *
 * Three kinds. *Stored* effects are changes of the turn's batch. *Submitted* ones give stanzas to sessions of the account,
 * by the loop, so they can be seen once that batch is durable. *Delivered* ones reach another address: in this process,
 * where they are an event of that account, or over a link.
 */
import type { Element, Stanza } from '@smacks/codec'
import type { Instant, Recipient, Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Deliver, DeliverState, SendToRemote, ShowPresence } from './delivery.js'
import type { ContactRemoved } from './event.js'
import type { Outgoing } from './outgoing.js'
import type { DropRecord, PutRecord } from './record-effects.js'
import type { Stale } from './remote/stale-contacts.js'

// Stored

/** Remember that the contact's server may not know the state of the account; in place of what was remembered of it. */
export interface KeepStale {
  readonly _tag: 'KeepStale'
  readonly stale: Stale
}

/** The contact's server knows all, or will be told. */
export interface DropStale {
  readonly _tag: 'DropStale'
  readonly contact: string
}

/** Put the message behind all that wait in storage for the account. */
export interface StoreOffline {
  readonly _tag: 'StoreOffline'
  readonly message: Outgoing
  /** When it was first submitted. */
  readonly at: Instant
}

/** Stored messages were delivered. */
export interface DropOffline {
  readonly _tag: 'DropOffline'
  readonly keys: ReadonlyArray<number>
}

// Submitted

/** Give the stanza to a session; it was submitted `at`, or when this is performed. */
export interface Submit {
  readonly _tag: 'Submit'
  readonly resource: Resource
  readonly stanza: Outgoing
  readonly at?: Instant
}

/** Give one message to several sessions, to each as it is for that one: whoever takes it, it is one message. */
export interface SubmitToSeveral {
  readonly _tag: 'SubmitToSeveral'
  readonly recipients: ReadonlyArray<Recipient<Stanza>>
  readonly at: Instant
}

/** Tell a session what changed (a roster push, say), by an iq with an id that no other has (RFC 6120 §8.1.3). */
export interface Push {
  readonly _tag: 'Push'
  readonly resource: Resource
  readonly payload: Element
}

// Delivered

/** Ask for the presence of an account here, for a session that has just become available; of no answer nothing is said. */
export interface AskPresence {
  readonly _tag: 'AskPresence'
  readonly account: AccountId
  readonly viewer: string
}

/** Answer a stanza, at the full JID in the `to` of the reply. */
export interface Answer {
  readonly _tag: 'Answer'
  readonly reply: Element
}

/** Tell a contact's server the whole state of the account; `StateRefused` comes back if its link does not take all of it. */
export interface DeliverWholeState {
  readonly _tag: 'DeliverWholeState'
  readonly stanzas: ReadonlyArray<Outgoing>
  /** What the contact was known not to know. */
  readonly stale: Stale
}

// Others

/** The contact's server is to be told the state anew as soon as the link to it stands. */
export interface ScheduleResync {
  readonly _tag: 'ScheduleResync'
  readonly contact: string
}

/** Deliver what is stored, a page at a time (`StoredRead`). */
export interface ReadStored {
  readonly _tag: 'ReadStored'
}

/** Let this happen to the account itself, once all that is asked for before is done. */
export interface Continue {
  readonly _tag: 'Continue'
  readonly event: ContactRemoved
}

/** The session answered an iq: whoever asked has the answer, whether the session acks the question or not. */
export interface NoteAnswer {
  readonly _tag: 'NoteAnswer'
  readonly resource: Resource
  readonly id: string
  readonly to: string
}

/** Tell the operator. */
export interface Log {
  readonly _tag: 'Log'
  readonly level: 'debug' | 'warn'
  readonly fields: object
  readonly message: string
}

export type StoredEffect = DropOffline | DropRecord | DropStale | KeepStale | PutRecord | StoreOffline
export type SubmittedEffect = Push | Submit | SubmitToSeveral
export type DeliveredEffect =
  | Answer
  | AskPresence
  | Deliver
  | DeliverState
  | DeliverWholeState
  | SendToRemote
  | ShowPresence
export type ImEffect =
  | Continue
  | DeliveredEffect
  | Log
  | NoteAnswer
  | ReadStored
  | ScheduleResync
  | StoredEffect
  | SubmittedEffect
