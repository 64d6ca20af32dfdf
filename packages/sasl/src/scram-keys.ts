/** From a password to the keys of SCRAM (RFC 5802 §3) and back to the question whether a password is right. */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { ScramHash, ScramKeys } from './credentials.js'
import type { Derivation } from './derivation.js'

/** The hashes that each account has keys for. */
export const scramHashes: ReadonlyArray<ScramHash> = ['SHA-1', 'SHA-256']

/**
 * How often the password is hashed when keys are made. RFC 5802 and RFC 7677 ask for 4,096 at least. More makes a
 * stolen database dearer to search, but it is the *client* that pays at each login, in its own language and maybe on a
 * phone; and the server, once a user, when it imports. 10,000 cost 3 ms in native code and half a second in a slow client.
 */
export const defaultIterations = 10_000

const saltBytes = 16

/** The length of the hash, in bytes. */
export const hashBytes = (hash: ScramHash): number => (hash === 'SHA-1' ? 20 : 32)

/** Makes keys for a prepared password, in the thread pool. */
export const makeKeys = async (password: string, hash: ScramHash, iterations: number): Promise<ScramKeys> => {
  const salt = randomBytes(saltBytes)
  const salted = await pbkdf2Async(password, salt, iterations, hashBytes(hash), digestOf(hash))
  return { salt, iterations, ...keysOf(salted, hash) }
}

/** What has to be derived from a prepared password to compare it with these keys. */
export const derivationFor = (
  { salt, iterations }: Pick<ScramKeys, 'iterations' | 'salt'>,
  password: string,
  hash: ScramHash,
): Derivation => ({ password, salt, iterations, length: hashBytes(hash), digest: digestOf(hash) })

/** True if the keys were made from this prepared password. For single questions: the thread pool is not shared fairly. */
export const matches = async (keys: ScramKeys, password: string, hash: ScramHash): Promise<boolean> => {
  const { salt, iterations, length, digest } = derivationFor(keys, password, hash)
  return isMadeFrom(keys, await pbkdf2Async(password, salt, iterations, length, digest), hash)
}

/** True if the keys were made from what was derived (the `SaltedPassword` of RFC 5802 §3). */
export const isMadeFrom = ({ storedKey }: Pick<ScramKeys, 'storedKey'>, salted: Uint8Array, hash: ScramHash): boolean =>
  timingSafeEqual(keysOf(salted, hash).storedKey, storedKey)

/** `HMAC(key, text)` of RFC 5802 §2.2. */
export const hmac = (hash: ScramHash, key: Uint8Array, text: Uint8Array | string): Buffer =>
  createHmac(digestOf(hash), key).update(text).digest()

/** `H(bytes)` of RFC 5802 §2.2. */
export const digest = (hash: ScramHash, bytes: Uint8Array): Buffer => createHash(digestOf(hash)).update(bytes).digest()

const pbkdf2Async = promisify(pbkdf2)

const digestOf = (hash: ScramHash): Derivation['digest'] => (hash === 'SHA-1' ? 'sha1' : 'sha256')

const keysOf = (saltedPassword: Uint8Array, hash: ScramHash): Pick<ScramKeys, 'serverKey' | 'storedKey'> => ({
  storedKey: digest(hash, hmac(hash, saltedPassword, 'Client Key')),
  serverKey: hmac(hash, saltedPassword, 'Server Key'),
})
