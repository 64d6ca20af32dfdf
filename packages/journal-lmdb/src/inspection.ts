/** What stands in a journal, for whoever looks after it: nothing here changes anything. */
import type { PayloadCodec } from '@smacks/codec'
import type { Counter, Instant, Phase } from '@smacks/core'
import type { AccountId, Journalled } from '@smacks/runtime'
import type { Environment } from './environment.js'

export interface InspectionOptions<A> {
  readonly env: Environment
  /** As the journal that wrote it was told. */
  readonly payload: PayloadCodec<A>
  readonly absent: A
}

export interface JournalReport {
  /** By name. */
  readonly accounts: ReadonlyArray<AccountReport>
  readonly totals: JournalTotals
}

export interface AccountReport {
  readonly account: AccountId
  /** As the server would recover them; none if the account is in quarantine. */
  readonly sessions: ReadonlyArray<SessionReport>
  /** Lines of the log that no snapshot covers, and their characters. */
  readonly logEntries: number
  readonly logCharacters: number
  /** Rows of unacked stanzas in storage, and their characters. */
  readonly keptStanzas: number
  readonly keptCharacters: number
  /** Why the account is in quarantine, or would be at the next start. */
  readonly quarantined?: string
}

export interface SessionReport {
  readonly resource: string
  readonly phase: Phase
  /** Present if the session can be resumed. */
  readonly smId?: string
  /** Our `h`. */
  readonly handled: Counter
  /** The `h` last received. */
  readonly acked: Counter
  readonly unacked: number
  /** How many of these lie in storage. */
  readonly kept: number
  /** When the client went away, of sessions that wait for it. */
  readonly since?: Instant
}

export interface JournalTotals {
  readonly accounts: number
  readonly sessions: number
  readonly quarantined: number
  readonly logEntries: number
  readonly logCharacters: number
  readonly keptStanzas: number
  readonly keptCharacters: number
}

/** Folds the journal and tells what comes of it. Read only: what does not decode is told and left where it is. */
export declare const inspectJournal: <A>(options: InspectionOptions<A>) => JournalReport

/** All that is journalled of the accounts that can be read, as the server would recover it. Read only. */
export declare const exportJournal: <A>(options: InspectionOptions<A>) => Iterable<Journalled<A>>
