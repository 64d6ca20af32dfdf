/** PLAIN (RFC 4616): authzid, username and password, with NULs between them, in one message. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { accountOf, preparePassword } from '../accounts/credentials.js'
import { isOwnAuthzid } from './authzid.js'
import type { SaslExchange, SaslStep } from './mechanism.js'
import type { PasswordCheck } from './password-check.js'
import { failure, success } from './step.js'

/** Starts an exchange; `isPassword` says whether a prepared password is the account's. */
export const plainExchange = (domain: string, isPassword: PasswordCheck): SaslExchange => {
  let over = false
  return {
    next: message => {
      if (over) return failure('aborted', 'This exchange is over')
      over = true
      return authenticate(domain, isPassword, message)
    },
  }
}

/** Each part may have 255 bytes by the RFC; ours allow what a JID and a password may have. */
const maxMessageBytes = 8_192

const authenticate = (domain: string, isPassword: PasswordCheck, bytes: Uint8Array): SaslStep => {
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
  return isPassword(jid, prepared) && Option.isSome(account)
    ? success(jid.slice(0, jid.lastIndexOf('@')))
    : failure('not-authorized', 'Unknown user or wrong password')
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
