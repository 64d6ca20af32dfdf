/** Recovery: what was journalled, folded into the accounts as they were when the process ended. */
import { type Account, emptyAccount, type Instant, type Step } from '@smacks/core'
import type { AccountId, SessionJournal } from './ports.js'

export interface Recovered<A> {
  /** Those that have sessions. */
  readonly accounts: ReadonlyMap<AccountId, Account<A>>
  /** Accounts that cannot be told, and why. */
  readonly undecodable: ReadonlyMap<AccountId, string>
  /** The time of each account's last event, of those that have any. */
  readonly lastEvents: ReadonlyMap<AccountId, Instant>
  /** How many events were folded. */
  readonly events: number
}

/**
 * Folds the journal. What the steps would do to the world was done, or its cause was never seen outside: only states
 * come of it. `onProgress` is told now and then how many entries were read.
 */
export const recoverAccounts = <A>(
  makeStep: Step,
  journal: SessionJournal<A>,
  onProgress: (entries: number) => void,
): Recovered<A> => {
  const accounts = new Map<AccountId, Account<A>>()
  const undecodable = new Map<AccountId, string>()
  const lastEvents = new Map<AccountId, Instant>()
  let entries = 0
  let events = 0
  for (const entry of journal.recover()) {
    entries += 1
    if (entries % progressStride === 0) onProgress(entries)
    const { account } = entry
    switch (entry._tag) {
      case 'Known':
        accounts.set(account, entry.state)
        break
      case 'Happened':
        events += 1
        lastEvents.set(account, entry.event.at)
        accounts.set(account, makeStep(accounts.get(account) ?? emptyAccount, entry.event)[0])
        break
      case 'Undecodable':
        undecodable.set(account, entry.reason)
        break
    }
  }
  for (const [id, account] of accounts) if (account.sessions.length === 0 || undecodable.has(id)) accounts.delete(id)
  return { accounts, undecodable, lastEvents, events }
}

const progressStride = 10_000
