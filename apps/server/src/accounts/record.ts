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

/** The keys for one hash, or a sentence that names what is wrong with the record. The others are not looked at: each login reads it. */
export const decodeKeys = (record: unknown, hash: ScramHash): Either.Either<string, ScramKeys> =>
  hash === 'SHA-1'
    ? Either.map(({ scram }: WithKeys<'SHA-1'>) => scram['SHA-1'])(keysRecords['SHA-1'].decode(record))
    : Either.map(({ scram }: WithKeys<'SHA-256'>) => scram['SHA-256'])(keysRecords['SHA-256'].decode(record))

interface WithKeys<Hash extends ScramHash> {
  readonly scram: Readonly<Record<Hash, ScramKeys>>
}

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

const keys = { 'SHA-1': keysFor(20), 'SHA-256': keysFor(32) } as const

const recordWith = <P extends t.Props>(props: P) =>
  versionedRecord(t.readonly(t.type({ scram: t.readonly(t.type(props)) })), {
    member: 'version',
    describe: withoutValues,
  })

const accountRecord = recordWith(keys)

const keysRecords = {
  'SHA-1': recordWith({ 'SHA-1': keys['SHA-1'] }),
  'SHA-256': recordWith({ 'SHA-256': keys['SHA-256'] }),
} as const
