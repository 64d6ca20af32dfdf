/**
 * The client's messages of SCRAM, by the grammar of RFC 5802 §7: all of it, and nothing else.
 *
 * What is wrong is named by the values that the RFC has for `server-error-value`.
 */
import * as Either from '#fp-ts/Either'

/** The client's flag on channel binding: it does not support it, thinks that the server does not, or uses this type. */
export type ChannelBindingFlag =
  | { readonly _tag: 'Unsupported' }
  | { readonly _tag: 'NotOffered' }
  | { readonly _tag: 'Used'; readonly type: string }

export interface ClientFirst {
  readonly binding: ChannelBindingFlag
  /** As whom to act; absent: as whoever the username is. */
  readonly authzid?: string
  readonly username: string
  readonly nonce: string
  /** `flag,[authzid],` as it was sent: part of what the channel binding proves. */
  readonly gs2Header: string
  /** What follows it, as it was sent. */
  readonly bare: string
}

export interface ClientFinal {
  /** The GS2 header and the channel binding data. */
  readonly channelBinding: Buffer
  readonly nonce: string
  readonly proof: Buffer
  /** The message up to the proof, as it was sent. */
  readonly withoutProof: string
}

export type ScramError = 'extensions-not-supported' | 'invalid-encoding' | 'invalid-username-encoding' | 'other-error'

type Parsed<A> = Either.Either<ScramError, A>

/** `client-first-message`. */
export const parseClientFirst = (message: string): Parsed<ClientFirst> => {
  const header = /^(?:(n)|(y)|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,/.exec(message)
  if (header === null) return Either.left('other-error')
  const [gs2Header, unsupported, notOffered, type = '', rawAuthzid] = header
  const bare = message.slice(gs2Header.length)
  const [name = '', nonce = '', ...extensions] = bare.split(',')
  // `m=` announces an extension that must be understood, and none is.
  if (name.startsWith('m=')) return Either.left('extensions-not-supported')
  if (!name.startsWith('n=') || !isNonce(nonce) || !extensions.every(isAttribute)) return Either.left('other-error')
  const username = decodeName(name.slice(2))
  if (Either.isLeft(username)) return username
  const authzid = rawAuthzid === undefined ? undefined : decodeName(rawAuthzid)
  if (authzid !== undefined && Either.isLeft(authzid)) return authzid
  return Either.right({
    binding: flagOf(unsupported, notOffered, type),
    ...(authzid === undefined ? {} : { authzid: authzid.right }),
    username: username.right,
    nonce: nonce.slice(2),
    gs2Header,
    bare,
  })
}

/** `client-final-message`. */
export const parseClientFinal = (message: string): Parsed<ClientFinal> => {
  const attributes = message.split(',')
  const [binding = '', nonce = '', ...rest] = attributes
  const proof = rest.pop() ?? ''
  if (binding.startsWith('m=')) return Either.left('extensions-not-supported')
  if (!binding.startsWith('c=') || !isNonce(nonce) || !rest.every(isAttribute) || !proof.startsWith('p=')) {
    return Either.left('other-error')
  }
  const channelBinding = decodeBase64(binding.slice(2))
  if (Either.isLeft(channelBinding)) return channelBinding
  const proven = decodeBase64(proof.slice(2))
  if (Either.isLeft(proven)) return proven
  return Either.right({
    channelBinding: channelBinding.right,
    proof: proven.right,
    nonce: nonce.slice(2),
    withoutProof: message.slice(0, -(proof.length + 1)),
  })
}

/** UTF-8, or nothing where the bytes are none, or hold the NUL that the grammar has nowhere. */
export const decodeText = (bytes: Uint8Array): Parsed<string> =>
  Either.tryCatch(
    () => {
      const text = strictUtf8.decode(bytes)
      if (text.includes('\0')) throw new Error('NUL')
      return text
    },
    () => 'invalid-encoding',
  )

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const flagOf = (unsupported: string | undefined, notOffered: string | undefined, type: string): ChannelBindingFlag => {
  if (unsupported !== undefined) return { _tag: 'Unsupported' }
  return notOffered === undefined ? { _tag: 'Used', type } : { _tag: 'NotOffered' }
}

/** `r=` and printable ASCII. */
const isNonce = (attribute: string): boolean => /^r=[\x21-\x7e]+$/.test(attribute)

/** `attr-val`. */
const isAttribute = (attribute: string): boolean => /^[A-Za-z]=./su.test(attribute)

/** `saslname`: not empty, with `=2C` for a comma and `=3D` for an equals sign. */
const decodeName = (name: string): Parsed<string> =>
  name !== '' && /^(?:[^=]|=2C|=3D)*$/s.test(name)
    ? Either.right(name.replaceAll('=2C', ',').replaceAll('=3D', '='))
    : Either.left('invalid-username-encoding')

/** Base64 in the one form that encodes these bytes (RFC 4648 §3.5), not empty. */
const decodeBase64 = (text: string): Parsed<Buffer> => {
  const bytes = Buffer.from(text, 'base64')
  return text !== '' && bytes.toString('base64') === text ? Either.right(bytes) : Either.left('invalid-encoding')
}
