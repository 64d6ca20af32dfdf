/** An account as it is kept: versioned, and decoded when it is read. */

import type { ScramHash, ScramKeys } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { PathReporter } from 'io-ts/lib/PathReporter.js'

/** The keys of an account, by hash. */
export type KeysByHash = Readonly<Record<ScramHash, ScramKeys>>

/** What is written for an account. */
export const encodeRecord = (keys: KeysByHash): unknown =>
  AccountRecord.encode({ version: 1, scram: { 'SHA-1': keys['SHA-1'], 'SHA-256': keys['SHA-256'] } })

/** The keys, or a sentence that names what is wrong with the record. */
export const decodeRecord = (record: unknown): Either.Either<string, KeysByHash> =>
  pipe(
    AccountRecord.decode(record),
    Either.bimap(
      errors => PathReporter.report(Either.left(errors)).map(withoutValue).join('; '),
      decoded => decoded.scram,
    ),
  )

const Base64 = new t.Type<Uint8Array, string, unknown>(
  'base64',
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value, context) =>
    typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
      ? t.success(Buffer.from(value, 'base64'))
      : t.failure(value, context),
  bytes => Buffer.from(bytes).toString('base64'),
)

const Iterations = new t.Type<number, number, unknown>(
  'an integer of at least 4096',
  (value): value is number => Number.isInteger(value),
  (value, context) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 4_096
      ? t.success(value)
      : t.failure(value, context),
  t.identity,
)

const keysFor = (bytes: number) => {
  const ofLength = t.refinement(Base64, value => value.length === bytes, `${bytes} bytes in base64`)
  return t.readonly(
    t.type({
      salt: Base64,
      iterations: Iterations,
      storedKey: ofLength,
      serverKey: ofLength,
    }),
  )
}

const AccountRecord = t.readonly(
  t.type({ version: t.literal(1), scram: t.readonly(t.type({ 'SHA-1': keysFor(20), 'SHA-256': keysFor(32) })) }),
)

/** io-ts starts with the value, which may be a key. */
const withoutValue = (message: string): string => message.replace(/^Invalid value .* supplied to /s, 'invalid ')
