/**
 * Which accounts have changes that are not durable yet, and who waits for them.
 *
 * Changes become durable in the order in which they began. So whoever waits is told once those are durable that began
 * before, and new ones never keep anybody waiting.
 */

import type { AccountId } from './account-id.js'
import type { Change } from './ports.js'

type AnyChange = Pick<Change<never>, '_tag' | 'account'>

/** The changes that somebody may wait for. */
type Kind = Change<never>['_tag']

/** What the stores of messages and counts say of an account depends on these. */
export const ofStores: ReadonlySet<Kind> = new Set(['DropOffline', 'DropOldSession', 'PutOffline', 'PutOldSession'])

/** What its records and the stores of packages say depends on these. */
export const ofRecords: ReadonlySet<Kind> = new Set(['DropRecord', 'PutRecord', 'StoreChange'])

const noCallbacks: ReadonlyArray<() => void> = []

interface Course {
  /** How many changes began since the account was last settled. */
  begun: number
  /** How many of them are durable. */
  ended: number
  /** In the order in which they came; each waits for so many changes. */
  readonly waiting: Array<{ readonly changes: number; readonly callback: () => void }>
}

export class Settling {
  /** The accounts that are not settled. */
  private readonly courses = new Map<AccountId, Course>()

  constructor(private readonly kinds: ReadonlySet<Kind>) {}

  /** A change is under way. */
  began({ _tag, account }: AnyChange): void {
    if (!this.kinds.has(_tag)) return
    const course = this.courses.get(account)
    if (course === undefined) this.courses.set(account, { begun: 1, ended: 0, waiting: [] })
    else course.begun += 1
  }

  /** Nothing is under way. */
  isSettled(account: AccountId): boolean {
    return !this.courses.has(account)
  }

  /** Remembers who waits for what is under way; at once if there is nothing. */
  await(account: AccountId, callback: () => void): void {
    const course = this.courses.get(account)
    if (course === undefined) callback()
    else course.waiting.push({ changes: course.begun, callback })
  }

  /** These changes are durable. Returns who waited for them, and for nothing that is still under way. */
  ended(changes: ReadonlyArray<AnyChange>): ReadonlyArray<() => void> {
    // Mostly nothing is under way, and there is nothing to look up.
    if (this.courses.size === 0) return noCallbacks
    const told: Array<() => void> = []
    for (const { _tag, account } of changes) {
      const course = this.kinds.has(_tag) ? this.courses.get(account) : undefined
      if (course === undefined) continue
      course.ended += 1
      for (let next = course.waiting[0]; next !== undefined && next.changes <= course.ended; next = course.waiting[0]) {
        told.push(next.callback)
        course.waiting.shift()
      }
      if (course.ended === course.begun) this.courses.delete(account)
    }
    return told
  }
}
