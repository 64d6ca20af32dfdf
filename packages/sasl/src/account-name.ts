/** Usernames and passwords as they may be used: normalised, or refused in one sentence. */
import { saslprep } from '@mongodb-js/saslprep'
import { bareJid, type Jid, parseJid } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as Option from '#fp-ts/Option'

/** A JID or a password that no account can have. The message names what is wrong, never the password. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

/** The journal's keys have a bounded size, and hold the resource too; names this long occur nowhere. */
const maxAccountBytes = 1_000
const maxPasswordBytes = 1_023

/** The normalised JID of an account: localpart and domain, no resource (RFC 7622). */
export const decodeAccountJid = (text: string): Either.Either<string, Jid> => {
  const jid = parseJid(text)
  if (Option.isNone(jid)) return refused(text, 'it is no JID')
  const { local, resource } = jid.value
  if (local === '') return refused(text, 'its localpart, the part before the @, is missing')
  if (resource !== '') return refused(text, `it has a resource, ${quoted(resource)}`)
  const bytes = Buffer.byteLength(bareJid(jid.value))
  return bytes > maxAccountBytes
    ? refused(text, `it has ${bytes} bytes, and ${maxAccountBytes} are allowed`)
    : Either.right(jid.value)
}

/** The JID of the user with this name, as a client gives it to SASL, in this domain. Nothing if there can be no such user. */
export const accountOf = (username: string, domain: string): Option.Option<string> => {
  const prepared = prepare(username, true)
  if (Either.isLeft(prepared)) return Option.none
  const jid = decodeAccountJid(`${prepared.right}@${domain}`)
  const home = parseJid(domain)
  return Either.isRight(jid) && Option.isSome(home) && jid.right.domain === home.value.domain
    ? Option.some(bareJid(jid.right))
    : Option.none
}

/** A password to keep: SASLprep as a stored string (RFC 4013 §2.5), so characters unknown to Unicode 3.2 are refused. */
export const prepareNewPassword = (password: string): Either.Either<string, string> => {
  if (password === '') return Either.left('The password is empty')
  const bytes = Buffer.byteLength(password)
  if (bytes > maxPasswordBytes) {
    return Either.left(`The password has ${bytes} bytes, and ${maxPasswordBytes} are allowed`)
  }
  const prepared = prepare(password, false)
  if (Either.isLeft(prepared)) return Either.left(`The password cannot be used: ${prepared.left}`)
  return prepared.right === '' ? Either.left('The password has only invisible characters') : prepared
}

/** A password that somebody claims to be theirs: SASLprep as a query. */
export const preparePassword = (password: string): Option.Option<string> => Option.fromEither(prepare(password, true))

const prepare = (text: string, allowUnassigned: boolean): Either.Either<string, string> =>
  printableAscii.test(text)
    ? Either.right(text)
    : Either.tryCatch(
        () => saslprep(text, { allowUnassigned }),
        // The library's messages say which rule of SASLprep is broken; its TypeErrors (on what maps to nothing) say nothing.
        cause => (cause instanceof TypeError ? 'it has only invisible characters' : withoutLink(cause)),
      )

/** SASLprep neither maps nor prohibits any of it (RFC 4013 §2). */
const printableAscii = /^[\x20-\x7e]+$/

const withoutLink = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(
    /,? see https:\S+rfc(\d+)#section-(\S+)$/,
    ' (RFC $1 §$2)',
  )

const refused = (text: string, why: string): Either.Either<string, never> =>
  Either.left(
    `${quoted(text)} cannot be an account: ${why}. An account is named by a bare JID, such as romeo@example.org`,
  )

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text)
