/**
 * All that stream management can do to the world, as plain data. The effects of a step are to be performed
 * in the order of the array; that order is part of the contract and is stated at each variant.
 *
 * Three kinds, by what a crash makes of them. *Stored* effects belong into the journal's batch.
 * *Handed* effects go to the application in the same turn, and what it answers belongs into the same
 * batch. *Visible* effects wait until the batch is durable.
 */

import type { Counter } from './counter.js'
import type { EndReason } from './end-reason.js'
import type { ConnectionId, Instant, Resource, SmId } from './ids.js'
import type { Nonza, StreamError, UnreachableCondition } from './nonza.js'
import type { StanzaFacts } from './stanza.js'
import type { OldSession, TimerName, Unacked } from './state.js'

// Stored

/**
 * Put a message into the account's offline storage. Before the `EndSession` of its session, unless some of what that leaves
 * has to be read from storage: then dispositions follow the end, a page at a time (`QueueSettled`), in the same order.
 */
export interface StoreOffline<A> {
  readonly _tag: 'StoreOffline'
  readonly resource: Resource
  readonly stanza: A
  readonly facts: StanzaFacts
  /** When it was first submitted. */
  readonly submittedAt: Instant
}

/** Keep the `h` of a session that ends. Before the `EndSession` of that session. */
export interface RememberOldSession extends OldSession {
  readonly _tag: 'RememberOldSession'
}

/** Forget the `h` of a session that ended, since newer ones took its place. */
export interface ForgetOldSession {
  readonly _tag: 'ForgetOldSession'
  readonly smId: SmId
}

/**
 * Keep these unacked stanzas of a session in storage: the first at the position `from`, the others behind it. A stanza keeps
 * its position as long as it lies there; no two of a session have the same. After all else of the step.
 */
export interface KeepUnacked<A> {
  readonly _tag: 'KeepUnacked'
  readonly resource: Resource
  readonly from: Counter
  readonly unacked: ReadonlyArray<Unacked<A>>
}

/** Forget spilled stanzas of a session: `count` of them, the first at the position `from`. After all else of the step. */
export interface ForgetKept {
  readonly _tag: 'ForgetKept'
  readonly resource: Resource
  readonly from: Counter
  readonly count: number
}

// Handed to the application

/** A stanza of the peer is counted: process it. */
export interface Deliver<A> {
  readonly _tag: 'Deliver'
  readonly resource: Resource
  readonly stanza: A
}

/**
 * The stanza reached nobody: return it to its sender, with `condition` if there is one and with `recipient-unavailable`
 * otherwise. In the initiating role the sender is the local application. When: as `StoreOffline`.
 */
export interface ReturnToSender<A> {
  readonly _tag: 'ReturnToSender'
  readonly resource: Resource
  readonly stanza: A
  readonly facts: StanzaFacts
  readonly submittedAt: Instant
  /** Why there never was a connection that could have taken it. */
  readonly condition?: UnreachableCondition
}

/**
 * The session the stanza was meant for is gone: route it as if it came now for an unavailable resource
 * (RFC 6121 §8.5.3.2). After the `EndSession` of that session, so that it cannot come back to it. In the initiating role it
 * is submitted again, for a connection to come, with `again` in its facts. Of a carbon copy the message in it is routed:
 * no session that was given the original acked it.
 */
export interface Redeliver<A> {
  readonly _tag: 'Redeliver'
  readonly resource: Resource
  readonly stanza: A
  readonly facts: StanzaFacts
  readonly submittedAt: Instant
}

/** Why a stanza needs neither storing nor returning. */
export type DiscardReason =
  | 'answer'
  /** An iq that was answered, though not acked. */
  | 'answered'
  | 'archived'
  | 'copy'
  /** Another session of the account acked it. */
  | 'delivered'
  | 'error'
  /** Another session of the account still has it unacked, and decides. */
  | 'held'
  | 'presence'
  /** It says nothing that matters later. */
  | 'transient'

/** The stanza is given up on purpose; nobody waits for it. When: as `StoreOffline`. */
export interface Discard<A> {
  readonly _tag: 'Discard'
  readonly resource: Resource
  readonly stanza: A
  readonly facts: StanzaFacts
  readonly reason: DiscardReason
}

/**
 * The session is over; contacts may know. After the dispositions of its unacked stanzas as far as they are in memory (see
 * `StoreOffline`), and before anything of a session that replaces it.
 */
export interface EndSession {
  readonly _tag: 'EndSession'
  readonly resource: Resource
  readonly reason: EndReason
}

