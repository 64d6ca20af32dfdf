/** An account as it is kept: versioned, and decoded when it is read. */
import { versionedRecord } from '@smacks/codec'
import type { ScramHash, ScramKeys } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { failure } from 'io-ts/lib/PathReporter.js'

/** The keys of an account, by hash. */
export type KeysByHash = Readonly<Record<ScramHash, ScramKeys>>

/** What is written for an account. */
export const encodeRecord = ({ 'SHA-1': sha1, 'SHA-256': sha256 }: KeysByHash): unknown =>
  accountRecord.encode({ scram: { 'SHA-1': sha1, 'SHA-256': sha256 } })

/** The keys, or a sentence that names what is wrong with the record. */
export const decodeRecord = (record: unknown): Either.Either<string, KeysByHash> =>
  Either.map(({ scram }: { readonly scram: KeysByHash }) => scram)(accountRecord.decode(record))

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

/** What is told of errors names no value, which may be a key. */
const withoutValues = (errors: t.Errors): string =>
  failure(errors)
    .map(message => message.replace(/^Invalid value .* supplied to /s, 'invalid '))
    .join('; ')

const accountRecord = versionedRecord(
  t.readonly(t.type({ scram: t.readonly(t.type({ 'SHA-1': keysFor(20), 'SHA-256': keysFor(32) })) })),
  { member: 'version', describe: withoutValues },
)
