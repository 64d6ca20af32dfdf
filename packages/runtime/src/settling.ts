/** Which accounts have changes that are not durable yet, and who waits for them. */
import type { AccountId } from './ports.js'

export class Settling {
  private readonly pending = new Map<AccountId, number>()
  private readonly waiting = new Map<AccountId, Array<() => void>>()

  /** A change of the account is under way. */
  began(account: AccountId): void {
    this.pending.set(account, (this.pending.get(account) ?? 0) + 1)
  }

  isSettled(account: AccountId): boolean {
    return !this.pending.has(account)
  }

  /** Calls back when the account is settled. */
  await(account: AccountId, callback: () => void): void {
    const callbacks = this.waiting.get(account)
    if (callbacks === undefined) this.waiting.set(account, [callback])
    else callbacks.push(callback)
  }

  /** These changes are durable. Returns the callbacks whose accounts are settled by that. */
  ended(changes: ReadonlyArray<{ readonly account: AccountId }>): ReadonlyArray<() => void> {
    const due: Array<() => void> = []
    for (const { account } of changes) {
      const left = (this.pending.get(account) ?? 1) - 1
      if (left > 0) {
        this.pending.set(account, left)
        continue
      }
      this.pending.delete(account)
      due.push(...(this.waiting.get(account) ?? []))
      this.waiting.delete(account)
    }
    return due
  }
}
