/** What the absence of a member means. */
import * as Either from '#fp-ts/Either'
import * as Option from '#fp-ts/Option'
import * as t from '#io-ts'
import type { Json } from './payload.js'
import { isObject, type JsonCodec } from './plain.js'

/** A codec of one member of an object; as JSON, `undefined` means that there is none. */
export type Field<A> = t.Type<A, Json | undefined, unknown>

/** A codec of a member that may be absent on both sides. */
export interface OptionalField<A> extends Field<A | undefined> {
  readonly mayBeAbsent: true
}

/** The member may be absent. */
export const optional = <A>(codec: JsonCodec<A>): OptionalField<A> =>
  Object.assign(orUndefined(codec), { mayBeAbsent: true } as const)

/** The member is there, and may be `undefined`. */
export const orUndefined = <A>(codec: JsonCodec<A>): Field<A | undefined> =>
  new t.Type<A | undefined, Json | undefined, unknown>(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => (value === undefined ? t.success(undefined) : codec.validate(value, context)),
    value => (value === undefined ? undefined : codec.encode(value)),
  )

/** The member is an `Option`, absent where it is `None`. */
export const option = <A>(codec: JsonCodec<A>): Field<Option.Option<A>> =>
  new t.Type<Option.Option<A>, Json | undefined, unknown>(
    codec.name,
    (value): value is Option.Option<A> =>
      isObject(value) && (value._tag === 'None' || (value._tag === 'Some' && codec.is(value.value))),
    (value, context) =>
      value === undefined ? t.success(Option.none) : Either.map(Option.some<A>)(codec.validate(value, context)),
    value => (Option.isNone(value) ? undefined : codec.encode(value.value)),
  )

/** The member is always there; its absence as JSON means `absent`. */
export const orElse = <A>(codec: JsonCodec<A>, absent: A): Field<A> =>
  new t.Type<A, Json | undefined, unknown>(
    codec.name,
    codec.is,
    (value, context) => (value === undefined ? t.success(absent) : codec.validate(value, context)),
    codec.encode,
  )

/** The same, and nothing is written where the member holds no more than `absent`. */
export const omittedWhere = <A>(codec: JsonCodec<A>, absent: A, isAbsent: (value: A) => boolean): Field<A> => {
  const field = orElse(codec, absent)
  return new t.Type<A, Json | undefined, unknown>(field.name, field.is, field.validate, value =>
    isAbsent(value) ? undefined : codec.encode(value),
  )
}

/** The member has another name as JSON: files keep the names that they were first written with. */
export const writtenAs = <A>(jsonKey: string, field: Field<A>): Field<A> => Object.assign(field, { jsonKey })
