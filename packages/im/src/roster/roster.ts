/** The roster and the block list of an account as a value, and what is written of each change of it. */
import { utf8Length } from '@smacks/codec'
import { LayeredMap } from '../layered-map.js'
import { pendingRequests, rosterItems } from '../limits.js'
import type { DropRecord, PutRecord } from '../record-effects.js'
import { bytesOfItem, compactItem, isSameItem, type RosterItem } from './item.js'
import { encodeBlocks, encodeHead, encodeItem } from './record.js'
import { recordName } from './record-name.js'

/** The kind of the records. */
export const rosterRecords = 'rosters'

/** Names that are no JIDs: the roster's version, beside which earlier versions wrote the block list, and the block list. */
export const [headRecord, blocksRecord] = ['', ' blocks']

/** All that is kept of an account's contacts. */
export interface Roster {
  /** Changes with each change that clients can see; never the same for two different rosters of an account (RFC 6121 §2.6). */
  readonly version: number
  /** By the contact's bare JID. */
  readonly items: ReadonlyMap<string, RosterItem>
  /** The addresses the account blocks (XEP-0191), normalised. */
  readonly blocked: ReadonlySet<string>
  /** The record of the block list says so already; otherwise it is written with the next change. */
  readonly isBlockListWritten: boolean
  /** UTF-8 bytes of all of it. */
  readonly bytes: number
}

/** A changed roster, and the records that say so. */
export interface RosterChange {
  readonly roster: Roster
  readonly records: ReadonlyArray<DropRecord | PutRecord>
}

export const rosterOf = (read: Omit<Roster, 'bytes'>): Roster => {
  let bytes = bytesOfAddresses(read.blocked)
  for (const item of read.items.values()) bytes += bytesOfItem(item)
  return { ...read, bytes }
}

/** True if a contact can be added. Requests of others, which are bounded too, take no room. */
export const hasRoom = ({ items }: Pick<Roster, 'items'>): boolean => items.size < rosterItems + pendingRequests

/** Adds or replaces an item; one that is so already is not written again, and makes no new version. */
export const putItem = (roster: Roster, item: RosterItem): RosterChange => {
  const before = roster.items.get(item.jid)
  if (before !== undefined && isSameItem(before, item)) return { roster, records: [] }
  const bytes = roster.bytes + bytesOfItem(item) - (before === undefined ? 0 : bytesOfItem(before))
  const items = LayeredMap.of(roster.items).with(item.jid, compactItem(item))
  return newVersion({ ...roster, items, bytes }, put(recordName(item.jid), encodeItem(item)))
}

/** Removes an item; one that is not there is allowed. */
export const dropItem = (roster: Roster, jid: string): RosterChange => {
  const before = roster.items.get(jid)
  if (before === undefined) return { roster, records: [] }
  const items = LayeredMap.of(roster.items).without(jid)
  return newVersion({ ...roster, items, bytes: roster.bytes - bytesOfItem(before) }, drop(recordName(jid)))
}

/** Replaces the block list. */
export const setBlocked = (roster: Roster, blocked: ReadonlySet<string>): RosterChange => {
  if (isSame(blocked, roster.blocked)) return { roster, records: [] }
  const bytes = roster.bytes + bytesOfAddresses(blocked) - bytesOfAddresses(roster.blocked)
  return withHead({ ...roster, blocked, bytes, isBlockListWritten: false })
}

const newVersion = (roster: Roster, record: DropRecord | PutRecord): RosterChange => {
  const { roster: after, records } = withHead({ ...roster, version: roster.version + 1 })
  return { roster: after, records: [record, ...records] }
}

const withHead = (roster: Roster): RosterChange => {
  const { version, blocked, isBlockListWritten } = roster
  const head = put(headRecord, encodeHead({ version, blocked: new Set() }))
  if (isBlockListWritten) return { roster, records: [head] }
  const blocks = blocked.size > 0 ? put(blocksRecord, encodeBlocks(blocked)) : drop(blocksRecord)
  return { roster: { ...roster, isBlockListWritten: true }, records: [blocks, head] }
}

const put = (name: string, value: unknown): PutRecord => ({
  _tag: 'PutRecord',
  kind: rosterRecords,
  name,
  text: JSON.stringify(value),
})

const drop = (name: string): DropRecord => ({ _tag: 'DropRecord', kind: rosterRecords, name })

const bytesOfAddresses = (addresses: ReadonlySet<string>): number => {
  let bytes = 0
  for (const address of addresses) bytes += utf8Length(address)
  return bytes
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every(address => other.has(address))
