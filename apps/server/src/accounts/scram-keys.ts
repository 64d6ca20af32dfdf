/** From a password to the keys of SCRAM (RFC 5802 §3) and back to the question whether a password is right. */
import { createHash, createHmac, pbkdf2, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { ScramHash, ScramKeys } from './accounts.js'

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

/** True if the keys were made from this prepared password. Blocks for the time of one PBKDF2. */
export const matches = (keys: ScramKeys, password: string, hash: ScramHash): boolean => {
  const salted = pbkdf2Sync(password, keys.salt, keys.iterations, hashBytes(hash), digestOf(hash))
  return timingSafeEqual(keysOf(salted, hash).storedKey, keys.storedKey)
}

/** `HMAC(key, text)` of RFC 5802 §2.2. */
export const hmac = (hash: ScramHash, key: Uint8Array, text: Uint8Array | string): Buffer =>
  createHmac(digestOf(hash), key).update(text).digest()

/** `H(bytes)` of RFC 5802 §2.2. */
export const digest = (hash: ScramHash, bytes: Uint8Array): Buffer => createHash(digestOf(hash)).update(bytes).digest()

const pbkdf2Async = promisify(pbkdf2)

const digestOf = (hash: ScramHash): string => (hash === 'SHA-1' ? 'sha1' : 'sha256')

const keysOf = (saltedPassword: Uint8Array, hash: ScramHash): Pick<ScramKeys, 'serverKey' | 'storedKey'> => ({
  storedKey: digest(hash, hmac(hash, saltedPassword, 'Client Key')),
  serverKey: hmac(hash, saltedPassword, 'Server Key'),
})
