/** An authority of the tests' own, whose certificates say what a test wants them to say. */
import { webcrypto, X509Certificate } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsagesExtension,
  type X509Certificate as Made,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { type AlternativeName, alternativeNames, tlv } from './names-der.js'

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
  /** For which roles of TLS; by default for both, and for any if there is none. */
  readonly usages?: ReadonlyArray<'client' | 'server'>
  readonly keyUsage?: number
  /** An extension of these bytes that must be understood, and that nobody does. */
  readonly critical?: Buffer
}

/** An authority below another. */
export interface Below {
  readonly name?: string
  readonly from?: Date
  readonly until?: Date
  /** For which roles of TLS; by default it does not say. */
  readonly usages?: ReadonlyArray<'client' | 'server'>
  readonly pathLength?: number
  /** False: its certificate says that it is none. */
  readonly isAuthority?: boolean
  readonly keyUsage?: number
  /** Only names below this one. */
  readonly onlyBelow?: string
}

export interface Authority {
  /** Its own certificate, to be trusted, in PEM. */
  readonly root: string
  /** Signs a certificate for servers; its file has those of the authorities behind it, as far as they are not roots. */
  readonly issue: (wanted: Wanted) => Promise<Issued>
  /** Signs the certificate of another authority. */
  readonly below: (wanted?: Below) => Promise<Authority>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000
/** Of the extension of alternative names. */
const subjectAltName = '2.5.29.17'
const nameConstraints = '2.5.29.30'
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
  return authorityOf({ subject, keys, root: pemOf(root), chain: '' })
}

interface Signing {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly root: string
  /** Its own certificate and those above, without the root. */
  readonly chain: string
}

const authorityOf = ({ subject, keys, root, chain }: Signing): Authority => {
  const sign = (wanted: Below & Wanted, name: string, publicKey: webcrypto.CryptoKey, extensions: Array<Extension>) =>
    X509CertificateGenerator.create({
      ...validity(wanted),
      serialNumber: serial(),
      subject: name,
      issuer: subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        ...(wanted.keyUsage === undefined ? [] : [new KeyUsagesExtension(wanted.keyUsage, true)]),
        ...usagesOf(wanted.usages ?? []),
        ...extensions,
      ],
    })
  return {
    root,
    issue: async wanted => {
      const own = await keyPair()
      const { names, commonName, usages = ['server', 'client'], critical } = wanted
      const name = commonName === undefined ? '' : `CN=${commonName}`
      const made = await sign({ ...wanted, usages }, name, own.publicKey, [
        new BasicConstraintsExtension(false, undefined, true),
        ...(names.length === 0 ? [] : [new Extension(subjectAltName, false, alternativeNames(names))]),
        ...(critical === undefined ? [] : [new Extension('1.2.3.4', true, critical)]),
      ])
      const certificate = `${pemOf(made)}${chain}`
      return { certificate, key: await pemOfKey(own.privateKey), der: Buffer.from(made.rawData) }
    },
    below: async (wanted = {}) => {
      const own = await keyPair()
      const name = `CN=${wanted.name ?? 'An authority below'}`
      const { pathLength, isAuthority = true, onlyBelow } = wanted
      const made = await sign({ ...wanted, names: [] }, name, own.publicKey, [
        new BasicConstraintsExtension(isAuthority, pathLength, true),
        ...(onlyBelow === undefined ? [] : [new Extension(nameConstraints, true, permittedBelow(onlyBelow))]),
      ])
      return authorityOf({ subject: name, keys: own, root, chain: `${pemOf(made)}${chain}` })
    },
  }
}

const usagesOf = (usages: ReadonlyArray<'client' | 'server'>): Array<Extension> =>
  usages.length === 0 ? [] : [new ExtendedKeyUsageExtension(usages.map(usage => keyUsages[usage]))]

/** `NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF SEQUENCE { dNSName [2] } }` */
const permittedBelow = (name: string): Buffer => tlv(0x30, tlv(0xa0, tlv(0x30, tlv(0x82, Buffer.from(name)))))

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
