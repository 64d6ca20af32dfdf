/**
 * Rosters and block lists as the domain uses them: read from memory, and written with the batch of the turn, so that
 * whoever is told of a change can rely on it.
 */
import { utf8Length } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { pendingRequests, rosterBytesInMemory, rosterItemOverhead, rosterItems, rostersInMemory } from '../limits.js'
import { bytesOfItem, compactItem, isSameItem, type RosterItem } from './item.js'

export interface Roster {
  /** Changes with each change that clients can see; never the same for two different rosters of an account (RFC 6121 §2.6). */
  readonly version: string
  /** By the contact's bare JID. */
  readonly items: ReadonlyMap<string, RosterItem>
}

/** True if a contact can be added. Requests of others, which are bounded too, take no room. */
export const hasRoom = ({ items }: Roster): boolean => items.size < rosterItems + pendingRequests

export interface RosterStore {
  /** The roster as it was last put, also if that is not durable yet. */
  readonly roster: (account: AccountId) => Roster
  /** Adds or replaces an item; one that is so already is not written again, and makes no new version. */
  readonly put: (account: AccountId, item: RosterItem) => void
  /** Removes an item; one that is not there is allowed. */
  readonly drop: (account: AccountId, jid: string) => void
  /** The addresses the account blocks (XEP-0191), normalised. */
  readonly blocked: (account: AccountId) => ReadonlySet<string>
  /** UTF-8 bytes of all that is kept of the account here. */
  readonly bytes: (account: AccountId) => number
  /** Forgets what is in memory of an account that is removed. */
  readonly forget: (account: AccountId) => void
  readonly setBlocked: (account: AccountId, blocked: ReadonlySet<string>) => void
}

/** All that is kept for one account. */
export interface RosterState {
  version: number
  readonly items: Map<string, RosterItem>
  blocked: ReadonlySet<string>
}

/** Where rosters are kept. What is written takes effect with the batch of the turn. */
export interface RosterShelf {
  readonly load: (account: AccountId) => RosterState | undefined
  readonly saveItem: (account: AccountId, item: RosterItem) => void
  readonly dropItem: (account: AccountId, jid: string) => void
  readonly saveHead: (account: AccountId, head: Omit<RosterState, 'items'>) => void
  /** Calls back when `load` shows all that was written of the account. */
  readonly whenRecorded: (account: AccountId, callback: () => void) => void
}

export interface RosterStoreOptions {
  /** The first version of a new roster: the time, so that a roster made anew has no version of an older one. */
  readonly now: () => number
  /** Rosters kept in memory beside those that are being written. */
  readonly capacity?: number
  /** Bytes of all of these, with what each item takes besides its text. */
  readonly bytesInMemory?: number
}

interface Entry {
  readonly state: RosterState
  bytes: number
  writes: number
}

/** A store over a shelf. The rosters used last stay in memory, and each for as long as it is being written. */
export const rosterStore = (
  shelf: RosterShelf,
  { now, capacity = rostersInMemory, bytesInMemory = rosterBytesInMemory }: RosterStoreOptions,
): RosterStore => {
  const entries = new Map<AccountId, Entry>()
  /** Bytes of all entries, with what their items take besides. */
  let total = 0

  const entryOf = (account: AccountId): Entry => {
    const known = entries.get(account)
    if (known !== undefined) return known
    const state = shelf.load(account) ?? { version: now(), items: new Map(), blocked: new Set<string>() }
    const entry: Entry = { state, bytes: bytesOf(state), writes: 0 }
    evictFor(1, weightOf(entry))
    entries.set(account, entry)
    total += weightOf(entry)
    return entry
  }

  /** Makes room. Oldest first; what is being written stays, since the shelf may not show it yet. */
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
    total -= weightOf(entry)
    entries.delete(account)
  }

  const resize = (entry: Entry, bytes: number, items: number): void => {
    entry.bytes += bytes
    total += bytes + items * rosterItemOverhead
  }

  const written = (account: AccountId, entry: Entry): void => {
    entry.writes += 1
    evictFor(0, 0)
    shelf.whenRecorded(account, () => {
      entry.writes -= 1
    })
  }

  const changed = (account: AccountId, entry: Entry): void => {
    entry.state.version += 1
    shelf.saveHead(account, entry.state)
    written(account, entry)
  }

  return {
    roster: account => {
      const { version, items } = entryOf(account).state
      return { version: String(version), items }
    },
    put: (account, item) => {
      const entry = entryOf(account)
      const before = entry.state.items.get(item.jid)
      if (before !== undefined && isSameItem(before, item)) return
      resize(entry, bytesOfItem(item) - bytesIn(before), before === undefined ? 1 : 0)
      entry.state.items.set(item.jid, compactItem(item))
      shelf.saveItem(account, item)
      changed(account, entry)
    },
    drop: (account, jid) => {
      const entry = entryOf(account)
      const before = entry.state.items.get(jid)
      if (before === undefined) return
      resize(entry, -bytesOfItem(before), -1)
      entry.state.items.delete(jid)
      shelf.dropItem(account, jid)
      changed(account, entry)
    },
    blocked: account => entryOf(account).state.blocked,
    bytes: account => entryOf(account).bytes,
    forget,
    setBlocked: (account, blocked) => {
      const entry = entryOf(account)
      if (isSame(blocked, entry.state.blocked)) return
      resize(entry, bytesOfAddresses(blocked) - bytesOfAddresses(entry.state.blocked), 0)
      entry.state.blocked = blocked
      shelf.saveHead(account, entry.state)
      written(account, entry)
    },
  }
}

const weightOf = ({ bytes, state }: Entry): number => bytes + state.items.size * rosterItemOverhead

const bytesOf = ({ items, blocked }: RosterState): number => {
  let bytes = bytesOfAddresses(blocked)
  for (const item of items.values()) bytes += bytesOfItem(item)
  return bytes
}

const bytesIn = (item: RosterItem | undefined): number => (item === undefined ? 0 : bytesOfItem(item))

const bytesOfAddresses = (addresses: ReadonlySet<string>): number => {
  let bytes = 0
  for (const address of addresses) bytes += utf8Length(address)
  return bytes
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every(address => other.has(address))
