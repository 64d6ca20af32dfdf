/**
 * A small world and a state of it: a client and a server, each an account, the lines between them, and what an onlooker
 * knows who saw everything. All is plain immutable data.
 */
import type { Account, Config, ConnectionId, Counter, Instant, Nonza, StanzaFacts } from '@smacks/core'
import type { Armed } from './laws/index.js'

export type Side = 'client' | 'server'

/** What is on the line. `Bind` stands for a client that binds its resource anew. */
export type Element =
  | Exclude<Nonza, { readonly _tag: 'Request' }>
  | { readonly _tag: 'Bind' }
  | { readonly _tag: 'Close'; readonly isClean: boolean }
  | { readonly _tag: 'Request'; readonly version: Nonza['version'] }
  | { readonly _tag: 'Stanza'; readonly stanza: string }

/** A connection as it is: what is on its way, and who still thinks that it stands. */
export interface Line {
  readonly id: ConnectionId
  readonly toClient: ReadonlyArray<Element>
  readonly toServer: ReadonlyArray<Element>
  readonly client: 'gone' | 'open'
  readonly server: 'gone' | 'open'
  /** Whatever is put on it is lost. */
  readonly isCut: boolean
}

/** The three ways stanzas go: from the client, to the client's session, and to another session of the same account. */
export type Stream = 'c' | 'd' | 'p'

/** How the stanzas of a stream stand, one letter a stanza, in the order they were submitted. */
export interface Ledger {
  /** `q`ueued, `a`cked, `u`ncounted, `s`uperseded, `f`: it got a disposition; `n`: a disposition, and known not to have been handled. */
  readonly stands: string
  /** `1`: it reached the application at the other end. */
  readonly arrived: string
  readonly at: ReadonlyArray<Instant>
  /** The connection that each was written to last; none if it never was. */
  readonly on: ReadonlyArray<ConnectionId | undefined>
}

export interface End {
  readonly account: Account<string>
  /** The key of the account, kept since mostly the other end changes. */
  readonly key: string
  readonly armed: ReadonlyArray<Armed>
  /** Timers that were armed once and are not now, and could fire late. */
  readonly stale: ReadonlyArray<Armed>
  /** The connection on which an `<r/>` is unanswered. */
  readonly asked: ConnectionId | undefined
  /** Where the count of the other's stanzas stands, as the onlooker counts. */
  readonly counted: Counter
}

/** How often something may still happen. Whatever is left out may not. */
export interface Budget {
  readonly binds: number
  /** Of the server's options, to the others and back. */
  readonly changes: number
  /** Somebody sets the clock. */
  readonly clocks: number
  readonly closes: number
  readonly cuts: number
  readonly dials: number
  readonly drains: number
  readonly losses: number
  readonly others: number
  readonly refusals: number
  readonly restarts: number
  readonly sights: number
  readonly silences: number
  readonly stops: number
}

export interface State {
  readonly client: End
  readonly server: End
  readonly lines: ReadonlyArray<Line>
  readonly c: Ledger
  readonly p: Ledger
  readonly d: Ledger
  /** The order in which the two streams from the server were submitted. */
  readonly order: string
  /** The counts of sessions that are over, by SM-ID: what the onlooker would tell who asks. */
  readonly counts: Readonly<Record<string, Counter>>
  readonly budget: Budget
  readonly now: Instant
  readonly freshSmId: number
}

export interface World {
  readonly name: string
  readonly config: Config
  /** What the server's options change to, if they do, and back. */
  readonly other?: Partial<Config>
  /** The client's configuration, where it is not the server's. */
  readonly client?: Partial<Config>
  /** The facts of each stanza that may be submitted. */
  readonly stanzas: Readonly<Record<Stream, ReadonlyArray<StanzaFacts>>>
  readonly budget: Budget
  /**
   * `bare`: a bound resource without stream management; a number: enabled, and both counted so far; `wanted`: the client
   * makes links, and its application waits for the first connection.
   */
  readonly start: Counter | 'bare' | 'wanted'
  /** Whether the client asks for resumption. */
  readonly resume: boolean
  /** Whether it holds what is submitted until that is answered. */
  readonly hold?: true
  /** There is another session of the account, `desktop`. */
  readonly hasOther: boolean
  /** Bytes of each stanza, so many that each is a chunk of its own; none are told unless this is. */
  readonly size?: number
  /** Messages for the client's session come for the other as well: at once, or to each by itself at the same time. */
  readonly isForBoth?: 'apart' | 'together' | undefined
  /** How many stanzas of what is sent again a line takes at once; all unless told. */
  readonly room?: number
  /** Sessions outlive the process: when it stops, those that can be resumed hibernate. */
  readonly keeps?: boolean
}

export const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client')

export const streamOf = (stanza: string): Stream => stanza.charAt(0) as Stream

/** The place of a stanza in its stream, from 0. */
export const placeOf = (stanza: string): number => Number(stanza.slice(1)) - 1
