/**
 * SCRAM (RFC 5802, RFC 7677), the server's side. What it answers follows from the keys, the nonce and the messages.
 *
 * A user who does not exist and a wrong password are told apart nowhere: not by the salt, which a decoy has too, not by
 * the answer, and not by what is computed for it.
 */
import { timingSafeEqual } from 'node:crypto'
import type { ChannelBindingType } from '@smacks/stream'
import * as Either from '#fp-ts/Either'
import * as Option from '#fp-ts/Option'
import { accountOf } from './account-name.js'
import { isOwnAuthzid } from './authzid.js'
import { isChannelBindingType } from './channel-binding.js'
import type { ScramCredentials, ScramHash, ScramKeys } from './credentials.js'
import type { SaslContext, SaslExchange, SaslStep } from './mechanism.js'
import { digest, hashBytes, hmac } from './scram-keys.js'
import { type ClientFirst, decodeText, parseClientFinal, parseClientFirst, type ScramError } from './scram-message.js'
import { challenge, failure, success, tooSoon, wrongCredentials } from './step.js'

export interface ScramOptions {
  readonly hash: ScramHash
  /** The mechanism is the one that ends in `-PLUS`. */
  readonly plus: boolean
  readonly credentials: ScramCredentials
  readonly context: SaslContext
  /** The server's part of the nonce: printable ASCII without a comma, never used before. */
  readonly nonce: string
}

/** Starts an exchange. */
export const scramExchange = (options: ScramOptions): SaslExchange => {
  let state: State = { _tag: 'AwaitingFirst' }
  return {
    next: message => {
      const [next, step] = advance(options, state, message)
      state = next
      return step
    },
  }
}

type State = { readonly _tag: 'AwaitingFirst' } | AwaitingFinal | { readonly _tag: 'Over' }

interface AwaitingFinal {
  readonly _tag: 'AwaitingFinal'
  readonly jid: string
  /** The user existed when the salt was sent. */
  readonly known: boolean
  readonly keys: ScramKeys
  /** The client's part and the server's. */
  readonly nonce: string
  /** What `c=` must prove. */
  readonly channelBinding: Buffer
  readonly clientFirstBare: string
  readonly serverFirst: string
}

/** No message that the grammar allows for names and nonces of sane sizes is longer. */
const maxMessageBytes = 8_192

const advance = (options: ScramOptions, state: State, bytes: Uint8Array): readonly [State, SaslStep] => {
  if (state._tag === 'Over') return over(failure('aborted', 'This exchange is over'))
  if (bytes.length > maxMessageBytes) {
    return over(
      failure('malformed-request', `The message has ${bytes.length} bytes, and ${maxMessageBytes} are allowed`),
    )
  }
  const message = decodeText(bytes)
  if (Either.isLeft(message)) return over(malformed(message.left))
  return state._tag === 'AwaitingFirst'
    ? afterFirst(options, message.right)
    : over(afterFinal(options, state, message.right))
}

const over = (step: SaslStep): readonly [State, SaslStep] => [{ _tag: 'Over' }, step]

const afterFirst = (options: ScramOptions, message: string): readonly [State, SaslStep] => {
  const parsed = parseClientFirst(message)
  if (Either.isLeft(parsed)) return over(malformed(parsed.left))
  const first = parsed.right
  const bound = expectedBinding(options, first)
  if (Either.isLeft(bound)) return over(bound.left)

  const { hash, credentials, context } = options
  const account = accountOf(first.username, context.domain)
  if (!isOwnAuthzid(first.authzid, account)) {
    return over(failure('invalid-authzid', 'An authzid must be the bare JID of the user who logs in'))
  }
  const jid = Option.getOrElse(() => `${first.username}@${context.domain}`)(account)
  const wait = context.waitFor(jid)
  if (wait > 0) return over(tooSoon(wait, jid))
  // Both are looked up, whoever it is: the time must not tell.
  const decoy = credentials.decoyKeys(jid, hash)
  const stored = credentials.keys(jid, hash)
  const keys = stored ?? decoy
  const nonce = first.nonce + options.nonce
  const serverFirst = `r=${nonce},s=${base64(keys.salt)},i=${keys.iterations}`
  const next: AwaitingFinal = {
    _tag: 'AwaitingFinal',
    jid,
    known: stored !== undefined && Option.isSome(account),
    keys,
    nonce,
    channelBinding: bound.right,
    clientFirstBare: first.bare,
    serverFirst,
  }
  return [next, challenge(Buffer.from(serverFirst))]
}

