/**
 * Rosters as records of the journal: one for each contact, one for the version and one for the block list, so that a change
 * costs the same however long the roster or the block list is. They are part of the batch of their turn: what a client was told of its roster, it has.
 */
import { parseJson } from '@smacks/codec'
import type { AccountId, Journal, Runtime } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import type { RosterItem } from './item.js'
import { decodeBlocks, decodeHead, decodeItem } from './record.js'
import { blocksRecord, headRecord, type Roster, rosterOf, rosterRecords } from './roster.js'
import { type RosterStore, rosterStore } from './store.js'

export interface RostersOptions {
  readonly records: Journal<unknown>['records']
  readonly runtime: Pick<Runtime<never>, 'change' | 'whenRecorded'>
  /** Told of a record that does not decode. It stays where it is, and the contact is left out until it is put anew. */
  readonly onBadRecord: (account: AccountId, reason: string) => void
  /** Milliseconds since 1970: the first version of a new roster, so that one made anew has no version of an older one. */
  readonly now: () => number
  /** Rosters kept in memory beside those that are being written. */
  readonly capacity?: number
  /** Bytes of all of these, with what each item takes besides its text. */
  readonly bytesInMemory?: number
}

/**
 * Rosters that are read from records when they are first asked for, and whose changes are in the batch of their turn.
 * `capacity` and `bytesInMemory` bound what is kept of them in memory.
 */
export const openRosters = (options: RostersOptions): RosterStore => {
  const { runtime, capacity, bytesInMemory } = options
  return rosterStore(
    {
      load: account => load(options, account),
      write: (account, records) => {
        for (const record of records) runtime.change({ ...record, account })
      },
      whenRecorded: (account, callback) => runtime.whenRecorded(account, callback),
    },
    {
      ...(capacity === undefined ? {} : { capacity }),
      ...(bytesInMemory === undefined ? {} : { bytesInMemory }),
    },
  )
}

const load = ({ records, onBadRecord, now }: RostersOptions, account: AccountId): Roster => {
  const items = new Map<string, RosterItem>()
  let version = now()
  let blocked: ReadonlySet<string> = new Set()
  let isBlockListWritten = false
  const use = <A>(decoded: Either.Either<string, A>, found: (value: A) => void, name = ''): void => {
    if (Either.isRight(decoded)) found(decoded.right)
    else onBadRecord(account, `${name}${decoded.left}`)
  }
  for (const { name, text } of records(rosterRecords, account)) {
    const json = parseJson(text)
    if (name === headRecord)
      use(Either.chain(decodeHead)(json), head => {
        version = head.version
        if (!isBlockListWritten) blocked = head.blocked
      })
    else if (name === blocksRecord) {
      isBlockListWritten = true
      use(Either.chain(decodeBlocks)(json), addresses => {
        blocked = addresses
      })
    } else use(Either.chain(decodeItem)(json), item => void items.set(item.jid, item), `${name}: `)
  }
  return rosterOf({ version, items, blocked, isBlockListWritten })
}
