/** One kept stanza on disk, version 1. */
import { factsCodec, type Json, type PayloadCodec } from '@smacks/codec'
import type { Unacked } from '@smacks/core'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

const Record = t.type({ v: t.literal(1), at: t.number, facts: factsCodec, stanza: t.unknown }, 'a kept stanza')

export const unackedRecord = <A>(payload: PayloadCodec<A>) => ({
  encode: ({ stanza, facts, at }: Unacked<A>): Json => ({
    v: 1,
    at,
    facts: factsCodec.encode(facts),
    stanza: payload.encode(stanza),
  }),
  decode: (value: unknown): t.Validation<Unacked<A>> => {
    const decoded = Record.decode(value)
    if (Either.isLeft(decoded)) return decoded
    const { at, facts, stanza } = decoded.right
    return Either.bimap(
      (reason: string): t.Errors => [{ value: stanza, context: [], message: `stanza: ${reason}` }],
      (content: A): Unacked<A> => ({ stanza: content, facts, at }),
    )(payload.decode(stanza))
  },
})
