/**
 * Spilled stanzas that are not durable yet: storage does not show them, so what a step needs of them is found here.
 */
import { advance, type Counter, type ReadSpilled, type Resource, type Unacked } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Change, SessionJournal } from './ports.js'

type Kept<A> = Extract<Change<A>, { readonly _tag: 'KeepUnacked' }>

export class PendingSpills<A> {
  private readonly pending = new Map<string, Unacked<A>>()

  constructor(private readonly journal: Pick<SessionJournal<A>, 'kept'>) {}

  /** Nothing is on its way. */
  get isEmpty(): boolean {
    return this.pending.size === 0
  }

  began({ account, resource, from, unacked }: Kept<A>): void {
    unacked.forEach((one, index) => {
      this.pending.set(keyOf(account, resource, advance(from, index)), one)
    })
  }

  /** The change is durable. A later one may have put other stanzas under the same numbers. */
  ended({ account, resource, from, unacked }: Kept<A>): void {
    unacked.forEach((one, index) => {
      const key = keyOf(account, resource, advance(from, index))
      if (this.pending.get(key) === one) this.pending.delete(key)
    })
  }

  /** Reads kept stanzas of an account. What is pending is newer, so it is a tail of what is asked for. */
  reader(account: AccountId): ReadSpilled<A> {
    return (resource, from, count) => {
      const durable = this.durableCount(account, resource, from, count)
      const stored = durable === 0 ? [] : this.journal.kept(account, resource, from, durable)
      return [...stored, ...this.pendingOf(account, resource, advance(from, durable), count - durable)]
    }
  }

  private durableCount(account: AccountId, resource: Resource, from: Counter, count: number): number {
    if (this.pending.size === 0) return count
    for (let index = 0; index < count; index += 1)
      if (this.pending.has(keyOf(account, resource, advance(from, index)))) return index
    return count
  }

  private pendingOf(account: AccountId, resource: Resource, from: Counter, count: number): ReadonlyArray<Unacked<A>> {
    return Array.from({ length: count }, (_, index) => {
      const number = advance(from, index)
      const one = this.pending.get(keyOf(account, resource, number))
      if (one === undefined)
        throw new Error(`stanza ${number} of ${account}/${resource} is neither kept nor on its way`)
      return one
    })
  }
}

const keyOf = (account: AccountId, resource: Resource, number: Counter): string => `${account}\n${resource}\n${number}`
