/** One kept stanza on disk, version 1. */
import { deliveriesCodec, factsCodec, type Json, type PayloadCodec } from '@smacks/codec'
import type { Unacked } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'

const Record = t.intersection(
  [
    t.type({ v: t.literal(1), at: t.number, facts: factsCodec, stanza: t.unknown }),
    t.partial({ others: deliveriesCodec }),
  ],
  'a kept stanza',
)

export const unackedRecord = <A>(payload: PayloadCodec<A>) => ({
  encode: ({ stanza, facts, at, others }: Unacked<A>): Json => ({
    v: 1,
    at,
    facts: factsCodec.encode(facts),
    stanza: payload.encode(stanza),
    ...(others === undefined ? {} : { others: deliveriesCodec.encode(others) }),
  }),
  decode: (value: unknown): t.Validation<Unacked<A>> => {
    const decoded = Record.decode(value)
    if (Either.isLeft(decoded)) return decoded
    const { at, facts, stanza, others } = decoded.right
    return Either.bimap(
      (reason: string): t.Errors => [{ value: stanza, context: [], message: `stanza: ${reason}` }],
      (content: A): Unacked<A> => ({
        stanza: content,
        facts,
        at,
        ...(others === undefined ? {} : { others }),
      }),
    )(payload.decode(stanza))
  },
})
