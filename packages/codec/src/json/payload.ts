/** Payloads as JSON: the core's data is plain, but what a stanza is, only the shells know. */
import type { Either } from 'fp-ts/lib/Either.js'

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** How an opaque payload becomes JSON and comes back. */
export interface PayloadCodec<A> {
  readonly encode: (payload: A) => Json
  /** `Left` says in one line what was found and what is allowed. */
  readonly decode: (json: unknown) => Either<string, A>
}
