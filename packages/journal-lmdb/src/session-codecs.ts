/** How sessions lie on disk: versioned JSON, decoded by io-ts. */
import {
  accountCodec,
  type ByteString,
  configCodec,
  describeErrors,
  eventCodec,
  type Json,
  type PayloadCodec,
  parseJson,
} from '@smacks/codec'
import type { Account, Config, Event, Unacked } from '@smacks/core'
import type { AccountId, FoldedEntry } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import { eventText } from './event-text.js'
import { snapshotStamp } from './record-version.js'
import { unackedRecord } from './unacked-record.js'

/** Writes and reads what is journalled of sessions. What cannot be read is told in one line. */
export interface SessionCodecs<A> {
  /** Of stanzas whose contents are kept. */
  readonly payload: PayloadCodec<A>
  /** One line of the log: what happened, or what is known. `outside` takes stanzas that are to stand behind the lines (`row-lines.ts`). */
  readonly encodeEntry: (account: AccountId, entry: LogEntry<A>, outside?: Array<ByteString>) => string
  readonly decodeEntry: (line: string) => Either.Either<BadLine, ReadLine<A>>
  /** The account of a line, also of many that do not decode. */
  readonly accountOf: (line: string) => AccountId | undefined
  /** A state and the options that what follows is folded under, as members of an object. */
  readonly encodeState: (state: Account<A>, config: Config) => string
  /** A snapshot of an encoded state, or one that says that nothing is left. */
  readonly snapshotUpTo: (upTo: number, state: string | undefined) => string
  readonly decodeSnapshot: (text: string) => Either.Either<string, Snapshot<A>>
  readonly encodeUnacked: (unacked: Unacked<A>) => string
  readonly decodeUnacked: (text: string) => Either.Either<string, Unacked<A>>
}

export type LogEntry<A> = FoldedEntry<A>

/** A state, and the options that what follows is folded under, if they are told. */
type Baseline<A> = Pick<Extract<LogEntry<A>, { readonly _tag: 'Baseline' }>, 'config' | 'state'>

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
  /** Absent where the program that wrote it told no options. */
  readonly config?: Config
}

/**
 * `absent` stands for the stanzas that came: they only count, so they are journalled without what is in them, and come
 * back as this.
 */
export const sessionCodecs = <A>(payload: PayloadCodec<A>, absent: A): SessionCodecs<A> => {
  const payloadless: PayloadCodec<A> = {
    encode: stanza => (stanza === absent ? null : payload.encode(stanza)),
    decode: json => (json === null ? Either.right(absent) : payload.decode(json)),
    // What is absent came, and is written otherwise.
    ...(payload.utf8 && { utf8: payload.utf8 }),
  }
  const events = eventCodec(payloadless)
  const accounts = accountCodec(payloadless)
  const unacked = unackedRecord(payload)
  const configs = configTexts()

  const decodeState = (state: unknown, config: unknown): Either.Either<string, Baseline<A>> => {
    const decoded = accounts.decode(state)
    if (Either.isLeft(decoded)) return Either.left(describeErrors(decoded.left))
    if (config === undefined) return Either.right({ state: decoded.right })
    return Either.map((under: Config) => ({ state: decoded.right, config: under }))(configs.decode(config))
  }

  const decodeOf = (kind: unknown, data: unknown, config: unknown): Either.Either<string, LogEntry<A>> => {
    switch (kind) {
      case 'event':
        return Either.bimap(
          describeErrors,
          (event: Event<A>): LogEntry<A> => ({ _tag: 'EventLogged', event: configs.shared(event) }),
        )(events.decode(data))
      case 'state':
        return Either.map((decoded: Baseline<A>): LogEntry<A> => ({ _tag: 'Baseline', ...decoded }))(
          decodeState(data, config),
        )
      default:
        return Either.left(`found ${JSON.stringify(kind)?.slice(0, 80)}, allowed: "event", "state"`)
    }
  }

  return {
    payload,
    encodeEntry: (account, entry, outside) =>
      entry._tag === 'EventLogged'
        ? `[${JSON.stringify(account)},"event",${eventText(entry.event, events, payloadless, outside)}]`
        : `[${JSON.stringify(account)},"state",${JSON.stringify(accounts.encode(entry.state))}${entry.config === undefined ? '' : `,${configs.encode(entry.config)}`}]`,
    decodeEntry: line => {
      const fields = fieldsOf(line)
      if (Either.isLeft(fields)) return fields
      const [account, kind, data, config] = fields.right
      return Either.right({ account, entry: () => decodeOf(kind, data, config) })
    },
    accountOf: beginningOf,
    encodeState: (state, config) =>
      `"state":${JSON.stringify(accounts.encode(state))},"config":${configs.encode(config)}`,
    snapshotUpTo: (upTo, state) => `${snapshotStamp},"upTo":${upTo}${state === undefined ? '' : `,${state}`}}`,
    decodeSnapshot: text => {
      const members = snapshotMembers(text)
      if (Either.isLeft(members)) return members
      const { upTo, state, config } = members.right
      if (state === undefined) return Either.right({ upTo })
      return Either.map((decoded: Baseline<A>): Snapshot<A> => ({ upTo, ...decoded }))(decodeState(state, config))
    },
    encodeUnacked: one => JSON.stringify(unacked.encode(one)),
    decodeUnacked: text => {
      const json = parseJson(text)
      return Either.isLeft(json) ? json : Either.mapLeft(describeErrors)(unacked.decode(json.right))
    },
  }
}

