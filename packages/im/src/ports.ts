/** What instant messaging needs of the server around it. */
import type { Stanza } from '@smacks/codec'
import type { ConnectionId, Instant } from '@smacks/core'
import type { AccountId, Clock, Entropy, Journal, OfflineStore, Runtime } from '@smacks/runtime'
import type { LinkState } from './link-state.js'
import type { Outgoing, Refusal } from './outgoing.js'
import type { StepOfIm } from './recorded/step.js'
import type { RosterStore } from './roster/store.js'
import type { Service } from './services/service.js'

/** Where it tells what an operator should know. A pino logger is one. */
export interface ImLog {
  readonly debug: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

/** How stanzas reach other servers. */
export interface Remotes {
  /**
   * Gives a stanza, first submitted `at` (now, if that is not said), to the link from the served domain of its `from` to
   * the domain of its `to`, which is another server's. Returns nothing if it was taken, and otherwise the error that its
   * sender is to get.
   */
  readonly send: (stanza: Outgoing, at?: Instant) => Refusal | undefined
  /** The iq that `to`, who is here, sent to `from` was answered: it need not come back, whatever becomes of the link. */
  readonly answered: (answer: RemoteAnswer) => void
  /** The link from a served domain to another one. */
  readonly stateOf: (here: string, there: string) => LinkState
  /** Establishes the link, if it is down and can be established; `InstantMessaging.linkEstablished` is called when it stands. */
  readonly connect: (here: string, there: string) => void
}

/** An answer to an iq; `from` and `to` are normalised JIDs. */
export interface RemoteAnswer {
  readonly id: string
  readonly from: string
  readonly to: string
}

/** Sees the steps of accounts. */
export interface ImObserver {
  /** True if the steps of this account are to be seen; what a step asks is noted only then. */
  readonly observes: (account: AccountId) => boolean
  /** Sees a step before its effects are performed. It must not let anything happen. */
  readonly observe: (step: StepOfIm) => void
}

export interface InstantMessagingOptions {
  readonly runtime: Runtime<Stanza>
  /** Read only; changes go through the runtime. */
  readonly offline: OfflineStore<Stanza>
  readonly rosters: RosterStore
  /** Without it there is no federation: whoever is not served here cannot be found. */
  readonly remotes?: Remotes
  /** What is kept of sessions for a restart. Read only; changes go through the runtime. */
  readonly records: Journal<Stanza>['records']
  /** The counts that are kept of timed-out sessions. Read only. */
  readonly oldSessions: Journal<Stanza>['oldSessions']
  /** Whether there is such an account; asked with normalised bare JIDs of served domains. */
  readonly accountExists: (jid: string) => boolean
  /** The served domains, normalised. The first is the default. */
  readonly domains: ReadonlyArray<string>
  readonly clock: Clock
  /** Ids for what the server asks clients: none is ever used twice, also not after a restart. */
  readonly freshId: Entropy['freshId']
  /** Bytes that are on their way to a connection and have not left; 0 for one that is gone. */
  readonly unsent: (connection: ConnectionId) => number
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
  /** Whether messages are stored for those who are not there (XEP-0160). */
  readonly offlineStorage: () => boolean
  /** What users may have stored. */
  readonly quotas: () => Quotas
  /** More is stored than an operator wants: nothing that is not stored yet may be. Never, unless told. */
  readonly isDataFull?: () => boolean
  /** Services besides the standard ones; none unless told. */
  readonly services?: ReadonlyArray<Service>
  /** Sees the steps of accounts: for recordings. */
  readonly observer?: ImObserver
  readonly log: ImLog
  /** The server's version, as `jabber:iq:version` tells it (XEP-0092). */
  readonly version: string
}

/** Bytes that may be stored for one user. */
export interface Quotas {
  /** For the roster, the requests and the block list of a user. */
  readonly contactBytesPerUser: number
  /** Messages that wait for a user, of each sender. */
  readonly offlineBytesPerSender: number
  /** Messages that wait for a user. */
  readonly offlineBytesPerUser: number
}
