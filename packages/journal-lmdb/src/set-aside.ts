/**
 * Sets accounts aside of which something does not decode: with the next batch, all that is journalled of them moves into
 * quarantine as it is, and so do lines of which nobody knows whose they are. To find out writes nothing, so that a full disk is no obstacle.
 */
import type { AccountId } from '@smacks/runtime'
import { bytesOfChange, bytesOfText } from './disk-reservation.js'
import { type QuarantinedLine, unknownAccount } from './quarantine.js'
import { linesOf, type OrphanLine, type Stored } from './stored.js'

export class SetAside<A> {
  private readonly waiting = new Map<AccountId, string>()
  private readonly orphans: Array<OrphanLine> = []
  private readonly moved: Set<AccountId>

  constructor(private readonly stored: Stored<A>) {
    this.moved = new Set(stored.quarantine.accounts())
  }

  /** Something of the account does not decode. */
  add(account: AccountId, reason: string): void {
    if (!this.isHeld(account)) this.waiting.set(account, reason)
  }

  /** Nobody knows whose line it is. False if it waits already. */
  addOrphan(orphan: OrphanLine): boolean {
    if (this.orphans.some(({ seq, line }) => seq === orphan.seq && line === orphan.line)) return false
    this.orphans.push(orphan)
    return true
  }

  /** The account is in quarantine: what is there must stay as it is. */
  isMoved(account: AccountId): boolean {
    return this.moved.has(account)
  }

  /** The account is in quarantine or will be: nothing may take the place of what is journalled of it. */
  isHeld(account: AccountId): boolean {
    return this.moved.has(account) || this.waiting.has(account)
  }

  /** True if anything waits to be moved. */
  isDue(): boolean {
    return this.waiting.size > 0 || this.orphans.length > 0
  }

  /** Bytes that `move` writes. */
  size(): number {
    const orphans = [...this.orphans, ...(this.stored.quarantine.read(unknownAccount)?.lines ?? [])]
    let size = orphans.reduce((sum, { text }) => sum + bytesOfText(text.length), bytesOfChange)
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
    const accounts = [...this.waiting.keys()]
    const orphans = this.orphans.length
    if (accounts.length > 0) this.moveAccounts(accounts, upTo)
    if (orphans > 0) this.moveOrphans()
    return () => {
      for (const account of accounts) {
        this.waiting.delete(account)
        this.moved.add(account)
      }
      this.orphans.splice(0, orphans)
      return accounts
    }
  }

  private moveAccounts(accounts: ReadonlyArray<AccountId>, upTo: number): void {
    const { quarantine, snapshots } = this.stored
    const known = new Set(quarantine.accounts())
    for (const [account, lines] of linesOf(this.stored, accounts)) {
      // A transaction of which nobody knew that it was committed may have moved it.
      if (known.has(account)) continue
      const snapshot = snapshots.get(account)
      const reason = this.waiting.get(account) ?? ''
      quarantine.put(account, { reason, upTo, lines, ...(snapshot === undefined ? {} : { snapshot }) })
      snapshots.removeSync(account)
    }
  }

  private moveOrphans(): void {
    const { quarantine } = this.stored
    const before = quarantine.read(unknownAccount)
    const fresh = this.orphans.filter(({ seq }) => seq > (before?.upTo ?? 0))
    const last = fresh[fresh.length - 1]
    if (last === undefined) return
    const lines: ReadonlyArray<QuarantinedLine> = fresh.map(({ seq, text }) => ({ seq, text }))
    const reason = `journal-log, row ${last.seq}, line ${last.line}: ${last.reason}`
    quarantine.put(unknownAccount, { reason, upTo: last.seq, lines: [...(before?.lines ?? []), ...lines] })
  }
}
