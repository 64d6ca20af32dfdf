/**
 * The ports: what the loop needs from its host. Each has a compliance suite in `@smacks/testkit` that every
 * interpreter passes, mocks included.
 */
import type {
  Account,
  Config,
  ConnectionId,
  Counter,
  Event,
  Instant,
  Nonza,
  Notice,
  OldSession,
  Resource,
  SmId,
  StanzaFacts,
  StreamError,
  TimerName,
  Unacked,
} from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Reading } from './reading.js'
import type { StoreChange } from './store-change.js'

// Time

/**
 * Milliseconds on the monotonic clock, since some moment before the process began. Means nothing to another process. Marked,
 * so that no time of the wall clock can be taken for one.
 */
export type MonotonicInstant = number & { readonly [monotonicMark]: true }
declare const monotonicMark: unique symbol

/** The two clocks of a host. */
export interface Clock {
  /** The clock on the wall: milliseconds since 1970 (UTC), for stamps and for what outlives the process. May be set anew. */
  readonly now: () => Instant
  /** For durations and timers: never goes back, never jumps. Whether time counts while the host sleeps is the host's. */
  readonly monotonic: () => MonotonicInstant
}

/** A reading of a monotonic clock. */
export const monotonicInstant = (milliseconds: number): MonotonicInstant => milliseconds as MonotonicInstant

/** So many milliseconds from now. */
export const after = (clock: Pick<Clock, 'monotonic'>, milliseconds: number): MonotonicInstant =>
  monotonicInstant(clock.monotonic() + milliseconds)

/** Timers, by key. */
export interface Timers {
  /**
   * Calls `fire` once, at or soon after `due`, never before it and never inside `arm`. Any delay is allowed,
   * also beyond 2^31 ms, also none. Arming a key again replaces what was armed under it. That somebody sets the wall clock
   * changes nothing.
   */
  readonly arm: (key: string, due: MonotonicInstant, fire: () => void) => void
  /** Forgets the key; unknown keys are allowed. After this, `fire` is not called. */
  readonly disarm: (key: string) => void
  /** Forgets all keys, so that the host can exit. */
  readonly stop: () => void
}

/** When a turn of the host's event loop ends. */
export interface Turns {
  /** Calls `callback` once, after the input that the host has at hand now was handed out, never inside `atEnd`. */
  readonly atEnd: (callback: () => void) => void
}

/** Randomness. */
export interface Entropy {
  /** A new SM-ID: at least 128 bits of a cryptographically strong source, of characters that XML need not escape. */
  readonly freshId: () => string
}

// Storage

/** One change of what is kept, as plain data. */
export type Change<A> =
  | {
      readonly _tag: 'PutOffline'
      readonly account: AccountId
      readonly stanza: A
      readonly facts: StanzaFacts
      readonly at: Instant
    }
  /** Forget the offline messages with these keys; unknown keys are allowed. */
  | { readonly _tag: 'DropOffline'; readonly account: AccountId; readonly keys: ReadonlyArray<OfflineKey> }
  | { readonly _tag: 'PutOldSession'; readonly account: AccountId; readonly session: OldSession }
  /** Unknown SM-IDs are allowed. */
  | { readonly _tag: 'DropOldSession'; readonly account: AccountId; readonly smId: SmId }
  | SessionChange<A>
  | RecordChange
  | StoreChange

/** What a journal of sessions keeps; one that keeps none lets these pass. */
export type SessionChange<A> =
  /** A step was made that changed the account. */
  | { readonly _tag: 'EventLogged'; readonly account: AccountId; readonly event: Event<A> }
  /**
   * What the next event of the account meets, and the options that it and what follows are folded under, where that does
   * not follow from what is journalled before.
   */
  | { readonly _tag: 'Baseline'; readonly account: AccountId; readonly state: Account<A>; readonly config: Config }
  /**
   * The account as it is at this place of the batch: it takes the place of all that is journalled of it before. What
   * follows is folded under `config`.
   */
  | { readonly _tag: 'PutSnapshot'; readonly account: AccountId; readonly state: Account<A>; readonly config: Config }
  /** Unacked stanzas of a session, the first at the position `from`; stanzas at these positions are replaced. */
  | {
      readonly _tag: 'KeepUnacked'
      readonly account: AccountId
      readonly resource: Resource
      readonly from: Counter
      readonly unacked: ReadonlyArray<Unacked<A>>
    }
  /** Positions at which nothing lies are allowed. */
  | {
      readonly _tag: 'ForgetKept'
      readonly account: AccountId
      readonly resource: Resource
      readonly from: Counter
      readonly count: number
    }

