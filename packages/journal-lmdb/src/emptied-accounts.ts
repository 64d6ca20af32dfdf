/**
 * Accounts of which a snapshot says that nothing is left, and the rows it covers. As long as one of these rows is there, it
 * must not be taken for something that happened to an account of which nothing was known.
 */
import type { AccountId } from '@smacks/runtime'
import { bytesOfPage } from './disk-reservation.js'

/** Snapshots without sessions that one batch removes at most, wherever they lie. */
const removedAtOnce = 64

export class EmptiedAccounts {
  /** The last row that each snapshot covers; in the order of rows. */
  private readonly covered = new Map<AccountId, number>()

  add(account: AccountId, upTo: number): void {
    this.covered.set(account, upTo)
  }

  delete(account: AccountId): void {
    this.covered.delete(account)
  }

  /** Those of which the log, which begins with the row `first`, has nothing any more: their snapshots may go. */
  before(first: number): ReadonlyArray<AccountId> {
    const found: Array<AccountId> = []
    for (const [account, upTo] of this.covered) {
      if (upTo >= first || found.length >= removedAtOnce) break
      found.push(account)
    }
    return found
  }

  /** Bytes that a batch which removes some of them writes at most. */
  removalSize(): number {
    return Math.min(this.covered.size, removedAtOnce) * bytesOfPage
  }
}
