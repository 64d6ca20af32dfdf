/** What the demo is given, and what comes of it. */
import type { Tally } from './tally.js'

/** Somebody who may log in. */
export interface DemoAccount {
  readonly jid: string
  readonly password: string
}

export interface DemoOptions {
  /** Where the server listens for STARTTLS connections. */
  readonly host: string
  readonly port: number
  readonly domain: string
  /** Two accounts that exist. */
  readonly accounts: readonly [DemoAccount, DemoAccount]
  /** The server's certificate, PEM; nothing else is trusted. */
  readonly certificate: string
  readonly out: { readonly write: (text: string) => unknown }
  /** Colours and line drawing; else plain ASCII. */
  readonly color: boolean
}

export interface DemoResult {
  /** Every message arrived once and in order, and every session was resumed. */
  readonly ok: boolean
  /** What went wrong, if the demo could not be played to its end. */
  readonly problem?: string
  /** From the first account to the second, and back. */
  readonly tallies: readonly [Tally, Tally]
  readonly cuts: number
  readonly resumptions: number
}
