/** PLAIN (RFC 4616): authzid, username and password, with NULs between them, in one message. */
import * as Either from '#fp-ts/Either'
import * as Option from '#fp-ts/Option'
import { accountOf, preparePassword } from './account-name.js'
import { isOwnAuthzid } from './authzid.js'
import type { SaslContext, SaslExchange, SaslStep } from './mechanism.js'
import type { PasswordCheck, PasswordVerdict } from './password-check.js'
import { failure, success, tooSoon, wrongCredentials } from './step.js'

/** Starts an exchange; `check` says whether a prepared password is the account's. */
export const plainExchange = (context: SaslContext, check: PasswordCheck): SaslExchange => {
  let over = false
  return {
    next: message => {
      if (over) return failure('aborted', 'This exchange is over')
      over = true
      return authenticate(context, check, message)
    },
  }
}

/** Each part may have 255 bytes by the RFC; ours allow what a JID and a password may have. */
const maxMessageBytes = 8_192

const authenticate = (context: SaslContext, check: PasswordCheck, bytes: Uint8Array): SaslStep | Promise<SaslStep> => {
  const { domain } = context
  if (bytes.length > maxMessageBytes) {
    return failure('malformed-request', `The message has ${bytes.length} bytes, and ${maxMessageBytes} are allowed`)
  }
  const parts = Either.tryCatch(() => strictUtf8.decode(bytes).split('\0'), String)
  if (Either.isLeft(parts)) return failure('malformed-request', 'The message is no UTF-8')
  const [authzid, username, password, ...more] = parts.right
  if (authzid === undefined || !username || !password || more.length > 0) {
    return failure('malformed-request', 'The message must be: authzid, NUL, username, NUL, password')
  }
  const account = accountOf(username, domain)
  if (!isOwnAuthzid(authzid, account)) {
    return failure('invalid-authzid', 'An authzid must be the bare JID of the user who logs in')
  }
  const jid = Option.getOrElse(() => `${username}@${domain}`)(account)
  const prepared = Option.getOrElse(() => '')(preparePassword(password))
  return whether(context, check, { jid, password: prepared, canBe: Option.isSome(account) })
}

interface Claim {
  readonly jid: string
  readonly password: string
  /** There can be such an account. */
  readonly canBe: boolean
}

const whether = (context: SaslContext, check: PasswordCheck, claim: Claim): SaslStep | Promise<SaslStep> => {
  const { jid, password, canBe } = claim
  const wait = context.waitFor(jid)
  if (wait > 0) return tooSoon(wait, jid)
  // Whoever waits in line is judged again when its turn comes: others may have failed meanwhile.
  let refused = 0
  const isWanted = (): boolean => {
    refused = context.waitFor(jid)
    return refused === 0 && context.isWanted()
  }
  const verdict = check(jid, password, isWanted)
  const conclude = (found: PasswordVerdict): SaslStep => {
    if (refused > 0) return tooSoon(refused, jid)
    if (found === 'busy' || found === 'unwanted')
      return failure('temporary-auth-failure', 'Too many passwords wait to be checked; try again later', jid)
    // Of those that were checked at the same time one may have been the last that was allowed.
    const stillWait = context.waitFor(jid)
    if (stillWait > 0) return tooSoon(stillWait, jid)
    const isRight = found === 'right' && canBe
    context.tried(jid, isRight ? 'right' : 'wrong')
    return isRight ? success(jid.slice(0, jid.lastIndexOf('@'))) : wrongCredentials(jid)
  }
  return typeof verdict === 'string' ? conclude(verdict) : verdict.then(conclude)
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
