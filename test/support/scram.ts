/** The client's side of SCRAM (RFC 5802, RFC 7677), step by step, so that a test can bend any step. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

export interface ScramOptions {
  readonly username: string
  readonly password: string
  readonly hash: 'SHA-1' | 'SHA-256'
  /** The GS2 header; `n,,` if absent. */
  readonly gs2?: string
  /** Channel binding data, after the GS2 header. */
  readonly binding?: Buffer
}

export interface Scram {
  readonly first: string
  /** The client's final message to the server's first one. */
  readonly final: (serverFirst: string) => string
  /** Whether the server's final message proves that it knows the keys. */
  readonly proves: (serverFinal: string) => boolean
}

export const createScram = (options: ScramOptions): Scram => {
  const digest = options.hash === 'SHA-1' ? 'sha1' : 'sha256'
  const length = options.hash === 'SHA-1' ? 20 : 32
  const hmac = (key: Buffer, text: string): Buffer => createHmac(digest, key).update(text).digest()
  const gs2 = options.gs2 ?? 'n,,'
  const name = options.username.replace(/=/g, '=3D').replace(/,/g, '=2C')
  const bare = `n=${name},r=${randomBytes(18).toString('base64')}`
  let serverSignature: Buffer = Buffer.alloc(0)
  return {
    first: gs2 + bare,
    final: serverFirst => {
      const fields = fieldsOf(serverFirst)
      const salted = pbkdf2Sync(
        options.password,
        Buffer.from(fields.s ?? '', 'base64'),
        Number(fields.i),
        length,
        digest,
      )
      const binding = Buffer.concat([Buffer.from(gs2), options.binding ?? Buffer.alloc(0)]).toString('base64')
      const withoutProof = `c=${binding},r=${fields.r}`
      const message = `${bare},${serverFirst},${withoutProof}`
      const clientKey = hmac(salted, 'Client Key')
      const signature = hmac(createHash(digest).update(clientKey).digest(), message)
      serverSignature = hmac(hmac(salted, 'Server Key'), message)
      return `${withoutProof},p=${Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64')}`
    },
    proves: serverFinal => {
      const shown = Buffer.from(fieldsOf(serverFinal).v ?? '', 'base64')
      return shown.length === serverSignature.length && timingSafeEqual(shown, serverSignature)
    },
  }
}

const fieldsOf = (message: string): Record<string, string> =>
  Object.fromEntries(message.split(',').map(field => [field.slice(0, 1), field.slice(2)]))
