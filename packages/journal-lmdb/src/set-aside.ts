/**
 * Sets accounts aside of which something does not decode: with the next batch, all that is journalled of them moves into
 * quarantine as it is. To find out writes nothing, so that a full disk is no obstacle.
 */
import type { AccountId } from '@smacks/runtime'
import { bytesOfChange, bytesOfText } from './file-room.js'
import { linesOf, type Stored } from './stored.js'

export class SetAside<A> {
  private readonly waiting = new Map<AccountId, string>()
  private readonly moved: Set<AccountId>

  constructor(private readonly stored: Stored<A>) {
    this.moved = new Set(stored.quarantine.accounts())
  }

  /** Something of the account does not decode. */
  add(account: AccountId, reason: string): void {
    if (!this.isHeld(account)) this.waiting.set(account, reason)
  }

  /** The account is in quarantine: what is there must stay as it is. */
  isMoved(account: AccountId): boolean {
    return this.moved.has(account)
  }

  /** The account is in quarantine or will be: nothing may take the place of what is journalled of it. */
  isHeld(account: AccountId): boolean {
    return this.moved.has(account) || this.waiting.has(account)
  }

  /** True if anyone waits to be moved. */
  isDue(): boolean {
    return this.waiting.size > 0
  }

  /** Bytes that `move` writes. */
  size(): number {
    let size = 0
    for (const [account, lines] of linesOf(this.stored, this.waiting.keys())) {
      const texts = [this.stored.snapshots.get(account) ?? '', ...lines.map(({ text }) => text)]
      size += texts.reduce((sum, { length }) => sum + bytesOfText(length), 2 * bytesOfChange)
    }
    return size
  }

  /**
   * Belongs into a transaction, after what it has to say of these accounts; `upTo` is its row. What comes back is to be
   * called when that is committed.
   */
  move(upTo: number): () => ReadonlyArray<AccountId> {
    const { quarantine, snapshots } = this.stored
    const accounts = [...this.waiting.keys()]
    const known = new Set(quarantine.accounts())
    for (const [account, lines] of linesOf(this.stored, accounts)) {
      // A transaction of which nobody knew that it was committed may have moved it.
      if (known.has(account)) continue
      const snapshot = snapshots.get(account)
      const reason = this.waiting.get(account) ?? ''
      quarantine.put(account, { reason, upTo, lines, ...(snapshot === undefined ? {} : { snapshot }) })
      snapshots.removeSync(account)
    }
    return () => {
      for (const account of accounts) {
        this.waiting.delete(account)
        this.moved.add(account)
      }
      return accounts
    }
  }
}
