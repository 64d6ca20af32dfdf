/** How an offline message lies on disk: JSON, versioned, decoded by io-ts. */
import { versionedRecord } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import { type Either, isLeft, right, tryCatch } from '#fp-ts/Either'
import * as t from '#io-ts'

/** How a payload becomes text and comes back. Both throw what they cannot do. */
export interface PayloadCodec<A> {
  readonly encode: (stanza: A) => string
  readonly decode: (text: string) => A
}

/** A message without its key. */
export interface StoredMessage<A> {
  readonly stanza: A
  readonly facts: StanzaFacts
  readonly at: Instant
}

const Facts = t.intersection(
  [
    t.type({ name: t.keyof({ message: null, presence: null, iq: null }), type: t.string }),
    t.partial({
      id: t.string,
      from: t.string,
      to: t.string,
      delayed: t.literal(true),
      copy: t.literal(true),
      archived: t.literal(true),
    }),
  ],
  'facts',
)

const messageRecord = versionedRecord(t.type({ at: t.number, facts: Facts, stanza: t.string }, 'offline message'))

/** The record of a message. Throws what the payload's codec throws. */
export const encodeMessage = <A>(payload: PayloadCodec<A>, { stanza, facts, at }: StoredMessage<A>): string =>
  messageRecord.write({ at, facts, stanza: payload.encode(stanza) })

/** The message of a record, or what is wrong with it. */
export const decodeMessage = <A>(payload: PayloadCodec<A>, text: string): Either<string, StoredMessage<A>> => {
  const record = messageRecord.read(text)
  if (isLeft(record)) return record
  const { at, facts, stanza: encoded } = record.right
  const stanza = tryCatch(() => payload.decode(encoded), String)
  return isLeft(stanza) ? stanza : right({ stanza: stanza.right, facts, at })
}
