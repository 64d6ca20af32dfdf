/**
 * Whether a password is right, for mechanisms that send it.
 *
 * The answer costs one PBKDF2, some milliseconds in which nothing else happens. A thousand clients that come back at
 * once would wait for a thousand of them, so a password that was right is known again by a single HMAC, under a key
 * that lives as long as this process and with the account's stored key in it: a changed password is not known again.
 * Nothing of this is ever written.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ScramCredentials, ScramHash } from '../accounts/accounts.js'
import { matches } from '../accounts/scram-keys.js'

/** True if this is the password of the account. Takes the same time for accounts that do not exist. */
export type PasswordCheck = (jid: string, preparedPassword: string) => boolean

const hash: ScramHash = 'SHA-256'

/** Makes a check; `remembered` is for how many accounts the last right password is known again. */
export const createPasswordCheck = (credentials: ScramCredentials, remembered = 10_000): PasswordCheck => {
  const processKey = randomBytes(32)
  const seen = new Map<string, Buffer>()

  return (jid, password) => {
    const decoy = credentials.decoyKeys(jid, hash)
    const kept = credentials.keys(jid, hash)
    const keys = kept ?? decoy
    const token = createHmac('sha256', processKey).update(keys.storedKey).update(password).digest()
    const known = seen.get(jid)
    if (known !== undefined && timingSafeEqual(known, token)) return true
    if (!matches(keys, password, hash) || kept === undefined) return false
    remember(seen, remembered, jid, token)
    return true
  }
}

/** A `Map` keeps the order of insertion: the first key is the oldest. */
const remember = (seen: Map<string, Buffer>, limit: number, jid: string, token: Buffer): void => {
  seen.delete(jid)
  seen.set(jid, token)
  for (const oldest of seen.keys()) {
    if (seen.size <= limit) break
    seen.delete(oldest)
  }
}
