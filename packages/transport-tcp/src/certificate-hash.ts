/**
 * The hash of a certificate for the channel binding `tls-server-end-point` (RFC 5929 §4.1): made with the hash
 * function of the certificate's signature; SHA-256 in place of MD5 and SHA-1.
 */
import { createHash } from 'node:crypto'
import { hexadecimal, valueAt } from './der.js'

/** The hash of a certificate in DER; nothing if its signature has no single hash function, as Ed25519. */
export const certificateHash = (der: Uint8Array): Uint8Array | undefined => {
  const algorithm = signatureHash(der)
  return algorithm === undefined ? undefined : createHash(algorithm).update(der).digest()
}

/** Signature algorithms by the bytes of their object identifier, in hexadecimal. */
const hashOfSignature: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'sha256', // md5WithRSAEncryption
  '2a864886f70d010105': 'sha256', // sha1WithRSAEncryption
  '2a864886f70d01010e': 'sha224',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d0401': 'sha256', // ecdsa-with-SHA1
  '2a8648ce3d040301': 'sha224',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
}

const rsaPss = '2a864886f70d01010a'

/** Hash functions as the parameters of RSASSA-PSS name them. */
const hashByName: Readonly<Record<string, string>> = {
  '608648016503040204': 'sha224',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
}

/** `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, parameters }, signature }` */
const signatureHash = (der: Uint8Array): string | undefined => {
  const certificate = valueAt(der, 0)
  const signed = certificate && valueAt(der, certificate.start)
  const algorithm = signed && valueAt(der, signed.end)
  const identifier = algorithm && valueAt(der, algorithm.start)
  if (algorithm === undefined || identifier === undefined) return undefined
  const name = hexadecimal(der, identifier)
  return name === rsaPss ? pssHash(der, identifier.end, algorithm.end) : hashOfSignature[name]
}

/** `SEQUENCE { [0] SEQUENCE { OID, ... } DEFAULT sha1, ... }` */
const pssHash = (der: Uint8Array, start: number, end: number): string | undefined => {
  const parameters = start < end ? valueAt(der, start) : undefined
  const tagged = parameters && parameters.start < parameters.end ? valueAt(der, parameters.start) : undefined
  if (tagged === undefined || tagged.tag !== 0xa0) return 'sha256'
  const hash = valueAt(der, tagged.start)
  const identifier = hash && valueAt(der, hash.start)
  return identifier && hashByName[hexadecimal(der, identifier)]
}
