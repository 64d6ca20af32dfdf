/**
 * Rosters as records of the journal: one for each contact, one for the version and one for the block list, so that a change
 * costs the same however long the roster or the block list is. They are part of the batch of their turn: what a client was told of its roster, it has.
 */
import type { AccountId, Journal, Runtime } from '@smacks/runtime'
import * as Either from 'fp-ts/lib/Either.js'
import type { RosterItem } from './item.js'
import { decodeBlocks, decodeHead, decodeItem, encodeBlocks, encodeHead, encodeItem } from './record.js'
import { recordName } from './record-name.js'
import { type RosterState, type RosterStore, rosterStore } from './store.js'

export interface RostersOptions {
  readonly records: Journal<unknown>['records']
  readonly runtime: Pick<Runtime<never>, 'change' | 'whenRecorded'>
  /** Told of a record that does not decode. It stays where it is, and the contact is left out until it is put anew. */
  readonly onBadRecord: (account: AccountId, reason: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Rosters kept in memory beside those that are being written. */
  readonly capacity?: number
  /** Bytes of all of these, with what each item takes besides its text. */
  readonly bytesInMemory?: number
}

/** The kind of the records. */
export const rosterRecords = 'rosters'

/** Names that are no JIDs: the roster's version, beside which earlier versions wrote the block list, and the block list. */
const [head, blocks] = ['', ' blocks']

export const openRosters = (options: RostersOptions): RosterStore => {
  const { records, runtime, onBadRecord, now, capacity, bytesInMemory } = options

  /** Block lists that are written down apart from the version. */
  const writtenApart = new WeakSet<ReadonlySet<string>>()

  const load = (account: AccountId): RosterState | undefined => {
    const items = new Map<string, RosterItem>()
    let version = now()
    let blocked: ReadonlySet<string> = new Set()
    let found = false
    for (const { name, text } of records(rosterRecords, account)) {
      found = true
      const json = parsed(text)
      if (name === head) {
        const decoded = Either.chain(decodeHead)(json)
        if (Either.isRight(decoded)) ({ version, blocked } = decoded.right)
        else onBadRecord(account, decoded.left)
      } else if (name === blocks) {
        const decoded = Either.chain(decodeBlocks)(json)
        if (Either.isRight(decoded)) blocked = decoded.right
        else onBadRecord(account, decoded.left)
        writtenApart.add(blocked)
      } else {
        const decoded = Either.chain(decodeItem)(json)
        if (Either.isRight(decoded)) items.set(decoded.right.jid, decoded.right)
        else onBadRecord(account, `${name}: ${decoded.left}`)
      }
    }
    return found ? { version, items, blocked } : undefined
  }
  const put = (account: AccountId, name: string, value: unknown): void =>
    runtime.change({ _tag: 'PutRecord', kind: rosterRecords, account, name, text: JSON.stringify(value) })

  const drop = (account: AccountId, name: string): void =>
    runtime.change({ _tag: 'DropRecord', kind: rosterRecords, account, name })
  const saveHead = (account: AccountId, { version, blocked }: Omit<RosterState, 'items'>): void => {
    if (!writtenApart.has(blocked)) {
      if (blocked.size > 0) put(account, blocks, encodeBlocks(blocked))
      else drop(account, blocks)
      writtenApart.add(blocked)
    }
    put(account, head, encodeHead({ version, blocked: new Set() }))
  }

  return rosterStore(
    {
      load,
      saveItem: (account, item) => put(account, recordName(item.jid), encodeItem(item)),
      dropItem: (account, jid) => drop(account, recordName(jid)),
      saveHead,
      whenRecorded: runtime.whenRecorded,
    },
    {
      now,
      ...(capacity === undefined ? {} : { capacity }),
      ...(bytesInMemory === undefined ? {} : { bytesInMemory }),
    },
  )
}

const parsed = (text: string): Either.Either<string, unknown> =>
  Either.tryCatch((): unknown => JSON.parse(text), String)
