/** How rosters lie on disk: versioned, decoded by io-ts. */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { failure } from 'io-ts/lib/PathReporter.js'
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

/** One contact, version 1. */
const ItemRecord = t.intersection(
  [
    t.type({
      v: t.literal(1),
      jid: t.string,
      groups: t.readonlyArray(t.string),
      state: State,
      approved: t.boolean,
      listed: t.boolean,
    }),
    t.partial({ name: t.string, request: t.string }),
  ],
  'roster item',
)

/** What an account has once, version 1. */
const HeadRecord = t.type({ v: t.literal(1), version: t.number, blocked: t.readonlyArray(t.string) }, 'roster head')

/** The block list, version 1. */
const BlocksRecord = t.type({ v: t.literal(1), blocked: t.readonlyArray(t.string) }, 'block list')

export interface RosterHead {
  readonly version: number
  readonly blocked: ReadonlySet<string>
}

export const encodeItem = (item: RosterItem): unknown => ItemRecord.encode({ v: 1, ...item })

/** The contact, or what is wrong with its record. */
export const decodeItem = (record: unknown): Either.Either<string, RosterItem> =>
  decode(ItemRecord, record, ({ v: _, ...item }) => item)

export const encodeHead = ({ version, blocked }: RosterHead): unknown =>
  HeadRecord.encode({ v: 1, version, blocked: [...blocked] })

export const decodeHead = (record: unknown): Either.Either<string, RosterHead> =>
  decode(HeadRecord, record, ({ version, blocked }) => ({ version, blocked: new Set(blocked) }))

export const encodeBlocks = (blocked: ReadonlySet<string>): unknown =>
  BlocksRecord.encode({ v: 1, blocked: [...blocked] })

/** The addresses, or what is wrong with their record. */
export const decodeBlocks = (record: unknown): Either.Either<string, ReadonlySet<string>> =>
  decode(BlocksRecord, record, ({ blocked }) => new Set(blocked))

const decode = <A, B>(
  codec: t.Decoder<unknown, A>,
  record: unknown,
  use: (decoded: A) => B,
): Either.Either<string, B> => {
  const decoded = codec.decode(record)
  return Either.isRight(decoded) ? Either.right(use(decoded.right)) : Either.left(failure(decoded.left).join('; '))
}
