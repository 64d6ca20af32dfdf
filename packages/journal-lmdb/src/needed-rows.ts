/** Which rows of the log are still needed: those from the oldest entry on that no snapshot covers. */
import type { AccountId } from '@smacks/runtime'

export class NeededRows {
  /** The oldest row that each account needs; the map's order is that of the rows. */
  private needed = new Map<AccountId, number>()
  /** Characters of rows that follow each other, and the last of them. */
  private readonly sizes: Array<{ last: number; size: number }> = []
  private total = 0
  /** Until the log was read nobody knows what is needed. */
  private wasRead = false

  /** Begins to note anew what is needed. `finish` is to be called when all rows are noted. */
  beginReading(): NeededReading {
    const needed = new Map<AccountId, number>()
    return {
      need: (account, seq) => {
        if (!needed.has(account)) needed.set(account, seq)
      },
      finish: () => {
        // What came meanwhile is newer.
        for (const [account, seq] of this.needed) if (!needed.has(account)) needed.set(account, seq)
        this.needed = needed
        this.wasRead = true
      },
    }
  }

  /** The account needs the row, and all after it. */
  need(account: AccountId, seq: number): void {
    if (!this.needed.has(account)) this.needed.set(account, seq)
  }

  /** Nothing in the rows so far is needed of the account. */
  release(account: AccountId): void {
    this.needed.delete(account)
  }

  /** There is a row of so many characters. Each is told once, in their order. */
  note(seq: number, size: number): void {
    const newest = this.sizes[this.sizes.length - 1]
    if (newest !== undefined && seq <= newest.last) return
    this.total += size
    if (newest === undefined || newest.size >= sizeTogether) this.sizes.push({ last: seq, size })
    else {
      newest.last = seq
      newest.size += size
    }
  }

  /** Characters of the rows from the first that is needed on. */
  size(): number {
    const newest = this.sizes[this.sizes.length - 1]
    if (newest === undefined) return 0
    const first = this.first(newest.last)
    for (let oldest = this.sizes[0]; oldest !== undefined && oldest.last < first; oldest = this.sizes[0]) {
      this.total -= oldest.size
      this.sizes.shift()
    }
    return this.total
  }

  /** The accounts that need the oldest rows, without some. */
  oldest(limit: number, isLeftOut: (account: AccountId) => boolean): ReadonlyArray<AccountId> {
    const accounts: Array<AccountId> = []
    for (const account of this.needed.keys()) {
      if (accounts.length >= limit) break
      if (!isLeftOut(account)) accounts.push(account)
    }
    return accounts
  }

  /** The first row that anybody needs, of those up to `last`: the one behind that if nobody does. */
  first(last: number): number {
    if (!this.wasRead) return 0
    const oldest = this.needed.values().next()
    return oldest.done === true ? last + 1 : oldest.value
  }
}

/** Rows are measured together up to this, since there may be very many. */
const sizeTogether = 1024

export interface NeededReading {
  readonly need: (account: AccountId, seq: number) => void
  readonly finish: () => void
}
