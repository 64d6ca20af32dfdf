/** Which accounts have changes that are not durable yet, and who waits for them. */
import type { AccountId, Change } from './ports.js'

type AnyChange = Pick<Change<never>, '_tag' | 'account'>

/** The changes that somebody may wait for. */
type Kind = Change<never>['_tag']

/** What the stores of messages and counts say of an account depends on these. */
export const ofStores: ReadonlySet<Kind> = new Set(['DropOffline', 'DropOldSession', 'PutOffline', 'PutOldSession'])

/** What its records say depends on these. */
export const ofRecords: ReadonlySet<Kind> = new Set(['DropRecord', 'PutRecord'])

export class Settling {
  private readonly pending = new Map<AccountId, number>()
  private readonly waiting = new Map<AccountId, Array<() => void>>()

  constructor(private readonly kinds: ReadonlySet<Kind>) {}

  /** A change is under way. */
  began({ _tag, account }: AnyChange): void {
    if (this.kinds.has(_tag)) this.pending.set(account, (this.pending.get(account) ?? 0) + 1)
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
      if (!this.kinds.has(_tag)) continue
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
