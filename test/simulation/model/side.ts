/** What the model knows of one peer. */
import type { ConnectionId, EndReason, StanzaFacts } from '@smacks/core'
import type { Fate } from './fates.js'
import type { Ledger } from './ledger.js'

/** One session of a peer, by its resource. */
export interface KnownSession {
  readonly resource: string
  connection: ConnectionId | undefined
  /** With stream management. */
  ledger: Ledger | undefined
  /** What it receives counts. */
  counts: boolean
  /** `<resume/>` is sent and not answered. */
  resuming: boolean
  usesArchive: boolean
}

export interface KnownSide {
  readonly sessions: Map<string, KnownSession>
  /** Connections that were closed by this peer, or that it knows are lost. */
  readonly closed: Set<ConnectionId>
  /** Connections with an unanswered `<r/>` of this peer. */
  readonly asked: Set<ConnectionId>
  /** What this peer submitted. */
  readonly submitted: Map<string, StanzaFacts>
  /** Stanzas of this peer that nobody counted. */
  readonly loose: Set<string>
  /** What this peer handled, in order. */
  readonly handled: Set<string>
  /** What became of the stanzas of this peer that were not acked. */
  readonly fates: Map<string, Fate>
  readonly ended: Array<EndReason>
}

export const newSide = (): KnownSide => ({
  sessions: new Map(),
  closed: new Set(),
  asked: new Set(),
  submitted: new Map(),
  loose: new Set(),
  handled: new Set(),
  fates: new Map(),
  ended: [],
})
