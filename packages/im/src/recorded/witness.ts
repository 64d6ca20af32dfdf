/**
 * What a step asked of the world around its account, and what it was told: the view as data. A step that is made again is
 * told the same; if it asks what nobody asked then, it comes to something else (`NeverAsked`).
 */
import { type Jid, type Json, jsonCodecs } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { LinkState } from '../link-state.js'
import type { Outgoing, Refusal } from '../outgoing.js'
import type { Services, ServingView } from '../services/service.js'
import { refusal } from './event-codec.js'
import { fingerprint } from './fingerprint.js'
import { jid, type Wording, wordsIn } from './xml-codecs.js'

const { flag, instant, list, optional, record, text, word } = jsonCodecs

type JsonCodec<A> = jsonCodecs.JsonCodec<A>

/** Answers by what was asked about. `null`: there is none. */
type Answers<A> = Readonly<Record<string, A>>

interface Recorded {
  readonly name: string
  readonly text: string
}

/** Only what was asked is there. */
export interface Witness {
  readonly now?: number
  readonly isFederated?: boolean
  readonly storesOffline?: boolean
  readonly isDataFull?: boolean
  readonly version?: string
  readonly contactBytes?: number
  readonly domains?: Answers<boolean>
  readonly accountExists?: Answers<boolean>
  readonly hasSession?: Answers<boolean>
  readonly addressIn?: Answers<Jid | null>
  readonly linkTo?: Answers<LinkState | null>
  /** By the fingerprint of the message. */
  readonly refusalToStore?: Answers<Refusal | null>
  readonly hasRoomForStranger?: Answers<boolean>
  readonly records?: Answers<ReadonlyArray<Recorded>>
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** A view that notes each question and its answer. */
export const noting = (view: ServingView): { readonly view: ServingView; readonly witness: Witness } => {
  const witness: Mutable<Witness> = {}
  const plain = <K extends 'contactBytes' | 'isDataFull' | 'isFederated' | 'now' | 'storesOffline' | 'version'>(
    key: K,
  ): ServingView[K] => {
    const answer = view[key]
    ;(witness as Record<string, unknown>)[key] = answer
    return answer
  }
  const about =
    <A>(key: keyof Witness, ask: (about: string) => A) =>
    (subject: string): A => {
      const answer = ask(subject)
      noteAnswer(witness, key, subject, answer ?? null)
      return answer
    }
  const noted: ServingView = {
    services: view.services,
    get now() {
      return plain('now')
    },
    get isFederated() {
      return plain('isFederated')
    },
    get storesOffline() {
      return plain('storesOffline')
    },
    get isDataFull() {
      return plain('isDataFull')
    },
    get version() {
      return plain('version')
    },
    get contactBytes() {
      return plain('contactBytes')
    },
    domains: { has: about('domains', domain => view.domains.has(domain)) },
    accountExists: about('accountExists', address => view.accountExists(address)),
    hasSession: about('hasSession', resource => view.hasSession(resource)),
    addressIn: about('addressIn', address => view.addressIn(address)),
    linkTo: about('linkTo', contact => view.linkTo(contact)),
    hasRoomForStranger: about('hasRoomForStranger', contact => view.hasRoomForStranger(contact)),
    records: about('records', kind => [...view.records(kind)]),
    refusalToStore: message => {
      const answer = view.refusalToStore(message)
      noteAnswer(witness, 'refusalToStore', nameOf(message), answer ?? null)
      return answer
    },
  }
  return { view: noted, witness }
}

const noteAnswer = (witness: Mutable<Witness>, key: keyof Witness, subject: string, answer: unknown): void => {
  const known = (witness[key] ?? {}) as Record<string, unknown>
  // Own, whatever the name is.
  Object.defineProperty(known, subject, { value: answer, enumerable: true, configurable: true, writable: true })
  Object.assign(witness, { [key]: known })
}

const nameOf = ({ stanza }: Outgoing): string => fingerprint(stanza.peekXml())

/** A step asks what was not asked when it was recorded. */
export class NeverAsked extends Error {
  constructor(
    readonly question: string,
    readonly subject: string | undefined,
  ) {
    super(`${question}${subject === undefined ? '' : ` of ${JSON.stringify(subject)}`} was never asked`)
  }
}

/** A view that answers as it was noted. A question that was not throws a `NeverAsked`. */
export const answering = (account: AccountId, witness: Witness, services: Services): ServingView => {
  const plain = <K extends keyof Witness>(key: K): NonNullable<Witness[K]> => {
    const answer = witness[key]
    if (answer === undefined) throw new NeverAsked(key, undefined)
    return answer
  }
  const about =
    <A>(key: keyof Witness, answers: Answers<A> | undefined) =>
    (subject: string): A => {
      if (answers === undefined || !Object.hasOwn(answers, subject)) throw new NeverAsked(key, subject)
      return answers[subject] as A
    }
  const refused = about('refusalToStore', witness.refusalToStore)
  const address = about('addressIn', witness.addressIn)
  const link = about('linkTo', witness.linkTo)
  return {
    services,
    get now() {
      return plain('now')
    },
    get isFederated() {
      return plain('isFederated')
    },
    get storesOffline() {
      return plain('storesOffline')
    },
    get isDataFull() {
      return plain('isDataFull')
    },
    get version() {
      return plain('version')
    },
    get contactBytes() {
      return plain('contactBytes')
    },
    domains: { has: about('domains', witness.domains) },
    accountExists: about('accountExists', witness.accountExists),
    hasSession: about('hasSession', witness.hasSession),
    hasRoomForStranger: about('hasRoomForStranger', witness.hasRoomForStranger),
    addressIn: subject => address(subject) ?? undefined,
    linkTo: contact => link(contact) ?? undefined,
    refusalToStore: message => refused(nameOf(message)) ?? undefined,
    records: kind => about('records', witness.records)(kind).map(each => ({ ...each, account })),
  }
}

/** Values by any name. */
const answersOf = <A>(value: JsonCodec<A>): JsonCodec<Answers<A>> => {
  const entries = t.record(t.string, t.unknown)
  return new t.Type<Answers<A>, Json, unknown>(
    `answers, each ${value.name}`,
    (found): found is Answers<A> => entries.is(found),
    (found, context) => {
      if (!entries.is(found) || Array.isArray(found)) return t.failure(found, context)
      const decoded: Array<readonly [string, A]> = []
      for (const [key, member] of Object.entries(found)) {
        const one = value.validate(member, t.appendContext(context, key, value, member))
        if (Either.isLeft(one)) return one
        decoded.push([key, one.right])
      }
      return t.success(Object.fromEntries(decoded))
    },
    answers => Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, value.encode(answer)])),
  )
}

const orNull = <A>(value: JsonCodec<A>): JsonCodec<A | null> =>
  new t.Type<A | null, Json, unknown>(
    `${value.name}, or null`,
    (found): found is A | null => found === null || value.is(found),
    (found, context) => (found === null ? t.success(null) : value.validate(found, context)),
    found => (found === null ? null : value.encode(found)),
  )

const answers = answersOf(flag)

/** The codec; what people wrote gets into the JSON as `wording` says. */
export const witnessCodec = (wording: Wording): JsonCodec<Witness> =>
  record<Witness>('what was asked', {
    now: optional(instant),
    isFederated: optional(flag),
    storesOffline: optional(flag),
    isDataFull: optional(flag),
    version: optional(text),
    contactBytes: optional(instant),
    domains: optional(answers),
    accountExists: optional(answers),
    hasSession: optional(answers),
    addressIn: optional(answersOf(orNull(jid))),
    linkTo: optional(answersOf(orNull(word<LinkState>({ busy: true, down: true, ready: true })))),
    refusalToStore: optional(answersOf(orNull(refusal))),
    hasRoomForStranger: optional(answers),
    records: optional(answersOf(list(record<Recorded>('a record', { name: text, text: wordsIn(wording) })))),
  })