/**
 * The application's own data: a text under a name, one of a kind. A batch is refused where the kind's name is one that the
 * journal uses itself.
 */
export type RecordChange =
  | {
      readonly _tag: 'PutRecord'
      readonly kind: string
      readonly account: AccountId
      readonly name: string
      readonly text: string
    }
  /** Unknown names are allowed. */
  | { readonly _tag: 'DropRecord'; readonly kind: string; readonly account: AccountId; readonly name: string }

/** The changes of what is known of sessions that are gone, by SM-ID, so that a late `<resume/>` can be told an `h`. */
export type OldSessionChange = Extract<Change<never>, { readonly _tag: 'DropOldSession' | 'PutOldSession' }>

/** The changes that an `OfflineStore` takes. */
export type OfflineChange<A> = Extract<Change<A>, { _tag: 'DropOffline' | 'PutOffline' }>

/**
 * A change that can never be committed, whatever becomes of the medium: it cannot be written down, or is larger than what
 * the journal takes. Nothing of its batch was committed.
 */
export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused'

  /** `change` is the one of the batch, not a copy. */
  constructor(
    readonly change: Change<unknown>,
    reason: string,
    options?: { readonly cause?: unknown },
  ) {
    super(reason, options)
  }

  get account(): AccountId {
    return this.change.account
  }
}

/**
 * The commit point: no byte leaves before what caused it is durable.
 */
export interface Journal<A> {
  /**
   * Makes all changes of the batch durable, or none of them. Batches take effect in the order of the calls.
   * Returns nothing if that is done on return; otherwise a promise that resolves when it is done, and that
   * rejects with an `Error` if it could not be done: with `ChangeRefused` if one of the changes is to blame, so that all
   * others may be committed without it, and with another if it may be done later. A new call may come before the last one
   * has ended.
   */
  readonly commit: (batch: ReadonlyArray<Change<A>>) => Promise<void> | undefined
  /** The kept `h` values of an account, newest first. */
  readonly oldSessions: (account: AccountId) => ReadonlyArray<OldSession>
  /**
   * The application's records of a kind, by account and name; those of one account if it is given. Throws an `Error` where
   * the kind's name is one that the journal uses itself.
   */
  readonly records: (kind: string, account?: AccountId) => Iterable<StoredRecord>
  /** Present if sessions outlive the process. */
  readonly sessions?: SessionJournal<A>
  /** Ends what is under way and frees what is held. */
  readonly close: () => Promise<void>
}

/** One record of the application. */
export interface StoredRecord {
  readonly account: AccountId
  readonly name: string
  readonly text: string
}

/** What is journalled of sessions. Reads see all batches that are durable. */
export interface SessionJournal<A> {
  /**
   * All that is journalled: for each account the state it had and the options it was under, then the events since, in the
   * order in which they happened. Of an account of which something does not decode that is told, at last, and what was told of it before is
   * void. Such an account is set aside: what is journalled of it stays as it is until somebody mends it, whatever is
   * committed. It changes nothing, so a full disk is no obstacle; it is read to its end before anything is committed.
   * Throws an `Error` if a newer program wrote any of it.
   */
  readonly recover: () => Iterable<Journalled<A>>
  /**
   * Kept unacked stanzas of a session, the first at the position `from`. Throws an `Error` that names the first that is not
   * there or does not decode; the account is set aside then.
   */
  readonly kept: (account: AccountId, resource: Resource, from: Counter, count: number) => ReadonlyArray<Unacked<A>>
  /**
   * The same for whoever only looks: as many as are there and decode, from the first on. It changes nothing. Absent where
   * nobody can look.
   */
  readonly peek?: (account: AccountId, resource: Resource, from: Counter, count: number) => ReadonlyArray<Unacked<A>>
  /**
   * How many unacked stanzas of a session are kept from the number `from` on, without a gap, `most` of them at most. Asked
   * for accounts of which a program told no options.
   */
  readonly countKept: (account: AccountId, resource: Resource, from: Counter, most: number) => number
  /**
   * At most `limit` accounts whose snapshots would let the journal free space; none while it is small. They belong into the
   * next batch: until that is durable they are not named again.
   */
  readonly wanted: (limit: number) => ReadonlyArray<AccountId>
}

