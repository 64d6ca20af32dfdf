/** Mends what is journalled of one account. No server may have the journal open meanwhile. */
import type { AccountId } from '@smacks/runtime'
import type { InspectionOptions } from './inspection.js'

/** `forget`: nothing is left. `keep-readable`: what could be read before the first fault becomes the account's state. */
export type Repair = 'forget' | 'keep-readable'

export interface RepairReport {
  readonly account: AccountId
  /** Sessions that the server will recover. */
  readonly sessions: number
  /** Lines of the log that went into these, and lines that were given up. */
  readonly entriesKept: number
  readonly entriesLost: number
  /** Unacked stanzas in storage that went. */
  readonly keptForgotten: number
}

/**
 * Mends an account in one transaction, whether it is in quarantine or not, and takes it out of there. With `forget` all
 * its sessions and their stanzas go; old sessions, offline messages and records stay. With `keep-readable` the snapshot
 * and the lines of the log before the first that does not decode come back as a snapshot. Throws an `Error` if nothing
 * is journalled of the account.
 */
export declare const repairAccount: <A>(options: InspectionOptions<A>, account: AccountId, how: Repair) => RepairReport
