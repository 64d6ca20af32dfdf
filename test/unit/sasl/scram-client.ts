/** A SCRAM client made from RFC 5802 alone, so that the server's code is not tested by itself. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { ScramHash } from '../../../packages/sasl/src/credentials.js'

export interface ScramClient {
  readonly username: string
  readonly password: string
  readonly hash?: ScramHash
  readonly nonce?: string
  /** `n,,`, `y,,`, `p=type,,` ... */
  readonly gs2Header?: string
  readonly bindingData?: Uint8Array
}

const digestName = { 'SHA-1': 'sha1', 'SHA-256': 'sha256' } as const

export const clientFirst = ({ username, nonce = 'clientnonce', gs2Header = 'n,,' }: ScramClient): string =>
  `${gs2Header}n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`

/** The client's last message, and the `v=` that the server must answer. */
export const clientFinal = (
  client: ScramClient,
  serverFirst: string,
): { readonly final: string; readonly verifier: string } => {
  const { password, hash = 'SHA-1', gs2Header = 'n,,', bindingData = new Uint8Array() } = client
  const [nonce = '', salt = '', iterations = ''] = serverFirst.split(',').map(attribute => attribute.slice(2))
  const algorithm = digestName[hash]
  const hmac = (key: Uint8Array, text: string) => createHmac(algorithm, key).update(text).digest()
  const size = hash === 'SHA-1' ? 20 : 32
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), size, algorithm)
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash(algorithm).update(clientKey).digest()
  const binding = Buffer.concat([Buffer.from(gs2Header), bindingData]).toString('base64')
  const withoutProof = `c=${binding},r=${nonce}`
  const bare = clientFirst(client).slice(gs2Header.length)
  const authMessage = `${bare},${serverFirst},${withoutProof}`
  const signature = hmac(storedKey, authMessage)
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64')
  return {
    final: `${withoutProof},p=${proof}`,
    verifier: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`,
  }
}