type LineFields = readonly [account: AccountId, kind: unknown, data: unknown, config: unknown]

/** A line of the log, as far as it has the shape of one. */
const fieldsOf = (line: string): Either.Either<BadLine, LineFields> => {
  const json = parseJson(line)
  if (Either.isLeft(json)) return Either.left({ reason: json.left, ...optionalAccount(beginningOf(line)) })
  const fields: unknown = json.right
  const most = Array.isArray(fields) && fields[1] === 'state' ? 4 : 3
  if (Array.isArray(fields) && fields.length >= 3 && fields.length <= most && typeof fields[0] === 'string')
    return Either.right([fields[0], fields[1], fields[2], fields[3]])
  const reason = `found ${beginning(line)}, allowed: [account, "event", what] or [account, "state", what, options]`
  return Either.left({ reason, ...optionalAccount(beginningOf(line)) })
}

interface SnapshotMembers {
  readonly upTo: number
  readonly state: Json | undefined
  readonly config: Json | undefined
}

/** A snapshot, as far as it has the shape of one. */
const snapshotMembers = (text: string): Either.Either<string, SnapshotMembers> => {
  const json = parseJson(text)
  if (Either.isLeft(json)) return json
  const { v, reducer: _, upTo, state, config, ...others } = asObject(json.right)
  if ((v === 1 || v === 2) && isRowNumber(upTo) && Object.keys(others).length === 0)
    return Either.right({ upTo, state, config })
  return Either.left(
    `found ${beginning(text)}, allowed: {"v":1 or 2,"upTo":a row's number,"state":an account,"config":options}`,
  )
}

/** Options as text and back. Many accounts share few of them, so each is written once, and read into one object. */
const configTexts = () => {
  const texts = new WeakMap<Config, string>()
  const read = new Map<string, Config>()
  const encode = (config: Config): string => {
    const text = texts.get(config) ?? JSON.stringify(configCodec.encode(config))
    texts.set(config, text)
    return text
  }
  const one = (config: Config): Config => {
    const text = encode(config)
    const known = read.get(text) ?? config
    read.set(text, known)
    return known
  }
  return {
    encode,
    decode: (config: unknown): Either.Either<string, Config> =>
      Either.bimap(describeErrors, one)(configCodec.decode(config)),
    /** The event with the options that others have, too. */
    shared: <A>(event: Event<A>): Event<A> =>
      event._tag === 'ConfigChanged' ? { ...event, config: one(event.config) } : event,
  }
}

/** Each line begins with its account, so that is there to be read even if the rest is not. */
const beginningOf = (line: string): AccountId | undefined => {
  const [, quoted] = /^\[("(?:[^"\\]|\\.)*"),/.exec(line) ?? []
  const account = quoted === undefined ? undefined : parseJson(quoted)
  return account?._tag === 'Right' && typeof account.right === 'string' ? account.right : undefined
}

const optionalAccount = (account: AccountId | undefined): Pick<BadLine, 'account'> =>
  account === undefined ? {} : { account }

const isRowNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const beginning = (text: string): string => inOneLine(text.slice(0, 80))

const inOneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, ' ')

const asObject = (value: unknown): { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [key: string]: Json }) : {}
