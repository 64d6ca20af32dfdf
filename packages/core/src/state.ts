/**
 * What is known of an account (a bare JID): its sessions, and the `h` of sessions that ended.
 *
 * A session is one of seven phases; each has just the fields that make sense in it. Sessions are keyed by
 * resource: a full JID has at most one.
 */
import type { Option } from '#fp-ts/Option'
import type { Counter } from './counter.js'
import type { EndReason } from './end-reason.js'
import type { ConnectionId, Instant, Resource, SmId } from './ids.js'
import type { SmVersion } from './nonza.js'
import { none } from './option.js'
import { emptyQueue, type Queue } from './queue.js'
import type { StanzaFacts } from './stanza.js'

/** A stanza that was sent and is not acked yet. */
export interface Unacked<A> {
  readonly stanza: A
  readonly facts: StanzaFacts
  /** When it was submitted: the time that its `<delay/>` will state if it is sent again. */
  readonly at: Instant
  /** Who else of the account was given the same message (`MessageSubmitted`). */
  readonly others?: ReadonlyArray<Delivery>
}

/** A session that was given a message which others were given too. */
export interface Delivery {
  /** The session's `serial`. */
  readonly serial: number
  /**
   * Where it lies among what that session was to send: acked once what the session's `h` covers reaches this. Absent: it was
   * written where nothing is counted.
   */
  readonly position?: Counter
  /** It was given a carbon copy (XEP-0280). */
  readonly copy?: true
}

/** An iq that the peer answered before it acked it. */
export interface AnsweredIq {
  readonly id: string
  /** Who asked. */
  readonly to: string
  /** Who answered; absent if all that the peer sends is from one. */
  readonly from?: string
  /** How many stanzas any connection had carried by then: the iq was one of them. */
  readonly sent: Counter
}

/** The stanzas that we received (XEP-0198 §4). */
export interface Inbound {
  /** How many we handled: our `h`. */
  readonly handled: Counter
}

/** The stanzas that we sent or are to send (XEP-0198 §4): `acked` plus the length of `unacked` in all. */
export interface Outbound<A> {
  /** The `h` last received. */
  readonly acked: Counter
  /** How many of the oldest unacked stanzas are spilled to storage. Between steps these are not in memory. */
  readonly spilled: number
  readonly unacked: Queue<Unacked<A>>
  readonly unsent: Unsent
  readonly layout: Layout
  /** Names these counts among all that an account has or remembers, from the first message that others were given too. */
  readonly serial?: number
  /** The last answers that came while something was unacked, at most `maxAnswered`. */
  readonly answered?: ReadonlyArray<AnsweredIq>
  /** How large the unacked stanzas are; absent if that was told of none of them. */
  readonly sizes?: Sizes
}

/** Bytes of unacked stanzas (see `session/sizes.ts`). */
export interface Sizes {
  /** Of all of them. */
  readonly total: number
  /** Those of stanzas that follow each other, oldest first, to which none is added any more. */
  readonly closed: ReadonlyArray<Chunk>
  /** That of the newest stanzas, to which the next one is added: so that no list is copied for each. */
  readonly open: Chunk
}

/** Some stanzas and their bytes, among which may still be those of stanzas before them that are acked. */
export interface Chunk {
  readonly count: number
  readonly size: number
}

/** The newest unacked stanzas, which no connection ever carried. */
export interface Unsent {
  readonly count: number
  /** Those that a later stanza may supersede, oldest first. */
  readonly presences: ReadonlyArray<UnsentPresence>
}

/** A presence that was not sent yet, so that a newer one of the same sender may take its place. */
export interface UnsentPresence {
  /** Its sender and its recipient. */
  readonly key: string
  /** Where it lies in storage, if it does. */
  readonly position: Counter
  /** Its bytes, if they were told. */
  readonly size?: number
}

/** Where unacked stanzas lie in storage. */
export interface Layout {
  /** By how much the position of the first one is ahead of its number, modulo 2^32: so many before it were superseded. */
  readonly skipped: Counter
  /** The positions behind it at which nothing lies any more, in their order; two of them never touch. */
  readonly gaps: ReadonlyArray<Positions>
}

/** Positions in storage that follow each other, modulo 2^32. */
export interface Positions {
  readonly from: Counter
  readonly count: number
}

