/**
 * All that can happen to an account, as past facts. Time (`at`) and randomness (`freshId`) come in here and
 * nowhere else.
 *
 * An event of a connection names the connection it came from. If that connection is no longer the
 * session's (it was superseded, or the session is gone), the event is void: no state changes and nothing
 * is counted, so what it carried will be sent again by its sender.
 */

import type { Config } from './config.js'
import type { Counter } from './counter.js'
import type { ConnectionId, Instant, Resource, SmId } from './ids.js'
import type { FailedCondition, SmVersion, StreamError, UnreachableCondition } from './nonza.js'
import type { StanzaFacts } from './stanza.js'
import type { TimerName } from './state.js'

interface Fact {
  /** The wall clock, which may be set between two events: then `ClockStepped` comes between them. */
  readonly at: Instant
}

interface OfSession extends Fact {
  readonly resource: Resource
}

interface OfConnection extends OfSession {
  readonly connection: ConnectionId
}

// Binding

/**
 * A resource was bound on a connection (RFC 6120 §7). It replaces any session of the same
 * resource, unless that waited for this: then what waits is sent. Void on a connection that already is a session's.
 */
export interface SessionBound extends OfConnection {
  readonly _tag: 'SessionBound'
}

// Negotiation, receiving role

/** `<enable/>` came (§3). `freshId` is an unused SM-ID, taken if resumption is granted. */
export interface EnableReceived extends OfConnection {
  readonly _tag: 'EnableReceived'
  readonly version: SmVersion
  readonly resume: boolean
  /** Seconds the client asks for; 0 asks for none. */
  readonly max?: number
  readonly freshId: SmId
}

/** `<resume/>` came (§5) on an authenticated connection of this account, bound or not. */
export interface ResumeReceived extends Fact {
  readonly _tag: 'ResumeReceived'
  readonly connection: ConnectionId
  readonly version: SmVersion
  readonly previd: SmId
  readonly h: Counter
  /** How many of the stanzas that are to be sent again the connection takes now, at least one; all unless told. */
  readonly room?: number
}

// Negotiation, initiating role

/** Stanzas are to wait for a connection that is being made. Void if there is a session of this resource. */
export interface ConnectionWanted extends OfSession {
  readonly _tag: 'ConnectionWanted'
}

/** No connection could be made, and nobody tries any longer. */
export interface ConnectionFailed extends OfSession {
  readonly _tag: 'ConnectionFailed'
  readonly condition: UnreachableCondition
}

/**
 * We want stream management on a bound connection (§3). What waited for a first connection is sent behind `<enable/>`, or held
 * until the answer came; then the connection must not be a session's already.
 */
export interface EnableRequested extends OfConnection {
  readonly _tag: 'EnableRequested'
  readonly version: SmVersion
  readonly resume: boolean
  readonly max?: number
  /**
   * What waits, and what is submitted from now on, is held until `<enabled/>` or `<failed/>` came (`Negotiating`): nothing of it
   * can be lost or doubled by a line that breaks meanwhile. Without it, it follows `<enable/>` at once and is unacked from there.
   */
  readonly hold?: true
}

/** `<enabled/>` came (§3). */
export interface EnabledReceived extends OfConnection {
  readonly _tag: 'EnabledReceived'
  readonly resume: boolean
  readonly id?: SmId
  /** Seconds. */
  readonly max?: number
}

/** We want to resume a hibernating session on a new, authenticated connection (§5). Void on a connection that already is a session's. */
export interface ResumeRequested extends OfConnection {
  readonly _tag: 'ResumeRequested'
}

/** `<resumed/>` came (§5). */
export interface ResumedReceived extends OfConnection {
  readonly _tag: 'ResumedReceived'
  readonly previd: SmId
  readonly h: Counter
  /** As in `ResumeReceived`. */
  readonly room?: number
}

/** `<failed/>` came (§§3, 5). */
export interface FailedReceived extends OfConnection {
  readonly _tag: 'FailedReceived'
  readonly condition: FailedCondition
  readonly h?: Counter
}

// Traffic, both roles

/** A stanza came from the peer. */
export interface StanzaReceived<A> extends OfConnection {
  readonly _tag: 'StanzaReceived'
  readonly stanza: A
  /** Nothing is decided by them: they say in logs and recordings which stanza it was. */
  readonly facts?: StanzaFacts
}

/** A stanza is to go to the peer. */
export interface StanzaSubmitted<A> extends OfSession {
  readonly _tag: 'StanzaSubmitted'
  readonly stanza: A
  readonly facts: StanzaFacts
  /** Bytes of the stanza as it is written; 0 unless told. They count against `maxQueueBytes` and `maxAccountQueueBytes`. */
  readonly size?: number
}

/**
 * One message is to go to several sessions of the account, to some as it is and to others as a carbon copy (XEP-0280), so
 * that it has one disposition: who acks it decides for all. Each resource is named once. Receiving role only.
 */
export interface MessageSubmitted<A> extends Fact {
  readonly _tag: 'MessageSubmitted'
  readonly recipients: ReadonlyArray<Recipient<A>>
}

/** What one session is to get. Its facts say whether it is a copy. */
export interface Recipient<A> {
  readonly resource: Resource
  readonly stanza: A
  readonly facts: StanzaFacts
  /** As in `StanzaSubmitted`. */
  readonly size?: number
}

/**
 * The peer answered an iq that it was sent: whoever asked needs no other answer, even if the iq is never acked. `to` is
 * who asked, as the facts of the iq state it; `from` is who answered, where the session is not one entity's alone.
 */
