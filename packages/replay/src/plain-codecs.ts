/** Codecs of the plain values in recordings. */
import { isCounter } from '@smacks/core'
import * as t from '#io-ts'
import type { View } from './recording.js'

const numberWhere = (name: string, isAllowed: (value: number) => boolean): t.Type<number> =>
  new t.Type<number>(
    name,
    (value): value is number => typeof value === 'number' && isAllowed(value),
    (value, context) => (typeof value === 'number' && isAllowed(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )

/** Counts from 1 on. */
export const wholeNumber = numberWhere(
  'an integer from 1 to 9007199254740991',
  value => Number.isSafeInteger(value) && value >= 1,
)

/** `h`, as in the core. */
export const counter = numberWhere('an integer from 0 to 4294967295', isCounter)

/** Milliseconds since 1970. */
export const instant = numberWhere('milliseconds since 1970', Number.isFinite)

const isObject = (value: unknown): value is View => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of which all that is asked is that it is one; what was JSON stays JSON. */
export const jsonObject = new t.Type<View>(
  'an object',
  isObject,
  (value, context) => (isObject(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

/** The member may be absent. */
export const orAbsent = <A, O>(codec: t.Type<A, O>): t.Type<A | undefined, O | undefined> =>
  new t.Type<A | undefined, O | undefined>(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => (value === undefined ? t.success(undefined) : codec.validate(value, context)),
    value => (value === undefined ? undefined : codec.encode(value)),
  )

/** The same codec, for objects that have these keys at most. */
export const nothingElse = <A, O>(codec: t.Type<A, O>, keys: ReadonlyArray<string>): t.Type<A, O> =>
  new t.Type<A, O>(
    codec.name,
    codec.is,
    (value, context) => {
      const stranger = isObject(value) ? Object.keys(value).find(key => !keys.includes(key)) : undefined
      if (stranger === undefined || !isObject(value)) return codec.validate(value, context)
      const actual = value[stranger]
      return t.failure(
        actual,
        t.appendContext(context, stranger, nothing(`no such key, but ${keys.join(', ')}`), actual),
      )
    },
    codec.encode,
  )

/** Whatever is found is wrong. */
export const nothing = (name: string): t.Type<never, never> =>
  new t.Type<never, never>(name, (_): _ is never => false, t.failure, t.identity)
