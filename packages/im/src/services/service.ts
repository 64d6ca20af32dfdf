/** An iq service: all that there is of it, in one place; the requests that it answers, and what an answer is. */
import type { Element, Stanza } from '@smacks/codec'
import type { AccountId, Journal, OfflineStore, Runtime, StoredRecord } from '@smacks/runtime'
import { type Either, isRight } from '#fp-ts/Either'
import type { Asker } from '../event.js'
import type { Refusal } from '../outgoing.js'
import { effects, type ImAccount, type Transition } from '../state.js'
import type { View } from '../view.js'

/** What answers the requests of one or more namespaces, and what is kept and told of it. */
export interface Service {
  /** What answers, by the namespace of the payload (RFC 6120 §8.2.3). No two services answer the same. */
  readonly handlers: Readonly<Record<string, IqHandler>>
  /** What `disco#info` tells (XEP-0030 §3.1); nothing unless told. */
  readonly features?: Features | ((view: View) => Features)
  /** What is kept of an account. With the account all of it goes. */
  readonly records?: ReadonlyArray<Pick<RecordKind<unknown>, 'kind'>>
  /** Drops what is kept of a removed account besides records, in the batch of the turn. */
  readonly purge?: (account: AccountId, ports: PurgePorts) => void
}

/** Features, in the order in which they are told. */
export interface Features {
  /** Of each served domain. */
  readonly domain?: ReadonlyArray<string>
  /** Of each account. */
  readonly account?: ReadonlyArray<string>
}

/** What an iq with a namespace of the service comes to. */
export type IqHandler = (request: Request) => Answer

/** What a step may ask about the world where iqs are answered. */
export interface ServingView extends View {
  readonly services: Services
  /** The records of this account that are durable. */
  readonly records: (kind: string) => Iterable<StoredRecord>
}

/** All services of a server. */
export interface Services {
  readonly handlerOf: (namespace: string) => IqHandler | undefined
  readonly featuresOf: (view: View) => Required<Features>
  /** Forgets all that is kept of a removed account, in the batch of the turn. */
  readonly purge: (account: AccountId, ports: PurgePorts) => void
}

// Requests and answers

/** Whom the request addresses. */
export type Target =
  /** The user's own account: no `to`, or the own bare JID. */
  | { readonly _tag: 'OwnAccount' }
  /** The account of another user, served here, who exists or not. */
  | { readonly _tag: 'OtherAccount' }
  /** A served domain. */
  | { readonly _tag: 'Domain' }

/** A well-formed get or set. */
export interface Request {
  readonly view: ServingView
  /** The account that is asked; of a domain, no account in particular. */
  readonly account: ImAccount
  /** Who asks: a user of this server, or anybody at another, to whom no account here is the own one. */
  readonly asker: Asker
  readonly type: 'get' | 'set'
  readonly target: Target
  /** The one child of the iq. */
  readonly payload: Element
}

/** What a request comes to: a result, or an error (RFC 6120 §8.2.3). */
export type Answer =
  /** The account is changed, then the result is sent; `afterwards` comes when that is on its way. */
  | {
      readonly _tag: 'Result'
      readonly payload?: Element
      readonly change?: Transition
      readonly afterwards?: Transition
    }
  | ({ readonly _tag: 'Refused' } & Refusal)

/** An empty result. */
export const done: Answer = { _tag: 'Result' }

/** A result with this payload. */
export const result = (payload: Element): Answer => ({ _tag: 'Result', payload })

/** An error of this type and defined condition (RFC 6120 §8.3); `text` is English, for a developer. */
export const refused = (type: Refusal['type'], condition: string, text?: string): Answer => ({
  _tag: 'Refused',
  type,
  condition,
  ...(text === undefined ? {} : { text }),
})

/** Nothing here does that, or nobody may know (RFC 6120 §8.3.3.19). */
export const unavailable: Answer = refused('cancel', 'service-unavailable')

/** The request is not what its namespace allows (RFC 6120 §8.3.3.1). */
export const badRequest = (text: string): Answer => refused('modify', 'bad-request', text)

// What is kept

/** Records of an account, one text a name. The kind is the name of their database, and of no other. */
export interface RecordKind<A> {
  readonly kind: string
  /** The text of a record, from which `decode` makes the value again. */
  readonly encode: (value: A) => string
  /** The value, or what is wrong with the text. */
  readonly decode: (text: string) => Either<string, A>
}

/** Puts a record; it becomes durable with the batch of the turn. */
export const putRecord = <A>({ kind, encode }: RecordKind<A>, name: string, value: A): Transition =>
  effects({ _tag: 'PutRecord', kind, name, text: encode(value) })

/** Drops a record; one that is not there is allowed. */
export const dropRecord = ({ kind }: Pick<RecordKind<unknown>, 'kind'>, name: string): Transition =>
  effects({ _tag: 'DropRecord', kind, name })

/** The durable record of this name; nothing if there is none, or if it does not decode. */
export const readRecord = <A>(view: ServingView, { kind, decode }: RecordKind<A>, name: string): A | undefined => {
  for (const record of view.records(kind)) {
    const value = record.name === name ? decode(record.text) : undefined
    if (value !== undefined && isRight(value)) return value.right
  }
  return undefined
}

/** What is needed to forget an account. What is read is durable; changes become so with the batch of the turn. */
export interface PurgePorts {
  readonly runtime: Pick<Runtime<Stanza>, 'change'>
  readonly records: Journal<Stanza>['records']
  readonly offline: Pick<OfflineStore<Stanza>, 'read'>
}