/** What is read back of sessions, in the order in which it was written: a state, the events since, or why there is neither. */
export type Journalled<A> =
  | { readonly _tag: 'EventLogged'; readonly account: AccountId; readonly event: Event<A> }
  /** `config` is absent where a program wrote it that told no options. */
  | { readonly _tag: 'Baseline'; readonly account: AccountId; readonly state: Account<A>; readonly config?: Config }
  | { readonly _tag: 'Undecodable'; readonly account: AccountId; readonly reason: string }

/** Names one stored message; later messages of an account have greater keys. */
export type OfflineKey = number

/** A message that waits for its user to come online. */
export interface OfflineMessage<A> {
  readonly key: OfflineKey
  readonly stanza: A
  readonly facts: StanzaFacts
  /** When it was first submitted. */
  readonly at: Instant
}

/** Messages for those who are not there (XEP-0160). */
export interface OfflineStore<A> {
  /**
   * Applies a change. Called by the journal, inside the transaction that makes it durable or, where it is durable elsewhere
   * already, later. What `sizeOf` of the journal's store let pass must not throw then. The transaction may be given up, and
   * the change come again in another, where it must get the same key.
   */
  readonly apply: (change: OfflineChange<A>) => void
  /** Present if the store can take changes late: the journal calls it once, and all reads go through what it is given. */
  readonly aroundReads?: (reading: Reading) => void
  /**
   * What is stored for an account, oldest first; at most `limit` messages if given, and only those after the key
   * `after` if given. Sees all batches that are durable.
   */
  readonly read: (account: AccountId, limit?: number, after?: OfflineKey) => ReadonlyArray<OfflineMessage<A>>
  /** How many messages are stored for an account. */
  readonly count: (account: AccountId) => number
  /**
   * How much is stored for an account: of everybody, or of one of `sendersOf`. Sees all batches that are durable, and reads
   * no messages for it.
   */
  readonly usage: (account: AccountId, sender?: string) => OfflineUsage
}

/** Messages, and the bytes that they take, of a store's own measure. */
export interface OfflineUsage {
  readonly count: number
  readonly size: number
}

/** By whom a message is counted: the bare JID of its sender and that JID's domain; by nobody if it names no sender. */
export const sendersOf = ({ from }: Pick<StanzaFacts, 'from'>): ReadonlyArray<string> => {
  if (from === undefined) return []
  const slash = from.indexOf('/')
  const bare = slash < 0 ? from : from.slice(0, slash)
  const domain = bare.slice(bare.indexOf('@') + 1)
  return domain === bare ? [domain] : [bare, domain]
}

// The world outside

/** Bytes to peers. What is sent is buffered; `flush` writes it, one write a connection. */
export interface Transport<A> {
  /** A stanza, for the first time, or again after a resumption (`delayedSince`). Unknown connections are allowed. */
  readonly sendStanza: (connection: ConnectionId, stanza: A, facts: StanzaFacts, delayedSince?: Instant) => void
  /** An element of stream management. `Enabled` leaves in a write of its own. */
  readonly sendNonza: (connection: ConnectionId, nonza: Nonza) => void
  /** Ends the stream: what is buffered, the error, `</stream:stream>`, then the connection. */
  readonly close: (connection: ConnectionId, error?: StreamError) => void
  /**
   * The connection is to say once, by `ConnectionDrained`, when all that was sent to it before has left: also where it has
   * left already, and never inside this call or `flush`.
   */
  readonly awaitDrain: (connection: ConnectionId) => void
  /**
   * Ends the connection without closing the stream: what is buffered, then the end of the line (with TCP, FIN), and no
   * `</stream:stream>`. The peer gets a bounded time to take it.
   */
  readonly drop: (connection: ConnectionId) => void
  /** From now on what the connection receives belongs to this resource. */
  readonly adopt: (connection: ConnectionId, account: AccountId, resource: Resource) => void
  /** Writes what is buffered. */
  readonly flush: () => void
}

/** Notices as they go over the bus. The names are those that push modules of other servers know. */
export type BusEvent<A> = {
  readonly account: AccountId
  readonly resource: Resource
  readonly at: Instant
} & Notice<A>

/** The bus. */
export interface EventBus<A> {
  /** Hands the event to whoever listens; a listener's failure is the listener's. Never throws. */
  readonly publish: (event: BusEvent<A>) => void
}

/** Timer keys, one for each timer of each session. */
export const timerKey = (account: AccountId, resource: Resource, timer: TimerName): string =>
  `${account}\n${resource}\n${timer}`
