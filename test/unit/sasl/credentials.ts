/** Credentials in memory: what the mechanisms need of the account store, with known salts. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { ScramCredentials, ScramHash, ScramKeys } from '../../../packages/sasl/src/credentials.js'

export interface KnownUser {
  readonly password: string
  readonly salt?: string
}

const keysOf = (password: string, hash: ScramHash, salt: Buffer): ScramKeys => {
  const [algorithm, size] = hash === 'SHA-1' ? (['sha1', 20] as const) : (['sha256', 32] as const)
  const salted = pbkdf2Sync(password, salt, 4096, size, algorithm)
  const clientKey = createHmac(algorithm, salted).update('Client Key').digest()
  return {
    salt,
    iterations: 4096,
    storedKey: createHash(algorithm).update(clientKey).digest(),
    serverKey: createHmac(algorithm, salted).update('Server Key').digest(),
  }
}

/** What an exchange may know of a stream on which nobody is slowed down. */
export const freely = { waitFor: () => 0, tried: () => {}, isWanted: () => true }

/** Users by bare JID. Decoys have the password `decoy`, so that a test can show that not even it opens one. */
export const credentialsOf = (users: Readonly<Record<string, KnownUser>>): ScramCredentials => ({
  keys: (jid, hash) => {
    const user = users[jid]
    return user && keysOf(user.password, hash, Buffer.from(user.salt ?? 'c2FsdHNhbHQ=', 'base64'))
  },
  decoyKeys: (jid, hash) => keysOf('decoy', hash, createHash('md5').update(jid).digest()),
})