/** RFC 5802 §6: what `c=` must hold, or why the client's flag on channel binding cannot be right. */
const expectedBinding = (
  { plus, context }: ScramOptions,
  { binding, gs2Header }: ClientFirst,
): Either.Either<SaslStep, Buffer> => {
  if (binding._tag === 'Used') {
    if (!plus) return Either.left(failure('malformed-request', 'Channel binding needs a mechanism with -PLUS'))
    const bindingData = bindingOf(context, binding.type)
    return bindingData === undefined
      ? Either.left(failure('not-authorized', `unsupported-channel-binding-type: ${binding.type}`))
      : Either.right(Buffer.concat([Buffer.from(gs2Header), bindingData]))
  }
  if (plus) return Either.left(failure('malformed-request', 'A mechanism with -PLUS needs channel binding'))
  // The client supports channel binding and saw no -PLUS: somebody in the middle removed ours from the list.
  if (binding._tag === 'NotOffered' && context.advertised.some(mechanism => mechanism.endsWith('-PLUS'))) {
    return Either.left(failure('not-authorized', 'server-does-support-channel-binding'))
  }
  return Either.right(Buffer.from(gs2Header))
}

const bindingOf = (context: SaslContext, type: string): Uint8Array | undefined =>
  isChannelBindingType(type) ? context.channelBinding(type satisfies ChannelBindingType) : undefined

const afterFinal = (options: ScramOptions, state: AwaitingFinal, message: string): SaslStep => {
  const { hash, credentials, context } = options
  const { jid } = state
  const parsed = parseClientFinal(message)
  if (Either.isLeft(parsed)) return malformed(parsed.left)
  const final = parsed.right
  if (final.proof.length !== hashBytes(hash)) return malformed('invalid-encoding')
  if (final.nonce !== state.nonce) return failure('not-authorized', 'The nonce is not the one of this exchange', jid)
  if (!equalBytes(final.channelBinding, state.channelBinding)) {
    return failure('not-authorized', 'channel-bindings-dont-match', jid)
  }
  const wait = context.waitFor(jid)
  if (wait > 0) return tooSoon(wait, jid)

  const authMessage = `${state.clientFirstBare},${state.serverFirst},${final.withoutProof}`
  const signature = hmac(hash, state.keys.storedKey, authMessage)
  const clientKey = Buffer.from(final.proof.map((byte, index) => byte ^ (signature[index] ?? 0)))
  const proven = timingSafeEqual(digest(hash, clientKey), state.keys.storedKey)
  const verifier = hmac(hash, state.keys.serverKey, authMessage)
  // Since the salt was sent the account may have got another password, or be gone.
  const current = credentials.keys(jid, hash) ?? credentials.decoyKeys(jid, hash)
  const isRight = timingSafeEqual(current.storedKey, state.keys.storedKey) && proven && state.known
  context.tried(jid, isRight ? 'right' : 'wrong')
  return isRight
    ? success(jid.slice(0, jid.lastIndexOf('@')), Buffer.from(`v=${base64(verifier)}`))
    : wrongCredentials(jid)
}

const equalBytes = (left: Buffer, right: Buffer): boolean =>
  left.length === right.length && timingSafeEqual(left, right)

const malformed = (error: ScramError): SaslStep => failure('malformed-request', error)

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
