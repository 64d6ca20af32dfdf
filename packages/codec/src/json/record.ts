/** Codecs of objects whose keys are known. All keys of the type must be told, and no other is let in. */
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { suggestion } from '../suggestion.js'
import { allowed, shownKey } from './errors.js'
import type { Field, OptionalField } from './field.js'
import type { Json } from './payload.js'
import { isObject, type JsonCodec } from './plain.js'

/** A codec for each key of `A`, optional where the key is. */
export type Fields<A> = {
  readonly [K in keyof A]-?: object extends Pick<A, K> ? OptionalField<Exclude<A[K], undefined>> : Field<A[K]>
}

/** The codec of an object with these keys. Its name says what is allowed. */
export const record = <A extends object>(name: string, fields: Fields<A>): JsonCodec<A> => {
  const plan = planOf(fields)
  const known = new Set(plan.map(({ jsonKey }) => jsonKey))

  const strangerIn = (value: object, context: t.Context): t.Errors => {
    const key = Object.keys(value).find(each => !known.has(each))
    return key === undefined ? [] : [unknownKey(key, [...known], context)]
  }

  return new t.Type<A, Json, unknown>(
    name,
    (value): value is A => isObject(value) && plan.every(({ key, field }) => field.is(value[key])),
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const errors = [...strangerIn(value, context)]
      const decoded: Record<string, unknown> = {}
      for (const { key, jsonKey, field, mayBeAbsent } of plan) {
        const member = Object.hasOwn(value, jsonKey) ? value[jsonKey] : undefined
        const validated = field.validate(member, t.appendContext(context, jsonKey, field, member))
        if (Either.isLeft(validated)) errors.push(...validated.left)
        else if (!mayBeAbsent || validated.right !== undefined) decoded[key] = validated.right
      }
      return errors.length > 0 ? t.failures(errors) : t.success(decoded as A)
    },
    value => encode(plan, value),
  )
}

interface Planned {
  readonly key: string
  /** Its name as JSON. */
  readonly jsonKey: string
  readonly field: Field<unknown>
  readonly mayBeAbsent: boolean
}

const planOf = (fields: object): ReadonlyArray<Planned> =>
  Object.entries(fields).map(([key, field]) => ({
    key,
    jsonKey: 'jsonKey' in field ? field.jsonKey : key,
    field,
    mayBeAbsent: 'mayBeAbsent' in field,
  }))

/** Nothing is checked here, since every step of a recorded or journalled account passes through it. */
const encode = (plan: ReadonlyArray<Planned>, value: object): Json => {
  const members = value as Readonly<Record<string, unknown>>
  const json: Record<string, Json> = {}
  for (const { key, jsonKey, field } of plan) {
    const written = field.encode(members[key])
    if (written !== undefined) json[jsonKey] = written
  }
  return json
}

const unknownKey = (key: string, known: ReadonlyArray<string>, context: t.Context): t.ValidationError => ({
  value: key,
  context: t.appendContext(context, key, t.unknown),
  message: `unknown key${suggestion(shownKey(key), known)}; ${allowed(known)}`,
})
