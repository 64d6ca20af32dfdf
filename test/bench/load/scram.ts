/** SCRAM (RFC 5802, RFC 7677), the client's side; the keys of a password are derived once. */
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto'

interface Keys {
  readonly client: Buffer
  readonly stored: Buffer
}

const keysBySalt = new Map<string, Keys>()

export type ScramHash = 'sha1' | 'sha256'

export interface ScramClient {
  readonly first: string
  readonly final: (challenge: string) => string
}

export const scramClient = (username: string, password: string, hash: ScramHash): ScramClient => {
  const bare = `n=${username},r=${randomUUID()}`
  return {
    first: `n,,${bare}`,
    final: challenge => {
      const [, nonce = '', salt = '', iterations = ''] = /r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge) ?? []
      const keys = keysOf(password, salt, Number(iterations), hash)
      const withoutProof = `c=biws,r=${nonce}`
      const signature = hmac(hash, keys.stored, `${bare},${challenge},${withoutProof}`)
      const proof = keys.client.map((byte, index) => byte ^ (signature[index] ?? 0))
      return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
    },
  }
}

const keysOf = (password: string, salt: string, iterations: number, hash: ScramHash): Keys => {
  const name = `${password} ${salt} ${iterations} ${hash}`
  const known = keysBySalt.get(name)
  if (known !== undefined) return known
  const length = hash === 'sha1' ? 20 : 32
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, length, hash)
  const client = hmac(hash, salted, 'Client Key')
  const keys = { client, stored: createHash(hash).update(client).digest() }
  keysBySalt.set(name, keys)
  return keys
}

const hmac = (hash: ScramHash, key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
