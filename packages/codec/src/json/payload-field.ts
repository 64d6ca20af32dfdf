/** Payloads as members of what holds them. */
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Json, PayloadCodec } from './payload.js'
import type { JsonCodec } from './plain.js'

/** The io-ts codec of a payload. Payloads are opaque, so its `is` takes anything for one. */
export const payloadField = <A>(payload: PayloadCodec<A>): JsonCodec<A> =>
  new t.Type<A, Json, unknown>(
    'a payload',
    (_): _ is A => true,
    (value, context) =>
      Either.fold(
        (message: string) => t.failure<A>(value, context, message),
        (decoded: A) => t.success(decoded),
      )(payload.decode(value)),
    payload.encode,
  )
