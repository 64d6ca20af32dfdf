/** What was journalled, folded into the accounts as they were when the process ended. */
import { type Account, type Config, type Instant, isVacant, recount } from '@smacks/core'
import type { AccountId } from './account-id.js'
import { createFold, type Folded } from './fold.js'
import type { SessionJournal } from './ports.js'

export interface Recovered<A> {
  /** Those that have sessions, or some that are to be settled. */
  readonly accounts: ReadonlyMap<AccountId, RecoveredAccount<A>>
  /** Accounts that cannot be told, and why. */
  readonly undecodable: ReadonlyMap<AccountId, string>
  /** The time of each account's last event, of those that have any. */
  readonly lastEvents: ReadonlyMap<AccountId, Instant>
  /** How many events were folded. */
  readonly events: number
}

export interface RecoveredAccount<A> {
  readonly state: Account<A>
  /** The options that its next event is to be stepped under. */
  readonly config: Config
  /** They are journalled with it; if not, they have to be before anything else happens. */
  readonly isConfigJournalled: boolean
}

/**
 * Folds the journal. What the steps would do to the world was done, or its cause was never seen outside: only states
 * come of it. `today`: the options in force. `onProgress` is told now and then how many entries were read.
 */
export const recoverAccounts = <A>(
  today: Config,
  journal: SessionJournal<A>,
  onProgress: (entries: number) => void,
): Recovered<A> => {
  const fold = createFold(today)
  const folded = new Map<AccountId, Folded<A>>()
  const told = new Set<AccountId>()
  const undecodable = new Map<AccountId, string>()
  const lastEvents = new Map<AccountId, Instant>()
  let entries = 0
  let events = 0
  for (const entry of journal.recover()) {
    entries += 1
    if (entries % progressStride === 0) onProgress(entries)
    const { account } = entry
    if (entry._tag === 'Undecodable') {
      undecodable.set(account, entry.reason)
      continue
    }
    if (entry._tag === 'EventLogged') {
      events += 1
      lastEvents.set(account, entry.event.at)
    }
    if (entry._tag === 'Baseline' ? entry.config !== undefined : entry.event._tag === 'ConfigChanged') told.add(account)
    folded.set(account, fold(folded.get(account), entry))
  }
  const accounts = new Map<AccountId, RecoveredAccount<A>>()
  for (const [id, { state, config }] of folded) {
    if (isVacant(state) || undecodable.has(id)) continue
    const isConfigJournalled = told.has(id)
    const counted = isConfigJournalled ? state : recount(state, (...asked) => journal.countKept(id, ...asked))
    accounts.set(id, { state: counted, config, isConfigJournalled })
  }
  return { accounts, undecodable, lastEvents, events }
}

const progressStride = 10_000
