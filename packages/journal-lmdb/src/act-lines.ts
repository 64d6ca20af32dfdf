/** Acts as lines of the log, behind their mark, and back: a process that was killed left some that are not done. */

import { describeErrors, factsCodec, type Json, type PayloadCodec, parseJson } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Act, OtherChange } from './acts.js'
import { actMark } from './log-rows.js'

/** Where a kept stanza stands that came with an event of the same row: the event's line, and the way to it in the event. */
export type StanzaPlace = readonly [line: number, ...way: ReadonlyArray<number | string>]

/** What is kept, where its stanza and facts stand in a line of the same row. */
export const placedStanza = (at: number, place: StanzaPlace, others: Json | undefined): string =>
  JSON.stringify({ v: 1, at, in: place, ...(others === undefined ? {} : { others }) })

const line = (account: AccountId, kind: string, ...fields: ReadonlyArray<string>): string =>
  `${actMark}[${[JSON.stringify(account), JSON.stringify(kind), ...fields].join(',')}]`

export const snapshotLine = (account: AccountId, state: string | undefined): string =>
  state === undefined ? line(account, 'snapshot') : line(account, 'snapshot', `{${state}}`)

/** Each of them is encoded, or placed (`placedStanza`). */
export const keepLine = (
  account: AccountId,
  resource: Resource,
  from: number,
  stanzas: ReadonlyArray<string>,
): string => line(account, 'keep', JSON.stringify(resource), String(from), `[${stanzas.join(',')}]`)

export const forgetLine = (account: AccountId, resource: Resource, from: number, count: number): string =>
  line(account, 'forget', JSON.stringify(resource), String(from), String(count))

/** Throws an `Error` if the change cannot be written. */
export const otherLine = <A>(payload: PayloadCodec<A>, change: OtherChange<A>): string => {
  const { account } = change
  const written = (kind: string, ...fields: ReadonlyArray<Json>): string =>
    line(account, kind, ...fields.map(field => JSON.stringify(field)))
  switch (change._tag) {
    case 'PutOffline':
      return written('offline', change.at, factsCodec.encode(change.facts), payload.encode(change.stanza))
    case 'DropOffline':
      return written('drop-offline', change.keys)
    case 'PutOldSession': {
      const { smId, h, at } = change.session
      return written('old-session', smId, h, at)
    }
    case 'DropOldSession':
      return written('drop-old-session', change.smId)
    case 'PutRecord':
      return written('record', change.kind, change.name, change.text)
    case 'DropRecord':
      return written('drop-record', change.kind, change.name)
    case 'StoreChange': {
      const data: string | undefined = JSON.stringify(change.data)
      if (data === undefined) throw new Error('its data cannot be written as JSON')
      return line(account, 'store', JSON.stringify(change.kind), String(change.size), data)
    }
  }
}

/** The act of a line, without its mark; `lines` are the others of its row. */
export const decodeAct = <A>(
  payload: PayloadCodec<A>,
  text: string,
  lines: ReadonlyArray<string>,
): Either.Either<string, Act<A>> => {
  const json = parseJson(text)
  if (Either.isLeft(json)) return json
  const decoded = actCodec.decode(json.right)
  if (Either.isLeft(decoded)) return Either.left(describeErrors(decoded.left))
  const fields = decoded.right
  const [account, kind] = fields
  switch (fields[1]) {
    case 'snapshot':
      return Either.right({ _tag: 'Snapshot', account, state: membersOf(fields[2]) })
    case 'keep': {
      const [, , resource, from, stanzas] = fields
      const texts = stanzas.map(stanza => textOf(stanza, lines))
      if (texts.some(one => one === undefined)) return Either.left(`${kind}: a stanza is not where it should be`)
      return Either.right({ _tag: 'Keep', account, resource, from, texts: texts.filter(one => one !== undefined) })
    }
    case 'forget':
      return Either.right({ _tag: 'Forget', account, resource: fields[2], from: fields[3], count: fields[4] })
    default:
      return Either.map((change: OtherChange<A>): Act<A> => ({ _tag: 'Other', account, change }))(
        otherOf(payload, fields),
      )
  }
}

const record = t.UnknownRecord

type OtherFields = t.TypeOf<typeof otherCodec>

const otherCodec = t.union([
  t.tuple([t.string, t.literal('offline'), t.number, factsCodec, t.unknown]),
  t.tuple([t.string, t.literal('drop-offline'), t.array(t.number)]),
  t.tuple([t.string, t.literal('old-session'), t.string, t.number, t.number]),
  t.tuple([t.string, t.literal('drop-old-session'), t.string]),
  t.tuple([t.string, t.literal('record'), t.string, t.string, t.string]),
  t.tuple([t.string, t.literal('drop-record'), t.string, t.string]),
  t.tuple([t.string, t.literal('store'), t.string, t.number, t.unknown]),
])

const actCodec = t.union([
  t.tuple([t.string, t.literal('snapshot'), t.union([record, t.undefined])]),
  t.tuple([t.string, t.literal('keep'), t.string, t.number, t.array(record)]),
  t.tuple([t.string, t.literal('forget'), t.string, t.number, t.number]),
  otherCodec,
])

const otherOf = <A>(payload: PayloadCodec<A>, fields: OtherFields): Either.Either<string, OtherChange<A>> => {
  const [account] = fields
  switch (fields[1]) {
    case 'offline': {
      const [, , at, facts, stanza] = fields
      return Either.map((decoded: A): OtherChange<A> => ({ _tag: 'PutOffline', account, stanza: decoded, facts, at }))(
        payload.decode(stanza),
      )
    }
    case 'drop-offline':
      return Either.right({ _tag: 'DropOffline', account, keys: fields[2] })
    case 'old-session': {
      const [, , smId, h, at] = fields
      return Either.right({ _tag: 'PutOldSession', account, session: { smId, h, at } })
    }
    case 'drop-old-session':
      return Either.right({ _tag: 'DropOldSession', account, smId: fields[2] })
    case 'record':
      return Either.right({ _tag: 'PutRecord', account, kind: fields[2], name: fields[3], text: fields[4] })
    case 'drop-record':
      return Either.right({ _tag: 'DropRecord', account, kind: fields[2], name: fields[3] })
    case 'store':
      return Either.right({ _tag: 'StoreChange', account, kind: fields[2], size: fields[3], data: fields[4] })
  }
}

/** An object without its braces. */
const membersOf = (value: object | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value).slice(1, -1)

/** A kept stanza as it lies in LMDB. */
const textOf = (stanza: { readonly [key: string]: unknown }, lines: ReadonlyArray<string>): string | undefined => {
  if (!('in' in stanza)) return JSON.stringify(stanza)
  const { v, at, in: place, others } = stanza
  const [index, ...way] = Array.isArray(place) ? (place as ReadonlyArray<unknown>) : []
  const event = parseJson(lines[Number(index)] ?? '')
  if (Either.isLeft(event)) return undefined
  const holder = way.reduce(memberOf, memberOf(event.right, 2))
  const [found, facts] = [memberOf(holder, 'stanza'), memberOf(holder, 'facts')]
  if (found === undefined || facts === undefined) return undefined
  return JSON.stringify({ v, at, facts, stanza: found, ...(others === undefined ? {} : { others }) })
}

const memberOf = (value: unknown, key: unknown): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, String(key))
    ? (value as { readonly [key: string]: unknown })[String(key)]
    : undefined