/** The permission to resume (XEP-0198 §5). */
export interface Resumption {
  readonly smId: SmId
  /** How long the session may hibernate, in seconds. */
  readonly seconds: number
}

/** Our outstanding `<r/>` and the rules that keep us from asking twice. */
export interface AckRequest {
  /** An `<r/>` is unanswered. */
  readonly awaiting: boolean
  /** The count of sent stanzas for which an ack was requested last. */
  readonly requestedFor: Option<Counter>
  /** Until then no `<r/>` is sent (`requestHold`). */
  readonly heldUntil: Instant
}

/** The deadlines of a session that is connected, as far as they are armed. A firing that does not match its deadline is stale. */
export interface ActiveDeadlines {
  readonly ackDelay: Instant | undefined
  readonly ackHold: Instant | undefined
  readonly readProbe: Instant | undefined
  readonly hibernation?: never
}

/** The deadline of a session that waits to be resumed: always armed. */
export interface HibernationDeadlines {
  readonly hibernation: Instant
  readonly ackDelay?: never
  readonly ackHold?: never
  readonly readProbe?: never
}

/** The deadlines that a phase can have, and no others. */
export type Deadlines = ActiveDeadlines | HibernationDeadlines

/** The closed set of timers a session can have armed. */
export type TimerName = keyof ActiveDeadlines | keyof HibernationDeadlines

/** Which side of the negotiation we are: a server towards its client, or a client. */
export type Role = 'initiating' | 'receiving'

/**
 * Nobody is connected yet, and what is submitted waits for the first connection: an outgoing stream between servers, or a
 * client that starts. Initiating role only.
 */
export interface Connecting<A> {
  readonly _tag: 'Connecting'
  readonly resource: Resource
  /** Nothing of it was sent. */
  readonly outbound: Outbound<A>
  /** When stanzas began to wait for a connection. */
  readonly since: Instant
}

/** Bound, without stream management. */
export interface Unmanaged {
  readonly _tag: 'Unmanaged'
  readonly resource: Resource
  readonly connection: ConnectionId
  /** As in `Outbound`. */
  readonly serial?: number
}

/**
 * We sent `<enable/>` on a connection, and what is submitted is held until the answer came: if the line breaks before, all
 * waits for the next one. Initiating role only.
 */
export interface Negotiating<A> {
  readonly _tag: 'Negotiating'
  readonly resource: Resource
  readonly connection: ConnectionId
  readonly version: SmVersion
  /** Resumption was asked for. */
  readonly resume: boolean
  /** Nothing of it was sent. */
  readonly outbound: Outbound<A>
  /** As in `Connecting`. */
  readonly since: Instant
}

/** We sent `<enable/>`: our own stanzas count already, the peer's do not (§4, note). Initiating role only. */
export interface Enabling<A> {
  readonly _tag: 'Enabling'
  readonly resource: Resource
  readonly connection: ConnectionId
  readonly version: SmVersion
  readonly outbound: Outbound<A>
}

/** Connected, both sides count. Whatever becomes of it keeps the role. */
export interface Active<A, R extends Role = Role> {
  readonly _tag: 'Active'
  readonly resource: Resource
  readonly role: R
  readonly connection: ConnectionId
  readonly version: SmVersion
  readonly resumption: Option<Resumption>
  readonly inbound: Inbound
  readonly outbound: Outbound<A>
  /** How many of the newest unacked stanzas this connection does not carry yet: they follow when it is drained. */
  readonly unwritten: number
  readonly request: AckRequest
  readonly deadlines: ActiveDeadlines
  /** Client state indication (XEP-0352). */
  readonly client: 'active' | 'inactive'
  /** The client queried its archive (XEP-0313), so archived messages reach it without us. */
  readonly usesArchive: boolean
}

/** Disconnected and resumable until its deadline. */
export interface Hibernating<A, R extends Role = Role> {
  readonly _tag: 'Hibernating'
  readonly resource: Resource
  readonly role: R
  readonly version: SmVersion
  readonly resumption: Resumption
  readonly inbound: Inbound
  readonly outbound: Outbound<A>
  readonly deadlines: HibernationDeadlines
  readonly since: Instant
  readonly usesArchive: boolean
}

