/** Which accounts have changes that are not durable yet, and who waits for them. */
import type { AccountId, Change } from './ports.js'

type AnyChange = Pick<Change<never>, '_tag' | 'account'>

export class Settling {
  private readonly pending = new Map<AccountId, number>()
  private readonly waiting = new Map<AccountId, Array<() => void>>()

  /** A change is under way. What is journalled of a step is no change that anybody waits for. */
  began({ _tag, account }: AnyChange): void {
    if (_tag !== 'Happened' && _tag !== 'Known' && _tag !== 'PutSnapshot')
      this.pending.set(account, (this.pending.get(account) ?? 0) + 1)
  }

  isSettled(account: AccountId): boolean {
    return !this.pending.has(account)
  }

  /** Remembers who waits for the account to be settled. */
  await(account: AccountId, callback: () => void): void {
    const callbacks = this.waiting.get(account)
    if (callbacks === undefined) this.waiting.set(account, [callback])
    else callbacks.push(callback)
  }

  /** These changes are durable. Returns the accounts that are settled by that, each once. */
  ended(changes: ReadonlyArray<AnyChange>): ReadonlyArray<AccountId> {
    const settled: Array<AccountId> = []
    for (const { _tag, account } of changes) {
      if (_tag === 'Happened' || _tag === 'Known' || _tag === 'PutSnapshot') continue
      const left = (this.pending.get(account) ?? 1) - 1
      if (left > 0) {
        this.pending.set(account, left)
        continue
      }
      this.pending.delete(account)
      settled.push(account)
    }
    return settled
  }

  /** Takes the next who waits, first come first served, as long as the account is settled. */
  next(account: AccountId): (() => void) | undefined {
    if (this.pending.has(account)) return undefined
    const callbacks = this.waiting.get(account)
    const next = callbacks?.shift()
    if (callbacks?.length === 0) this.waiting.delete(account)
    return next
  }
}
