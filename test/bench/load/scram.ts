/** SCRAM-SHA-1 (RFC 5802), the client's side; the keys of a password are derived once. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

interface Keys {
  readonly client: Buffer
  readonly stored: Buffer
}

const keysBySalt = new Map<string, Keys>()

export interface ScramClient {
  readonly first: string
  readonly final: (challenge: string) => string
}

export const scramClient = (username: string, password: string): ScramClient => {
  const bare = `n=${username},r=${username}-${keysBySalt.size}-nonce`
  return {
    first: `n,,${bare}`,
    final: challenge => {
      const [, nonce = '', salt = '', iterations = ''] = /r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge) ?? []
      const keys = keysOf(password, salt, Number(iterations))
      const withoutProof = `c=biws,r=${nonce}`
      const signature = hmac(keys.stored, `${bare},${challenge},${withoutProof}`)
      const proof = keys.client.map((byte, index) => byte ^ (signature[index] ?? 0))
      return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
    },
  }
}

const keysOf = (password: string, salt: string, iterations: number): Keys => {
  const name = `${password} ${salt} ${iterations}`
  const known = keysBySalt.get(name)
  if (known !== undefined) return known
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, 20, 'sha1')
  const client = hmac(salted, 'Client Key')
  const keys = { client, stored: createHash('sha1').update(client).digest() }
  keysBySalt.set(name, keys)
  return keys
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha1', key).update(text).digest()
