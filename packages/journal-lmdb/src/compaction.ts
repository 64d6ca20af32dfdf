/** Keeps the log small: above a bound, snapshots are wanted of those who need its oldest rows, until it has half of that. */
import type { AccountId } from '@smacks/runtime'
import type { Log } from './log.js'

export class Compaction {
  private isNeeded = false
  /** Batches that were begun. */
  private begun = 0
  /** Whose snapshots were asked for, and how many batches were begun then: the next one may have them. */
  private readonly asked = new Map<AccountId, number>()

  /** `bound`: size of the log. */
  constructor(
    private readonly log: Log,
    private readonly bound: number,
  ) {}

  /** Accounts without some, and without those who were asked for and may be on their way. */
  wanted(limit: number, isLeftOut: (account: AccountId) => boolean): ReadonlyArray<AccountId> {
    if (this.log.size() > this.bound) this.isNeeded = true
    else if (this.log.size() < this.bound / 2) this.isNeeded = false
    if (!this.isNeeded) return []
    const accounts = this.log.oldest(limit, account => this.asked.has(account) || isLeftOut(account))
    for (const account of accounts) this.asked.set(account, this.begun)
    return accounts
  }

  /** A batch begins; tells its number. */
  begin(): number {
    this.begun += 1
    return this.begun
  }

  /** The batch of this number is durable. Whoever was asked for before it and is not in it can be asked for again. */
  ended(batch: number): void {
    for (const [account, begun] of this.asked) if (begun < batch) this.asked.delete(account)
  }
}
