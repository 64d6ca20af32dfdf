/** Much as little: what differs anywhere differs in the digest. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Json } from '@smacks/codec'
import { canonicalJson } from '@smacks/replay'

export interface Digest {
  /** In this order. */
  readonly add: (value: Json) => void
  readonly text: () => string
}

export const createDigest = (): Digest => {
  const hash = sha256.create()
  return {
    add: value => void hash.update(utf8ToBytes(`${canonicalJson(value)}\n`)),
    text: () => bytesToHex(hash.clone().digest()).slice(0, 32),
  }
}
