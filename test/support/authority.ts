/** An authority of the tests' own, whose certificates say what a test wants them to say. */
import { webcrypto, X509Certificate } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  type X509Certificate as Made,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { type AlternativeName, alternativeNames } from './names-der.js'

/** A certificate and its key, in PEM. */
export interface Issued {
  readonly certificate: string
  readonly key: string
  readonly der: Buffer
}

export interface Wanted {
  readonly names: ReadonlyArray<AlternativeName>
  readonly commonName?: string
  /** Default: from yesterday to tomorrow. */
  readonly from?: Date
  readonly until?: Date
  /** For which roles of TLS; by default for both. */
  readonly usages?: ReadonlyArray<'client' | 'server'>
}

export interface Authority {
  /** Its own certificate, to be trusted, in PEM. */
  readonly root: string
  /** Signs a certificate for servers. */
  readonly issue: (wanted: Wanted) => Promise<Issued>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000
/** Of the extension of alternative names. */
const subjectAltName = '2.5.29.17'
/** Extended key usages by role (RFC 5280 §4.2.1.12). */
const keyUsages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/** Makes one, with a key of its own. */
export const createAuthority = async (name = 'Authority of the tests'): Promise<Authority> => {
  const keys = await keyPair()
  const subject = `CN=${name}`
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity({}),
    serialNumber: serial(),
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  const issue = async (wanted: Wanted): Promise<Issued> => {
    const own = await keyPair()
    const { names, commonName, usages = ['server', 'client'] } = wanted
    const made = await X509CertificateGenerator.create({
      ...validity(wanted),
      serialNumber: serial(),
      subject: commonName === undefined ? '' : `CN=${commonName}`,
      issuer: subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new ExtendedKeyUsageExtension(usages.map(usage => keyUsages[usage])),
        ...(names.length === 0 ? [] : [new Extension(subjectAltName, false, alternativeNames(names))]),
      ],
    })
    return { certificate: pemOf(made), key: await pemOfKey(own.privateKey), der: Buffer.from(made.rawData) }
  }
  return { root: pemOf(root), issue }
}

const keyPair = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const validity = ({ from, until }: Pick<Wanted, 'from' | 'until'>) => ({
  notBefore: from ?? new Date(Date.now() - day),
  notAfter: until ?? new Date(Date.now() + day),
})

let serials = 0
const serial = (): string => {
  serials += 1
  return (0x100 + serials).toString(16).padStart(4, '0')
}

const pemOf = (certificate: Made): string => new X509Certificate(Buffer.from(certificate.rawData)).toString()

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
}
