/**
 * Keeps the log small: above a bound, snapshots are wanted of those who need its oldest rows, until it has half of that.
 * Where the snapshots take more than that themselves, the log may have as much as they took last: so what is written for
 * them stays in proportion to what happens, however much the accounts have.
 */
import type { AccountId } from '@smacks/runtime'
import type { NeededRows } from './needed-rows.js'

export class Compaction {
  private isNeeded = false
  /** Batches that were begun. */
  private begun = 0
  /** Whose snapshots were asked for, and how many batches were begun then: the next one may have them. */
  private readonly asked = new Map<AccountId, number>()

  /** Characters of the snapshots since they became needed last, and the time before. */
  private written = 0
  private writtenBefore = 0

  /** `bound`: what the log is to stay below, in characters without those of snapshots. */
  constructor(
    private readonly needed: Pick<NeededRows, 'oldest' | 'size'>,
    private readonly bound: number,
  ) {}

  /** Accounts without some, and without those who were asked for and may be on their way. */
  wanted(limit: number, isLeftOut: (account: AccountId) => boolean): ReadonlyArray<AccountId> {
    const bound = Math.max(this.bound, this.writtenBefore)
    const size = this.needed.size()
    if (!this.isNeeded && size > bound) this.begins()
    else if (size < bound / 2) this.isNeeded = false
    if (!this.isNeeded) return []
    const accounts = this.needed.oldest(limit, account => this.asked.has(account) || isLeftOut(account))
    for (const account of accounts) this.asked.set(account, this.begun)
    return accounts
  }

  private begins(): void {
    this.isNeeded = true
    this.writtenBefore = this.written
    this.written = 0
  }

  /** A batch begins that has so many characters of snapshots; tells its number. */
  begin(characters: number): number {
    this.begun += 1
    this.written += characters
    return this.begun
  }

  /** The batch of this number is durable. Whoever was asked for before it and is not in it can be asked for again. */
  ended(batch: number): void {
    for (const [account, begun] of this.asked) if (begun < batch) this.asked.delete(account)
  }
}
