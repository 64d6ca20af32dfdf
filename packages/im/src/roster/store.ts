/**
 * The rosters that are in memory. A changed one is written with the batch of its turn, so that whoever is told of the change
 * can rely on it.
 */
import type { AccountId } from '@smacks/runtime'
import { rosterBytesInMemory, rosterItemOverhead, rostersInMemory } from '../limits.js'
import type { RosterItem } from './item.js'
import { dropItem, putItem, type Roster, type RosterChange, setBlocked } from './roster.js'

export interface RosterStore {
  /** The roster as it was last put, also if that is not durable yet. */
  readonly read: (account: AccountId) => Roster
  /**
   * The account has this roster from now on. The caller writes its records; the result is to be called when that is done.
   * Until they are durable the roster stays in memory.
   */
  readonly replace: (account: AccountId, roster: Roster) => () => void
  /** Forgets what is in memory of an account that is removed, or whose changes are not stored. */
  readonly forget: (account: AccountId) => void
  /** UTF-8 bytes of all that is kept of the account here. */
  readonly bytes: (account: AccountId) => number
  /** The roster as clients see it. */
  readonly roster: (account: AccountId) => { readonly version: string; readonly items: Roster['items'] }
  readonly blocked: (account: AccountId) => ReadonlySet<string>
  readonly put: (account: AccountId, item: RosterItem) => void
  readonly drop: (account: AccountId, jid: string) => void
  readonly setBlocked: (account: AccountId, blocked: ReadonlySet<string>) => void
}

/** Where rosters are kept. What is written takes effect with the batch of the turn. */
export interface RosterStorage {
  readonly load: (account: AccountId) => Roster
  readonly write: (account: AccountId, records: RosterChange['records']) => void
  /** Calls back when `load` shows all that was written of the account. */
  readonly whenRecorded: (account: AccountId, callback: () => void) => void
}

export interface RosterStoreOptions {
  /** Rosters kept in memory beside those that are being written. */
  readonly capacity?: number
  /** Bytes of all of these, with what each item takes besides its text. */
  readonly bytesInMemory?: number
}

interface Entry {
  roster: Roster
  writes: number
}

/** A store over a storage. The rosters used last stay in memory, and each for as long as it is being written. */
export const rosterStore = (
  storage: RosterStorage,
  { capacity = rostersInMemory, bytesInMemory = rosterBytesInMemory }: RosterStoreOptions,
): RosterStore => {
  const entries = new Map<AccountId, Entry>()
  /** Bytes of all entries, with what their items take besides. */
  let total = 0

  const entryOf = (account: AccountId): Entry => {
    const known = entries.get(account)
    if (known !== undefined) return known
    const entry: Entry = { roster: storage.load(account), writes: 0 }
    evictFor(1, weightOf(entry.roster))
    entries.set(account, entry)
    total += weightOf(entry.roster)
    return entry
  }

  /** Makes room. Oldest first; what is being written stays, since the storage may not show it yet. */
  const evictFor = (count: number, bytes: number): void => {
    const isRoom = (): boolean => entries.size + count <= capacity && total + bytes <= bytesInMemory
    if (isRoom()) return
    for (const [account, { writes }] of entries) {
      if (writes === 0) forget(account)
      if (isRoom()) return
    }
  }

  const forget = (account: AccountId): void => {
    const entry = entries.get(account)
    if (entry === undefined) return
    total -= weightOf(entry.roster)
    entries.delete(account)
  }

  const replace = (account: AccountId, roster: Roster): (() => void) => {
    const entry = entryOf(account)
    total += weightOf(roster) - weightOf(entry.roster)
    entry.roster = roster
    entry.writes += 1
    evictFor(0, 0)
    return () =>
      storage.whenRecorded(account, () => {
        entry.writes -= 1
      })
  }

  const change = (account: AccountId, changed: (roster: Roster) => RosterChange): void => {
    const { roster, records } = changed(entryOf(account).roster)
    if (records.length === 0) return
    const isWritten = replace(account, roster)
    storage.write(account, records)
    isWritten()
  }

  return {
    read: account => entryOf(account).roster,
    replace,
    forget,
    bytes: account => entryOf(account).roster.bytes,
    roster: account => {
      const { version, items } = entryOf(account).roster
      return { version: String(version), items }
    },
    blocked: account => entryOf(account).roster.blocked,
    put: (account, item) => change(account, roster => putItem(roster, item)),
    drop: (account, jid) => change(account, roster => dropItem(roster, jid)),
    setBlocked: (account, blocked) => change(account, roster => setBlocked(roster, blocked)),
  }
}

const weightOf = ({ bytes, items }: Roster): number => bytes + items.size * rosterItemOverhead
