/**
 * Whether a password is right, for mechanisms that send it.
 *
 * The answer costs one PBKDF2, some milliseconds of a thread. A thousand clients that come back at once would wait for a
 * thousand of them, so a password that was right is known again by a single HMAC, under a key that lives as long as this
 * process and with the account's stored key in it: a changed password is not known again. Nothing of this is ever written.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ScramCredentials, ScramHash, ScramKeys } from './credentials.js'
import type { Derivations } from './derivation.js'
import { derivationFor, isMadeFrom } from './scram-keys.js'
import { Recent } from './throttle/recent.js'

/** `busy`: too many passwords wait to be checked; `unwanted`: nobody wants to know any more. */
export type PasswordVerdict = 'busy' | 'right' | 'unwanted' | 'wrong'

/** Whether this is the password of the account. Takes the same time for accounts that do not exist. */
export type PasswordCheck = (
  jid: string,
  preparedPassword: string,
  isWanted: () => boolean,
) => PasswordVerdict | Promise<PasswordVerdict>

export interface PasswordCheckOptions {
  readonly credentials: ScramCredentials
  readonly derivations: Derivations
  /** For how many accounts the last right password is known again; 10,000 unless told. */
  readonly remembered?: number
}

const hash: ScramHash = 'SHA-256'

export const createPasswordCheck = ({
  credentials,
  derivations,
  remembered = 10_000,
}: PasswordCheckOptions): PasswordCheck => {
  const processKey = randomBytes(32)
  const seen = new Recent<Buffer>(remembered)

  const derived = async (jid: string, password: string, isWanted: () => boolean, kept: ScramKeys | undefined) => {
    const keys = kept ?? credentials.decoyKeys(jid, hash)
    const salted = await derivations.derive(derivationFor(keys, password, hash), isWanted)
    if (typeof salted === 'string') return salted
    const isRight = isMadeFrom(keys, salted, hash)
    // Meanwhile the account may have got another password, or be gone.
    const still = credentials.keys(jid, hash)
    if (!isRight || kept === undefined || still === undefined || !isSame(kept, still)) return 'wrong'
    seen.put(jid, tokenOf(processKey, kept, password))
    return 'right'
  }

  return (jid, password, isWanted) => {
    const decoy = credentials.decoyKeys(jid, hash)
    const kept = credentials.keys(jid, hash)
    const token = tokenOf(processKey, kept ?? decoy, password)
    const known = seen.get(jid)
    if (known !== undefined && timingSafeEqual(known, token)) return 'right'
    return derived(jid, password, isWanted, kept)
  }
}

const isSame = (one: ScramKeys, other: ScramKeys): boolean => timingSafeEqual(one.storedKey, other.storedKey)

const tokenOf = (processKey: Buffer, { storedKey }: ScramKeys, password: string): Buffer =>
  createHmac('sha256', processKey).update(storedKey).update(password).digest()
