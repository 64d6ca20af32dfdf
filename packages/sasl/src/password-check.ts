/**
 * Whether a password is right, for mechanisms that send it.
 *
 * The answer costs one PBKDF2, some milliseconds of a thread. A thousand clients that come back at once would wait for a
 * thousand of them, so a password that was right is recognised by a single HMAC, under a key of this process and with the
 * account's stored key in it: after a change of the password it is not. Nothing of this is ever written.
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
  /** For how many accounts the last right password is recognised; 10,000 unless given. */
  readonly remembered?: number
}

const hash: ScramHash = 'SHA-256'

export const createPasswordCheck = ({
  credentials,
  derivations,
  remembered = 10_000,
}: PasswordCheckOptions): PasswordCheck => {
  const processKey = randomBytes(32)
  const recognised = new Recent<Buffer>(remembered)

  const derived = async (jid: string, password: string, isWanted: () => boolean, stored: ScramKeys | undefined) => {
    const keys = stored ?? credentials.decoyKeys(jid, hash)
    const salted = await derivations.derive(derivationFor(keys, password, hash), isWanted)
    if (typeof salted === 'string') return salted
    // The server may have stopped meanwhile, and the accounts be closed.
    if (!isWanted()) return 'unwanted'
    const isRight = isMadeFrom(keys, salted, hash)
    // Meanwhile the account may have got another password, or be gone.
    const current = credentials.keys(jid, hash)
    if (!isRight || stored === undefined || current === undefined || !isSame(stored, current)) return 'wrong'
    recognised.put(jid, tokenOf(processKey, stored, password))
    return 'right'
  }

  return (jid, password, isWanted) => {
    const decoy = credentials.decoyKeys(jid, hash)
    const stored = credentials.keys(jid, hash)
    const token = tokenOf(processKey, stored ?? decoy, password)
    const known = recognised.get(jid)
    if (known !== undefined && timingSafeEqual(known, token)) return 'right'
    return derived(jid, password, isWanted, stored)
  }
}

const isSame = (one: ScramKeys, other: ScramKeys): boolean => timingSafeEqual(one.storedKey, other.storedKey)

const tokenOf = (processKey: Buffer, { storedKey }: ScramKeys, password: string): Buffer =>
  createHmac('sha256', processKey).update(storedKey).update(password).digest()
