/** SM-IDs from the platform's cryptographic source. */
import type { Entropy } from '@smacks/runtime'

/** Fills the array with random bytes and returns nothing of interest. */
export type RandomSource = (bytes: Uint8Array) => unknown

/** 144 bits: more than XEP-0198 needs, and a multiple of three bytes, so that no padding is left over. */
const idBytes = 18
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** So many are made of what the source gives at once: asking it takes longer than all else, and a login needs three. */
const idsAtOnce = 64

/** Entropy from WebCrypto. An SM-ID is 24 characters of base64url; none has a byte in common with another. */
export const createEntropy = (random: RandomSource = bytes => globalThis.crypto.getRandomValues(bytes)): Entropy => {
  const pool = new Uint8Array(idBytes * idsAtOnce)
  let used = pool.length
  return {
    freshId: () => {
      if (used === pool.length) {
        random(pool)
        used = 0
      }
      const bytes = pool.subarray(used, used + idBytes)
      used += idBytes
      const id = base64url(bytes)
      bytes.fill(0)
      return id
    },
  }
}

/** Base64url (RFC 4648 §5) of a multiple of three bytes. */
const base64url = (bytes: Uint8Array): string => {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    for (const shift of [18, 12, 6, 0]) text += alphabet[(group >> shift) & 63]
  }
  return text
}
