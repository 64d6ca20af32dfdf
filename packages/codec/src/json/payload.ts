/** Payloads as JSON: the core's data is plain, but what a stanza is, only the shells know. */
import * as Either from '#fp-ts/Either'
import type { ByteString } from '../byte-string.js'
import { found } from './errors.js'

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** How an opaque payload becomes JSON and comes back. */
export interface PayloadCodec<A> {
  /** The payload as JSON, from which `decode` makes it again. */
  readonly encode: (payload: A) => Json
  /**
   * The string that `encode` makes, in UTF-8, where that is what there is: whoever writes bytes takes it as it is. Absent where
   * `encode` makes anything but strings, or has nothing faster.
   */
  readonly utf8?: (payload: A) => ByteString
  /** `Left` says in one line what was found and what is allowed. */
  readonly decode: (json: unknown) => Either.Either<string, A>
}

/** JSON nested deeper than this is refused: whoever writes it as text needs a stack as deep. */
const deepest = 256

/** A payload that is JSON: it stays what it is. */
export const jsonPayload: PayloadCodec<Json> = {
  encode: payload => payload,
  decode: json => (isJson(json, deepest) ? Either.right(json) : Either.left(`${found(json)}, allowed: ${jsonName}`)),
}

const jsonName = `any JSON value, nested at most ${deepest} levels deep`

const isJson = (value: unknown, levels: number): value is Json => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return true
  if (typeof value !== 'object' || levels === 0) return false
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (const item of value) if (!isJson(item, levels - 1)) return false
    return true
  }
  return isPlain(value) && Object.values(value).every(member => isJson(member, levels - 1))
}

/** No instance of a class: its own prototype, if it has one, is that of all objects, whichever realm it is from. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
