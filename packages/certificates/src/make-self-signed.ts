/**
 * A key and a certificate of it (RFC 5280), for a server that nobody vouches for but itself: an authority of its own signs the
 * certificate, and its key is forgotten. A certificate that signs itself would do for OpenSSL alone: GnuTLS and NSS want an authority as
 * an anchor, and NSS takes none that has the purpose of a server, which Apple's systems demand.
 */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import * as asn1 from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from 'pkijs'

export interface SelfSignedOptions {
  /** Domain names and IP addresses; the first is the name that people see. */
  readonly names: ReadonlyArray<string>
  readonly notBefore: Date
  readonly notAfter: Date
}

/** All in PEM. */
export interface SelfSigned {
  readonly certificate: string
  /** Signed it, and can sign nothing any more. */
  readonly authority: string
  readonly key: string
}

const oid = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

/** The longest name that X.520 has room for. */
const longestCommonName = 64

/** The end tells an authority from what it signed. */
const shortened = (name: string): string =>
  name.length <= longestCommonName ? name : name.slice(0, longestCommonName / 2) + name.slice(-longestCommonName / 2)

export const makeSelfSigned = async (options: SelfSignedOptions): Promise<SelfSigned> => {
  const [first = 'localhost'] = options.names
  const [authorityKeys, keys] = [await newKeys(), await newKeys()]
  const [authorityId, id] = [await identifierOf(authorityKeys), await identifierOf(keys)]
  const issuer = `${first} certificates`
  const authority = await signed({
    ...options,
    subject: issuer,
    issuer,
    extensions: authorityExtensions(authorityId),
    publicKey: authorityKeys.publicKey,
    by: authorityKeys.privateKey,
  })
  const certificate = await signed({
    ...options,
    subject: first,
    issuer,
    extensions: serverExtensions(options.names, id, authorityId),
    publicKey: keys.publicKey,
    by: authorityKeys.privateKey,
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return { certificate, authority, key }
}

type Key = webcrypto.CryptoKey

const newKeys = () => webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

/** RFC 5280 §4.2.1.2, the first way. */
const identifierOf = async ({ publicKey }: { readonly publicKey: Key }): Promise<asn1.OctetString> => {
  const point = await webcrypto.subtle.exportKey('raw', publicKey)
  return new asn1.OctetString({ valueHex: await webcrypto.subtle.digest('SHA-1', point) })
}

interface ToSign extends Omit<SelfSignedOptions, 'names'> {
  readonly subject: string
  readonly issuer: string
  readonly extensions: Array<Extension>
  readonly publicKey: Key
  readonly by: Key
}

const signed = async ({ subject, issuer, notBefore, notAfter, extensions, publicKey, by }: ToSign): Promise<string> => {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as never, subtle: webcrypto.subtle as never })
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new asn1.Integer({ valueHex: serialNumber() })
  certificate.notBefore.value = notBefore
  certificate.notAfter.value = notAfter
  certificate.subject.typesAndValues.push(commonName(subject))
  certificate.issuer.typesAndValues.push(commonName(issuer))
  certificate.extensions = extensions
  await certificate.subjectPublicKeyInfo.importKey(publicKey as never, engine)
  await certificate.sign(by as never, 'SHA-256', engine)
  return pem('CERTIFICATE', Buffer.from(certificate.toSchema(true).toBER(false)))
}

/** Positive, and so random that no two are the same (RFC 5280 §4.1.2.2). */
const serialNumber = (): ArrayBuffer => {
  const bytes = new Uint8Array(16)
  bytes.set(randomBytes(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.buffer
}

const commonName = (name: string): AttributeTypeAndValue =>
  new AttributeTypeAndValue({
    type: oid.commonName,
    value: new asn1.Utf8String({ value: shortened(name) }),
  })

/** It may sign, but no other authorities. */
const authorityExtensions = (id: asn1.OctetString): Array<Extension> => {
  const constraints = new BasicConstraints({ cA: true, pathLenConstraint: 0 })
  // Of the nine bits the sixth: keyCertSign.
  const usage = new asn1.BitString({ valueHex: Uint8Array.of(0x04).buffer, unusedBits: 2 })
  return [
    extension(oid.basicConstraints, constraints.toSchema(), true),
    extension(oid.keyUsage, usage, true),
    extension(oid.subjectKeyIdentifier, id, false),
  ]
}

const serverExtensions = (
  names: ReadonlyArray<string>,
  id: asn1.OctetString,
  authorityId: asn1.OctetString,
): Array<Extension> => {
  const constraints = new BasicConstraints({ cA: false })
  const usage = new ExtKeyUsage({ keyPurposes: [oid.serverAuth] })
  const alternatives = new GeneralNames({ names: names.map(generalName) })
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: authorityId })
  return [
    extension(oid.basicConstraints, constraints.toSchema(), true),
    extension(oid.extendedKeyUsage, usage.toSchema(), false),
    extension(oid.subjectAltName, alternatives.toSchema(), false),
    extension(oid.subjectKeyIdentifier, id, false),
    extension(oid.authorityKeyIdentifier, authority.toSchema(), false),
  ]
}

const extension = (extnID: string, value: asn1.BaseBlock, critical: boolean): Extension =>
  new Extension({ extnID, critical, extnValue: value.toBER(false) })

const generalName = (name: string): GeneralName =>
  isIP(name) === 0
    ? new GeneralName({ type: 2, value: name })
    : new GeneralName({ type: 7, value: new asn1.OctetString({ valueHex: bytesOfAddress(name) }) })

/** 4 bytes, or 16 (RFC 5280 §4.2.1.6). */
const bytesOfAddress = (address: string): ArrayBuffer => {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number).buffer
  const [front = '', back = ''] = address.split('::')
  const groups = (text: string): ReadonlyArray<number> =>
    text === ''
      ? []
      : text.split(':').flatMap(group => {
          if (!isIPv4(group)) return [Number.parseInt(group, 16)]
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
          return [a * 256 + b, c * 256 + d]
        })
  const [head, tail] = [groups(front), groups(back)]
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Uint8Array.from(all.flatMap(group => [group >> 8, group & 0xff])).buffer
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
