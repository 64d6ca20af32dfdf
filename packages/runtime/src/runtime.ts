/** The loop, as its users see it. */
import type {
  Account,
  Config,
  EnableReceived,
  EnableRequested,
  Event,
  Nonza,
  Resource,
  ResumeReceived,
  StreamError,
} from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Change } from './ports.js'

/** Keeps an account in memory while it is held, also when it has no session yet. */
export interface Lease {
  /** Ends the hold; another call does nothing. */
  readonly release: () => void
}

/** An event whose step sends one element on the event's connection before anything else. */
export type Question = EnableReceived | EnableRequested | ResumeReceived

/** Takes the element that a question led to, once what caused it is durable. */
export type Answer = (nonza: Nonza) => void

/** What a question came to (XEP-0198 §§3, 5). It is decided, and not durable yet. */
export type Asked =
  /** The session of this resource goes on, on the event's connection; the answer follows. */
  | { readonly _tag: 'Resumed'; readonly resource: Resource }
  /** The answer follows. */
  | { readonly _tag: 'Answered' }
  /** No answer follows: the connection is about to end. */
  | { readonly _tag: 'Unanswered' }

/** What recovery brought back. */
export interface RecoveryReport {
  readonly sessions: number
  /** Events that were folded. */
  readonly events: number
  /** Accounts of which something does not decode, and what. Nobody can begin a session there. */
  readonly undecodable: ReadonlyMap<AccountId, string>
  /** Accounts that were under other options than those in force now. */
  readonly reconfigured: number
}

/** The loop: events in, stanzas and elements out. Nothing that a peer can see leaves before what it tells of is durable. */
export interface Runtime<A> {
  /**
   * Takes an event. Its step is made at once, or, if a step is being made, directly after those that wait.
   * What must be durable is committed at the end of the turn, and only then what can be seen is performed.
   */
  readonly dispatch: (account: AccountId, event: Event<A>) => void
  /**
   * Takes an event whose peer waits for an answer, and returns what it came to. The answer itself does not go to the
   * transport: `answer` is called in its place, in the order of all that is performed. Throws an `Error` where a step is
   * being made, so it is not for applications.
   */
  readonly ask: (account: AccountId, event: Question, answer: Answer) => Asked
  /** Adds a change of the application's own to the batch of this turn. */
  readonly change: (change: Change<A>) => void
  /** True if no change of this account's offline messages and old sessions is under way: the stores say all there is. */
  readonly isSettled: (account: AccountId) => boolean
  /**
   * Calls back once the changes of this account's offline messages and old sessions are durable that are under way now:
   * at once if none is, otherwise after the commit. Others may be under way by then.
   */
  readonly whenSettled: (account: AccountId, callback: () => void) => void
  /** The same of the application's records and of the stores that packages registered. */
  readonly whenRecorded: (account: AccountId, callback: () => void) => void
  /** Ends the turn at hand; resolves when all that happened is durable, and rejects if it was given up. */
  readonly committed: () => Promise<void>
  /** The account as the last step left it; an account that is not in memory is empty. */
  readonly account: (account: AccountId) => Account<A>
  /** The accounts that have sessions. */
  readonly accounts: () => Iterable<AccountId>
  /** Keeps what is loaded of an account in memory while its client negotiates. */
  readonly hold: (account: AccountId) => Lease
  /**
   * Brings back what was stored, all of it: what the application wrote of sessions, the sessions, and what was under way
   * (`RecoverySteps`). To be called once, before anything else happens; a second call throws an `Error`. The sessions wait
   * for their clients (`ServerRestarted`). `onProgress` is told now and then how many entries were read. Without a
   * journal of sessions there are none to bring back. What is journalled is folded under the options that it was made
   * under; where these are others than today's, that is an event then (`ConfigChanged`).
   */
  readonly recover: (onProgress?: (entries: number) => void) => RecoveryReport
  /**
   * From now on these options are in force, for all accounts (`ConfigChanged`). What they allow no longer ends, with all
   * that follows from it. Whether queues are kept in storage remains the journal's matter.
   */
  readonly reconfigure: (config: Config) => void
  /**
   * Ends all sessions of an account that is removed; those with a connection see the error, if one is given. Nothing of it
   * is stored: what is unacked goes back to its senders.
   */
  readonly endAccount: (account: AccountId, error?: StreamError) => void
  /**
   * Ends the sessions of the account, or the one of this resource: those with a connection see the error, those that
   * hibernate are over. What is unacked becomes what it does at any other end.
   */
  readonly endSessions: (account: AccountId, error: StreamError, resource?: Resource) => void
  /** Why nothing can be read or said of the account, if that is so. */
  readonly whySetAside: (account: AccountId) => string | undefined
  /**
   * Ends all sessions, or lets those that are journalled wait (`ServerStopping`), commits and performs what follows from it, also from what the application
   * makes of it. No session begins from then on: its connection is closed. Resolves when that is done, and rejects
   * if a commit failed, now or before. Later calls get the same answer.
   */
  readonly stop: () => Promise<void>
}