// Visible

/** Send an element of stream management. */
export interface SendNonza {
  readonly _tag: 'SendNonza'
  readonly connection: ConnectionId
  readonly nonza: Nonza
}

/**
 * Send a stanza. With `delayedSince` it is sent after a resumption, again or because it waited until then, and says so with
 * a `<delay/>` of that time if its facts allow one: never on an iq, never a second one.
 */
export interface SendStanza<A> {
  readonly _tag: 'SendStanza'
  readonly connection: ConnectionId
  readonly stanza: A
  readonly facts: StanzaFacts
  readonly delayedSince?: Instant
}

/**
 * From now on the connection is the session's: what it receives is an event of this resource. Before the
 * `<resumed/>` it announces.
 */
export interface AdoptConnection {
  readonly _tag: 'AdoptConnection'
  readonly connection: ConnectionId
  readonly resource: Resource
}

/**
 * Say `ConnectionDrained` once the connection has taken all that was sent to it before, at once or not: the next page of
 * what is sent again waits for that.
 */
export interface AwaitDrain {
  readonly _tag: 'AwaitDrain'
  readonly connection: ConnectionId
}

/**
 * Close the stream, with the error if there is one, then the connection (RFC 6120 §4.4): what it carried is over. The last
 * effect on a connection.
 */
export interface CloseConnection {
  readonly _tag: 'CloseConnection'
  readonly connection: ConnectionId
  readonly error?: StreamError
}

/**
 * End the connection and leave the stream unfinished (XEP-0198 §7): the session goes on, and its peer is to resume it. What
 * was sent before arrives, then the end of the line, and nothing of the stream. The last effect on a connection.
 */
export interface DropConnection {
  readonly _tag: 'DropConnection'
  readonly connection: ConnectionId
}

/** Let `TimerFired` happen at `due`; replaces the same timer of the same session. */
export interface ArmTimer {
  readonly _tag: 'ArmTimer'
  readonly resource: Resource
  readonly timer: TimerName
  readonly due: Instant
}

/** The timer is not needed any more; if it fires all the same, nothing happens. */
export interface DisarmTimer {
  readonly _tag: 'DisarmTimer'
  readonly resource: Resource
  readonly timer: TimerName
}

/** What is unacked. */
export interface NoticedQueue<A> {
  /** The newest stanzas: those that are in memory. */
  readonly unacked: ReadonlyArray<Unacked<A>>
  /** How many older ones lie in storage; absent if none does. */
  readonly inStorage?: number
}

/** What others may want to know, such as a push module (XEP-0357). */
export type Notice<A> =
  /** An `<r/>` was unanswered for `maxAckDelay`. */
  | ({ readonly _tag: 'AckDelayed' } & NoticedQueue<A>)
  /** The line dropped; the session can be resumed until `deadline`. */
  | ({ readonly _tag: 'HibernationStarted'; readonly deadline: Instant } & NoticedQueue<A>)
  /** A stanza came for a hibernating session. */
  | {
      readonly _tag: 'HibernationStanzaQueued'
      readonly stanza: A
      readonly facts: StanzaFacts
      readonly queueLength: number
    }
  /** The session is connected again, or over. */
  | { readonly _tag: 'HibernationEnded'; readonly outcome: 'resumed' | EndReason; readonly hibernatedSince: Instant }

/** Tell the event bus. */
export interface Notify<A> {
  readonly _tag: 'Notify'
  readonly resource: Resource
  readonly notice: Notice<A>
}

/** Effects that change what is kept: they belong to the batch that must be durable before anything visible. */
export type StoredEffect<A> = ForgetKept | ForgetOldSession | KeepUnacked<A> | RememberOldSession | StoreOffline<A>
/** Effects that hand something to the application, which may dispatch and store in the same turn. */
export type HandedEffect<A> = Deliver<A> | Discard<A> | EndSession | Redeliver<A> | ReturnToSender<A>
/** Effects that others can see: performed in order, once what caused them is durable. */
export type VisibleEffect<A> =
  | AdoptConnection
  | ArmTimer
  | AwaitDrain
  | CloseConnection
  | DisarmTimer
  | DropConnection
  | Notify<A>
  | SendNonza
  | SendStanza<A>
/** What a step asks its host to do. */
export type Effect<A> = HandedEffect<A> | StoredEffect<A> | VisibleEffect<A>

/** The effects, by name. */
export type EffectName = Effect<never>['_tag']