/** We sent `<resume/>` and wait for the answer. Initiating role only. */
export interface Resuming<A> {
  readonly _tag: 'Resuming'
  readonly resource: Resource
  readonly connection: ConnectionId
  readonly version: SmVersion
  readonly resumption: Resumption
  readonly inbound: Inbound
  readonly outbound: Outbound<A>
  readonly deadlines: HibernationDeadlines
  readonly since: Instant
}

/** A session of an account, in one of its phases. */
export type Session<A> =
  | Active<A>
  | Connecting<A>
  | Enabling<A>
  | Hibernating<A>
  | Negotiating<A>
  | Resuming<A>
  | Unmanaged

/** A session in which stanzas are counted. */
export type Counting<A> = Exclude<Session<A>, Unmanaged>

/** The phases of a session, by name. */
export type Phase = Session<never>['_tag']

/** A session that ended, by a time-out or an error or a new binding, of which only the count is kept (XEP-0198 §5). */
export interface OldSession {
  readonly smId: SmId
  readonly h: Counter
  /** When it ended. */
  readonly at: Instant
}

/** What a session had acked when it ended, for those that were given the same messages. */
export interface LastAck {
  /** That of the session. */
  readonly serial: number
  /** What the `h` last received covers: all up to this position. */
  readonly position: Counter
}

/**
 * Sessions that ended together, and whose unacked stanzas are not all settled: some of them lie in storage, so that they
 * are settled a page at a time (`QueueSettled`).
 */
export interface Settlement<A> {
  /** No other session of the account was left. */
  readonly isLast: boolean
  readonly ended: ReadonlyArray<EndedSession<A>>
}

/** A session that is over, while what it left is settled page by page. */
export interface EndedSession<A> {
  /** As it was when it ended; its numbers stay. */
  readonly session: Session<A>
  readonly reason: EndReason
  /** How many of its oldest unacked stanzas are settled. Nothing of them is in storage any more. */
  readonly settled: number
}

/** All that is known of one account; what `step` takes and makes. */
export interface Account<A> {
  readonly sessions: ReadonlyArray<Session<A>>
  /** Newest first, at most `maxOldSessions`. */
  readonly oldSessions: ReadonlyArray<OldSession>
  /** Absent unless a session may hold what one that is over was given too; at most `maxLastAcks`. */
  readonly lastAcks?: ReadonlyArray<LastAck>
  /** What ended first comes first. Absent if all that ended is settled. */
  readonly settlements?: ReadonlyArray<Settlement<A>>
}

/** The account of which nothing is known. */
export const emptyAccount: Account<never> = { sessions: [], oldSessions: [] }

/** True if nothing is known of the account but old sessions: no session is there, and none that ended is to be settled. */
export const isVacant = ({ sessions, settlements }: Account<unknown>): boolean =>
  sessions.length === 0 && settlements === undefined

/** The session bound to `resource`. */
export const sessionOf = <A>(account: Account<A>, resource: Resource): Session<A> | undefined => {
  for (const session of account.sessions) if (session.resource === resource) return session
  return undefined
}

/** The account with another session in the place of `before`, which is one of its own. */
export const replaceSession = <A>(account: Account<A>, before: Session<A>, after: Session<A>): Account<A> => {
  const { lastAcks, oldSessions, settlements } = account
  const sessions =
    account.sessions.length === 1 ? [after] : account.sessions.map(other => (other === before ? after : other))
  // One shape for most accounts, since this is done for every stanza.
  return lastAcks === undefined && settlements === undefined ? { sessions, oldSessions } : { ...account, sessions }
}

/** The connection of a session, if it has one. */
export const connectionOf = <A>(session: Session<A>): ConnectionId | undefined =>
  session._tag === 'Connecting' || session._tag === 'Hibernating' ? undefined : session.connection

/** An outbound side that has sent nothing. */
export const freshOutbound: Outbound<never> = {
  acked: 0,
  spilled: 0,
  unacked: emptyQueue(),
  unsent: { count: 0, presences: [] },
  layout: { skipped: 0, gaps: [] },
}

/** No ack was ever requested. */
export const noRequest: AckRequest = { awaiting: false, requestedFor: none, heldUntil: 0 }
