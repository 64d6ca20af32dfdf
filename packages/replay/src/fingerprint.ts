/** Hashes of JSON values. They tell values apart; they keep no secrets. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Json, PayloadCodec } from '@smacks/codec'

/** The value as text, the same text for the same value: no spaces, the keys of objects in the order of their code units. */
export const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

/** True for arrays; the compiler does not tell read-only ones from objects by itself. */
export const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** The first digits, in hexadecimal, of the SHA-256 of the value's canonical JSON. */
export const hashOf = (value: Json, digits: number): string =>
  bytesToHex(sha256(utf8ToBytes(canonicalJson(value)))).slice(0, digits)

/** Says in a few characters which payload it is. */
export type Fingerprint<A> = (payload: A) => string

const fingerprintDigits = 12

/** Fingerprints of what payloads are as JSON. Those of objects are remembered while the object lives. */
export const createFingerprint = <A>(codec: Pick<PayloadCodec<A>, 'encode'>): Fingerprint<A> => {
  const remembered = new WeakMap<object, string>()
  return payload => {
    if (typeof payload !== 'object' || payload === null) return hashOf(codec.encode(payload), fingerprintDigits)
    const known = remembered.get(payload)
    if (known !== undefined) return known
    const fingerprint = hashOf(codec.encode(payload), fingerprintDigits)
    remembered.set(payload, fingerprint)
    return fingerprint
  }
}
