/** The books of both peers, and one step as it is judged by them. */
import type { Stanza } from '@smacks/codec'
import type { Config, ConnectionId, Effect, Event, SmVersion } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import { type Counters, pairResource, type Side, sides } from '@smacks/testkit'
import { type Ledger, newLedger } from './ledger.js'
import { type KnownSession, type KnownSide, newSession, newSide } from './side.js'

export interface Books {
  readonly config: Readonly<Record<Side, Config>>
  readonly sides: Readonly<Record<Side, KnownSide>>
  readonly ledgers: () => ReadonlyArray<Ledger>
  /** The ledger of what was enabled on this connection; opened by whichever peer speaks of it first. */
  readonly ledgerOf: (connection: ConnectionId, version: SmVersion) => Ledger
  /** By SM-ID, oldest first. */
  readonly resumable: Map<string, Ledger>
  /** How often things happened, to show that they did. */
  readonly tally: Map<string, number>
  readonly count: (what: string) => void
}

/** One step of one peer. */
export interface Judged {
  readonly side: Side
  readonly known: KnownSide
  readonly event: Event<Stanza>
  readonly effects: ReadonlyArray<Effect<Stanza>>
  readonly after: StepMade<Stanza>['after']
  /** The session that the event names. */
  readonly session: KnownSession | undefined
  /** Throws an `Error` that says who did what, and at which event. */
  readonly fail: (what: string) => never
}

export interface BooksOptions {
  readonly config: Readonly<Record<Side, Config>>
  readonly version: SmVersion
  /** The session that is established at the beginning, on `line-1` and with the SM-ID `first`. */
  readonly counters: Counters | undefined
}

export const openBooks = ({ config, version, counters }: BooksOptions): Books => {
  const known: Readonly<Record<Side, KnownSide>> = { client: newSide(), server: newSide() }
  const ledgers = new Map<ConnectionId, Ledger>()
  const resumable = new Map<string, Ledger>()
  const tally = new Map<string, number>()

  if (counters !== undefined) {
    const ledger = newLedger('line-1', version, { client: counters.toServer, server: counters.toClient })
    ledgers.set(ledger.enabledOn, ledger)
    resumable.set('first', ledger)
    for (const side of sides)
      known[side].sessions.set(pairResource, { ...newSession(pairResource, 'line-1'), ledger, counts: true })
  }

  return {
    config,
    sides: known,
    resumable,
    tally,
    count: what => void tally.set(what, (tally.get(what) ?? 0) + 1),
    ledgers: () => [...ledgers.values()],
    ledgerOf: (connection, spoken) => {
      const open = ledgers.get(connection) ?? newLedger(connection, spoken)
      ledgers.set(connection, open)
      return open
    },
  }
}
