/** Codecs of plain values: what they hold is JSON already, so writing them is nothing. Their names say what is allowed. */
import { type Counter, type Instant, isCounter, type SmVersion } from '@smacks/core'
import * as t from '#io-ts'
import { isSmVersion } from '../attribute-codecs.js'
import type { Json } from './payload.js'

/** A codec from and to JSON. */
export type JsonCodec<A> = t.Type<A, Json, unknown>

/** True for what JSON writes in braces. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const plain = <A extends Json>(allowed: string, is: (value: unknown) => value is A): t.Type<A, A, unknown> =>
  new t.Type(allowed, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity)

/** Any text. */
export const text: t.Type<string, string, unknown> = plain(
  'a text',
  (value): value is string => typeof value === 'string',
)

/** A boolean. */
export const flag: t.Type<boolean, boolean, unknown> = plain(
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
)

/** A mark that is there or not. */
export const onlyTrue: t.Type<true, true, unknown> = plain('true, or absent', (value): value is true => value === true)

/** `h` and other counts of stanzas (XEP-0198 §4). */
export const counter: t.Type<Counter, number, unknown> = plain(
  'an integer from 0 to 4294967295',
  (value): value is Counter => typeof value === 'number' && isCounter(value),
)

/** How many there are of something. */
export const count: t.Type<number, number, unknown> = plain(
  'an integer, 0 or more',
  (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
)

/** A time of the wall clock. */
export const instant: t.Type<Instant, number, unknown> = plain(
  'a finite number of milliseconds since 1970',
  (value): value is Instant => Number.isFinite(value),
)

export const seconds: t.Type<number, number, unknown> = plain(
  'a finite number of seconds, 0 or more',
  (value): value is number => Number.isFinite(value) && Number(value) >= 0,
)

export const smVersion: t.Type<SmVersion, SmVersion, unknown> = plain('"urn:xmpp:sm:2", "urn:xmpp:sm:3"', isSmVersion)

/** One of the words of a union. It is told them as keys, so that the compiler asks for each of them. */
export const word = <W extends string>(words: Readonly<Record<W, true>>): t.Type<W, W, unknown> =>
  plain(
    Object.keys(words)
      .map(each => `"${each}"`)
      .join(', '),
    (value): value is W => typeof value === 'string' && Object.hasOwn(words, value),
  )
