/** A key and a certificate of it that it signed itself (RFC 5280), for a server. */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import * as asn1 from 'asn1js'
import {
  AttributeTypeAndValue,
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

/** Both in PEM. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

const oid = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
} as const

/** The longest name that X.520 has room for. */
const longestCommonName = 64

export const makeSelfSigned = async ({ names, notBefore, notAfter }: SelfSignedOptions): Promise<SelfSigned> => {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as never, subtle: webcrypto.subtle as never })
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new asn1.Integer({ valueHex: serialNumber() })
  certificate.notBefore.value = notBefore
  certificate.notAfter.value = notAfter
  const [first = 'localhost'] = names
  for (const name of [certificate.subject, certificate.issuer]) name.typesAndValues.push(commonName(first))
  certificate.extensions = extensions(names)
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as never, engine)
  await certificate.sign(keys.privateKey as never, 'SHA-256', engine)
  return {
    certificate: pem('CERTIFICATE', Buffer.from(certificate.toSchema(true).toBER(false))),
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
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
    value: new asn1.Utf8String({ value: name.slice(0, longestCommonName) }),
  })

/** No key usage: with one, some libraries ask of the issuer, which is itself, that it may sign certificates. */
const extensions = (names: ReadonlyArray<string>): Array<Extension> => {
  const constraints = new BasicConstraints({ cA: false })
  const usage = new ExtKeyUsage({ keyPurposes: [oid.serverAuth] })
  const alternatives = new GeneralNames({ names: names.map(generalName) })
  return [
    extension(oid.basicConstraints, constraints.toSchema(), true),
    extension(oid.extendedKeyUsage, usage.toSchema(), false),
    extension(oid.subjectAltName, alternatives.toSchema(), false),
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
