/** How sessions lie on disk: versioned JSON, decoded by io-ts. */
import { accountCodec, describeErrors, eventCodec, type Json, type PayloadCodec } from '@smacks/codec'
import type { Account, Event, Unacked } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import * as Either from 'fp-ts/lib/Either.js'
import { unackedRecord } from './unacked-record.js'

/** Writes and reads what is journalled of sessions. What cannot be read is told in one line. */
export interface SessionCodecs<A> {
  /** One line of the log: what happened, or what is known. */
  readonly encodeEntry: (account: AccountId, entry: LogEntry<A>) => string
  readonly decodeEntry: (line: string) => Either.Either<BadLine, ReadLine<A>>
  /** The account of a line, also of many that do not decode. */
  readonly accountOf: (line: string) => AccountId | undefined
  readonly encodeState: (state: Account<A>) => string
  /** A snapshot of an encoded state, or one that says that nothing is left. */
  readonly snapshotUpTo: (upTo: number, state: string | undefined) => string
  readonly decodeSnapshot: (text: string) => Either.Either<string, Snapshot<A>>
  readonly encodeUnacked: (unacked: Unacked<A>) => string
  readonly decodeUnacked: (text: string) => Either.Either<string, Unacked<A>>
}

export type LogEntry<A> =
  | { readonly _tag: 'Happened'; readonly event: Event<A> }
  | { readonly _tag: 'Known'; readonly state: Account<A> }

export interface ReadLine<A> {
  readonly account: AccountId
  /** Decodes the entry; not every line is wanted. */
  readonly entry: () => Either.Either<string, LogEntry<A>>
}

export interface BadLine {
  /** If that much can be read. */
  readonly account?: AccountId
  readonly reason: string
}

export interface Snapshot<A> {
  /** The last row of the log that is part of it. */
  readonly upTo: number
  /** Absent if nothing was left of the account. */
  readonly state?: Account<A>
}

/**
 * `absent` stands for the stanzas that came: they only count, so they are journalled without what is in them, and come
 * back as this.
 */
export const sessionCodecs = <A>(payload: PayloadCodec<A>, absent: A): SessionCodecs<A> => {
  const sparing: PayloadCodec<A> = {
    encode: stanza => (stanza === absent ? null : payload.encode(stanza)),
    decode: json => (json === null ? Either.right(absent) : payload.decode(json)),
  }
  const events = eventCodec(sparing)
  const accounts = accountCodec(sparing)
  const unacked = unackedRecord(payload)

  /** As the codec writes it; but most events are of the first two kinds, and for these there is a shorter way. */
  const encodeEvent = (event: Event<A>): unknown => {
    switch (event._tag) {
      case 'StanzaReceived': {
        const { _tag, at, resource, connection } = event
        return { _tag, at, resource, connection, stanza: null }
      }
      case 'StanzaSubmitted': {
        const { _tag, at, resource, stanza, facts } = event
        return { _tag, at, resource, stanza: sparing.encode(stanza), facts }
      }
      default:
        return events.encode(event)
    }
  }

  const decodeOf = (kind: unknown, data: unknown): Either.Either<string, LogEntry<A>> => {
    switch (kind) {
      case 'event':
        return Either.bimap(
          describeErrors,
          (event: Event<A>): LogEntry<A> => ({ _tag: 'Happened', event }),
        )(events.decode(data))
      case 'state':
        return Either.bimap(
          describeErrors,
          (state: Account<A>): LogEntry<A> => ({ _tag: 'Known', state }),
        )(accounts.decode(data))
      default:
        return Either.left(`found ${JSON.stringify(kind)?.slice(0, 80)}, allowed: "event", "state"`)
    }
  }

  return {
    encodeEntry: (account, entry) =>
      entry._tag === 'Happened'
        ? JSON.stringify([account, 'event', encodeEvent(entry.event)])
        : JSON.stringify([account, 'state', accounts.encode(entry.state)]),
    decodeEntry: line => {
      const json = parsed(line)
      if (Either.isLeft(json)) return Either.left({ reason: json.left, ...optionalAccount(beginningOf(line)) })
      const fields = json.right
      if (!Array.isArray(fields) || fields.length !== 3 || typeof fields[0] !== 'string') {
        const reason = `found ${line.slice(0, 80)}, allowed: [account, "event" or "state", what]`
        return Either.left({ reason, ...optionalAccount(beginningOf(line)) })
      }
      const [account, kind, data]: ReadonlyArray<unknown> = fields
      return Either.right({ account: String(account), entry: () => decodeOf(kind, data) })
    },
    accountOf: beginningOf,
    encodeState: state => JSON.stringify(accounts.encode(state)),
    snapshotUpTo: (upTo, state) => `{"v":1,"upTo":${upTo}${state === undefined ? '' : `,"state":${state}`}}`,
    decodeSnapshot: text => {
      const json = parsed(text)
      if (Either.isLeft(json)) return json
      const { v, upTo, state, ...others } = asObject(json.right)
      if (v !== 1 || !isRowNumber(upTo) || Object.keys(others).length > 0)
        return Either.left(`found ${text.slice(0, 80)}, allowed: {"v":1,"upTo":a row's number,"state":an account}`)
      if (state === undefined) return Either.right({ upTo })
      return Either.bimap(
        describeErrors,
        (decoded: Account<A>): Snapshot<A> => ({ upTo, state: decoded }),
      )(accounts.decode(state))
    },
    encodeUnacked: one => JSON.stringify(unacked.encode(one)),
    decodeUnacked: text => {
      const json = parsed(text)
      return Either.isLeft(json) ? json : Either.mapLeft(describeErrors)(unacked.decode(json.right))
    },
  }
}

/** Each line begins with its account, so that is there to be read even if the rest is not. */
const beginningOf = (line: string): AccountId | undefined => {
  const [, quoted] = /^\[("(?:[^"\\]|\\.)*"),/.exec(line) ?? []
  const account = quoted === undefined ? undefined : parsed(quoted)
  return account?._tag === 'Right' && typeof account.right === 'string' ? account.right : undefined
}

const optionalAccount = (account: AccountId | undefined): Pick<BadLine, 'account'> =>
  account === undefined ? {} : { account }

const isRowNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const parsed = (text: string): Either.Either<string, unknown> =>
  Either.tryCatch((): unknown => JSON.parse(text), String)

const asObject = (value: unknown): { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [key: string]: Json }) : {}
