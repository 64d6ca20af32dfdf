/** What extensions of a certificate (RFC 5280 §4.2) say that Node does not tell. */
import { type DerValue, hexadecimal, valueAt, valuesIn } from './der.js'

export interface CertificateExtensions {
  /** Object identifiers, in hexadecimal, of those that must be understood. */
  readonly critical: ReadonlyArray<string>
  readonly all: ReadonlyArray<string>
  /** How many authorities may stand between this one and the end (§4.2.1.9); nothing if any number. */
  readonly pathLength: number | undefined
  /** The first eight bits of the key usage (§4.2.1.3); nothing if it may be used for anything. */
  readonly keyUsage: number | undefined
}

export const extension = {
  keyUsage: '551d0f',
  alternativeNames: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  policies: '551d20',
  extendedKeyUsage: '551d25',
} as const

/** The extensions of a certificate in DER; nothing if they cannot be read. */
export const extensionsOf = (der: Uint8Array): CertificateExtensions | undefined => {
  const list = extensionList(der)
  if (list === undefined) return undefined
  const found = list.map(each => extensionAt(der, each))
  const known = found.filter(each => each !== undefined)
  // Each once (§4.2).
  if (new Set(known.map(({ id }) => id)).size < found.length) return undefined
  const valueWith = (id: string): DerValue | undefined => known.find(each => each.id === id)?.value
  const constraints = valueWith(extension.basicConstraints)
  const usage = valueWith(extension.keyUsage)
  const pathLength = constraints && pathLengthIn(der, constraints)
  const keyUsage = usage && keyUsageIn(der, usage)
  if (pathLength === null || keyUsage === null) return undefined
  return {
    critical: known.filter(({ isCritical }) => isCritical).map(({ id }) => id),
    all: known.map(({ id }) => id),
    pathLength,
    keyUsage,
  }
}

const tag = { boolean: 0x01, integer: 0x02, bits: 0x03, extensions: 0xa3 } as const

/** `Certificate ::= SEQUENCE { TBSCertificate SEQUENCE { ..., extensions [3] SEQUENCE OF Extension }, ... }` */
const extensionList = (der: Uint8Array): ReadonlyArray<DerValue> | undefined => {
  const certificate = valueAt(der, 0)
  const signed = certificate && valueAt(der, certificate.start)
  const fields = signed && valuesIn(der, signed)
  if (fields === undefined) return undefined
  const tagged = fields.find(each => each.tag === tag.extensions)
  if (tagged === undefined) return []
  const list = valueAt(der, tagged.start)
  return list && valuesIn(der, list)
}

interface Extension {
  readonly id: string
  readonly isCritical: boolean
  /** What its octets hold. */
  readonly value: DerValue | undefined
}

/** `Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }` */
const extensionAt = (der: Uint8Array, place: DerValue): Extension | undefined => {
  const parts = valuesIn(der, place)
  const [id, second] = parts ?? []
  const octets = parts?.at(-1)
  if (id === undefined || second === undefined || octets === undefined) return undefined
  const isCritical = second.tag === tag.boolean && der[second.start] !== 0
  return { id: hexadecimal(der, id), isCritical, value: valueAt(der, octets.start) }
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`; null if it is something else. */
const pathLengthIn = (der: Uint8Array, constraints: DerValue): number | null | undefined => {
  const parts = valuesIn(der, constraints)
  if (parts === undefined) return null
  const length = parts.find(each => each.tag === tag.integer)
  if (length === undefined) return undefined
  return length.end - length.start === 1 ? (der[length.start] ?? null) : null
}

/** `BIT STRING`: how many bits are unused, then the bits; null if it is something else. */
const keyUsageIn = (der: Uint8Array, bits: DerValue): number | null =>
  bits.tag === tag.bits && bits.end - bits.start >= 2 ? (der[bits.start + 1] ?? null) : null
