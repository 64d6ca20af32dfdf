/** Records that are kept: JSON whose first member is the version of their form, read back by an io-ts codec. */
import * as Either from '#fp-ts/Either'
import type * as t from '#io-ts'
import { describeErrors, found } from './errors.js'
import { isObject } from './plain.js'

/** Writes and reads one kind of record, as a JSON value or as its text. `Left` says in one line what is wrong with it. */
export interface VersionedRecord<A> {
  /** The JSON object, its version first. */
  readonly encode: (value: A) => object
  /** The value of a JSON value of the one version that is read. */
  readonly decode: (json: unknown) => Either.Either<string, A>
  /** What `encode` makes, as a text of one line. */
  readonly write: (value: A) => string
  /** What `decode` makes of a text; one that is no JSON is refused, too. */
  readonly read: (text: string) => Either.Either<string, A>
}

/** How records of one kind differ from those of most kinds. */
export interface VersionedRecordOptions {
  /** The only version that is written and read; 1 unless told. */
  readonly version?: number
  /** The member that holds it; `v` unless told. */
  readonly member?: string
  /** What to say of errors; for records with secrets in them, which `describeErrors` would show. */
  readonly describe?: (errors: t.Errors) => string
}

/** The records whose members, without the version, are those of the codec. */
export const versionedRecord = <A, O extends object>(
  codec: t.Type<A, O, unknown>,
  { version = 1, member = 'v', describe = describeErrors }: VersionedRecordOptions = {},
): VersionedRecord<A> => {
  const encode = (value: A): object => ({ [member]: version, ...codec.encode(value) })

  const decode = (json: unknown): Either.Either<string, A> => {
    if (!isObject(json)) return Either.left(`${found(json)}, allowed: ${codec.name}`)
    const { [member]: ofVersion, ...members } = json
    return ofVersion === version
      ? Either.mapLeft(describe)(codec.decode(members))
      : Either.left(`${member}: ${found(ofVersion)}, allowed: ${version}`)
  }

  return {
    encode,
    decode,
    write: value => JSON.stringify(encode(value)),
    read: text => Either.chain(decode)(parseJson(text)),
  }
}

/** The value of a JSON text; `Left` says in one line, which quotes the text, why it is none. */
export const parseJson = (text: string): Either.Either<string, unknown> =>
  Either.tryCatch(
    (): unknown => JSON.parse(text),
    error => String(error).replace(/[\r\n\u2028\u2029]+/g, ' '),
  )