export interface IqAnswered extends OfSession {
  readonly _tag: 'IqAnswered'
  readonly id: string
  readonly to: string
  readonly from?: string
}

/** `<a/>` came (§4). */
export interface AckReceived extends OfConnection {
  readonly _tag: 'AckReceived'
  readonly version: SmVersion
  readonly h: Counter
}

/** `<r/>` came (§4). */
export interface RequestReceived extends OfConnection {
  readonly _tag: 'RequestReceived'
  readonly version: SmVersion
}

/** An `<a/>` came whose `h` is missing or no unsigned 32-bit integer. */
export interface MalformedAckReceived extends OfConnection {
  readonly _tag: 'MalformedAckReceived'
  readonly version: SmVersion
  /** One sentence: what was found and what is allowed. */
  readonly reason: string
}

// The client's state

/** `<inactive/>` came (XEP-0352). */
export interface ClientInactive extends OfConnection {
  readonly _tag: 'ClientInactive'
}

/** `<active/>` came (XEP-0352). */
export interface ClientActive extends OfConnection {
  readonly _tag: 'ClientActive'
}

/** The client queried its archive (XEP-0313). */
export interface ArchiveQueried extends OfConnection {
  readonly _tag: 'ArchiveQueried'
}

// The connection

/** The connection took all that was waiting for it: a good moment for what is still to be sent again, and to ask for an ack. */
export interface ConnectionDrained extends OfConnection {
  readonly _tag: 'ConnectionDrained'
  /** How many stanzas it takes now, at least one; all unless told. */
  readonly room?: number
}

/** Nothing at all came from the peer for as long as the transport waits. */
export interface ConnectionSilent extends OfConnection {
  readonly _tag: 'ConnectionSilent'
}

/** The line dropped without `</stream:stream>` (§7). */
export interface ConnectionLost extends OfConnection {
  readonly _tag: 'ConnectionLost'
}

/** The peer closed the stream cleanly with `</stream:stream>` (§7). */
export interface StreamClosed extends OfConnection {
  readonly _tag: 'StreamClosed'
}

/**
 * We end the stream cleanly (§7): a last ack, `</stream:stream>`, and the session is over. In a phase without a
 * connection it gives the session up; what is unacked has the disposition of a session that ends.
 */
export interface CloseRequested extends OfSession {
  readonly _tag: 'CloseRequested'
}

/** We end the stream with an error of ours: bad XML, a broken limit, an administrator. */
export interface StreamRefused extends OfConnection {
  readonly _tag: 'StreamRefused'
  readonly error: StreamError
}

// What is left of sessions that ended

/**
 * So many more stanzas are settled of the sessions that ended first and are not settled yet (`Account.settlements`), each
 * with the disposition that it would have had at the end itself. Void if nothing is to be settled.
 */
export interface QueueSettled extends Fact {
  readonly _tag: 'QueueSettled'
  readonly queues: ReadonlyArray<SettledQueue>
}

/** The oldest stanzas of an ended session that are not settled: `count` of them, or all that there are. */
export interface SettledQueue {
  readonly resource: Resource
  readonly count: number
}

// Time, shutdown, options

/** A timer fired that was armed for `due`. */
export interface TimerFired extends OfSession {
  readonly _tag: 'TimerFired'
  readonly timer: TimerName
  readonly due: Instant
}

/** The process is about to stop. */
export interface ServerStopping extends Fact {
  readonly _tag: 'ServerStopping'
  /** Sessions outlive it, since they are journalled: what can be resumed hibernates, and only the rest is ended. */
  readonly journalled?: true
}

/** The process began again with what was journalled; all connections are gone. */
export interface ServerRestarted extends Fact {
  readonly _tag: 'ServerRestarted'
  /**
   * When the process was alive last, by the wall clock of then. The time since does not count: nobody could resume, and the
   * clock may have been set meanwhile. Where it is not known, whatever hibernates has its full time again.
   */
  readonly lastAlive?: Instant
}

/**
 * The wall clock was set: forward by so many milliseconds, or back if negative; `at` is what it shows now. No time has
 * passed, so deadlines move along.
 */
export interface ClockStepped extends Fact {
  readonly _tag: 'ClockStepped'
  readonly by: number
}

/**
 * The options are others from now on: this step is made under `config`, whatever `step` was given, and so is all that
 * follows. What they allow no longer ends, is kept in storage or is forgotten, with all effects that this has at other
 * times. What was promised to a peer stays: a session can be resumed for as long as its `<enabled/>` said.
 */
export interface ConfigChanged extends Fact {
  readonly _tag: 'ConfigChanged'
  readonly config: Config
}

/** What happened to an account or to one of its sessions, with the time, `at`, in milliseconds since 1970. */
export type Event<A> =
  | AckReceived
  | ArchiveQueried
  | ClientActive
  | ClientInactive
  | ClockStepped
  | CloseRequested
  | ConfigChanged
  | ConnectionDrained
  | ConnectionFailed
  | ConnectionLost
  | ConnectionSilent
  | ConnectionWanted
  | EnableReceived
  | EnableRequested
  | EnabledReceived
  | FailedReceived
  | IqAnswered
  | MalformedAckReceived
  | MessageSubmitted<A>
  | QueueSettled
  | RequestReceived
  | ResumeReceived
  | ResumeRequested
  | ResumedReceived
  | ServerRestarted
  | ServerStopping
  | SessionBound
  | StanzaReceived<A>
  | StanzaSubmitted<A>
  | StreamClosed
  | StreamRefused
  | TimerFired

/** The events, by name. */
export type EventName = Event<never>['_tag']
