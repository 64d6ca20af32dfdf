/** How rosters lie on disk: versioned, decoded by io-ts. */
import { type VersionedRecord, versionedRecord } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { subscriptionStates } from '../presence/subscription.js'
import type { RosterItem } from './item.js'

const State = new t.Type<RosterItem['state'], string>(
  'subscription state',
  (value): value is RosterItem['state'] => subscriptionStates.some(state => state === value),
  (value, context) => {
    const known = subscriptionStates.find(state => state === value)
    return known === undefined ? t.failure(value, context) : t.success(known)
  },
  t.identity,
)

/** One contact. */
const itemRecord: VersionedRecord<RosterItem> = versionedRecord(
  t.intersection(
    [
      t.type({
        jid: t.string,
        groups: t.readonlyArray(t.string),
        state: State,
        approved: t.boolean,
        listed: t.boolean,
      }),
      t.partial({ name: t.string, request: t.string }),
    ],
    'roster item',
  ),
)

/** What an account has once. */
const headRecord = versionedRecord(t.type({ version: t.number, blocked: t.readonlyArray(t.string) }, 'roster head'))

/** The block list. */
const blocksRecord = versionedRecord(t.type({ blocked: t.readonlyArray(t.string) }, 'block list'))

export interface RosterHead {
  readonly version: number
  readonly blocked: ReadonlySet<string>
}

export const encodeItem = itemRecord.encode

/** The contact, or what is wrong with its record. */
export const decodeItem = itemRecord.decode

export const encodeHead = ({ version, blocked }: RosterHead): object =>
  headRecord.encode({ version, blocked: [...blocked] })

export const decodeHead = (record: unknown): Either.Either<string, RosterHead> =>
  Either.map(({ version, blocked }: { readonly version: number; readonly blocked: ReadonlyArray<string> }) => ({
    version,
    blocked: new Set(blocked),
  }))(headRecord.decode(record))

export const encodeBlocks = (blocked: ReadonlySet<string>): object => blocksRecord.encode({ blocked: [...blocked] })

/** The addresses, or what is wrong with their record. */
export const decodeBlocks = (record: unknown): Either.Either<string, ReadonlySet<string>> =>
  Either.map(({ blocked }: { readonly blocked: ReadonlyArray<string> }) => new Set(blocked))(
    blocksRecord.decode(record),
  )
