/** A certificate and its key, as PEM, and whether the two can be used. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import * as Either from '#fp-ts/Either'

/** What the server shows who it is with. */
export interface Identity {
  /** The certificate and those it is signed by, in PEM, the server's own first. */
  readonly certificate: string
  /** The private key in PEM. */
  readonly key: string
  /** SHA-256 of the server's own certificate, as `AB:CD:...`. */
  readonly fingerprint: string
  /** Milliseconds since 1970. */
  readonly validUntil: number
  /** No authority vouches for it that clients know: they must be told to trust the fingerprint, or the authority. */
  readonly selfSigned: boolean
  /** Where what signed it lies by itself, if it is no authority that clients know. */
  readonly authorityFile?: string
  /** Sentences about what works, but not for every client, or not for long. */
  readonly warnings: ReadonlyArray<string>
}

/** PEM texts and the names they have in messages. */
export interface PemPair {
  readonly certificate: string
  readonly certificateName: string
  readonly key: string
  readonly keyName: string
}

/** Below this, a certificate is said to end soon. */
const soon = 14 * 24 * 60 * 60 * 1000

/** Reads a pair, or says in one sentence why it cannot be used. */
export const readIdentity = (
  pair: PemPair,
  domains: ReadonlyArray<string>,
  now: number,
): Either.Either<string, Identity> => {
  const { certificateName, keyName } = pair
  const [own] = certificatesIn(pair.certificate)
  if (own === undefined) {
    return Either.left(
      `${certificateName} holds no certificate in PEM (a block that starts with "-----BEGIN CERTIFICATE-----")`,
    )
  }
  const x509 = Either.tryCatch(() => new X509Certificate(own), reasonOf)
  if (Either.isLeft(x509)) return Either.left(`The certificate in ${certificateName} cannot be read: ${x509.left}`)
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pair.key)) {
    return Either.left(
      `The key in ${keyName} is protected by a passphrase; a server needs one without (openssl pkey can remove it)`,
    )
  }
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(pair.key)) {
    return Either.left(
      `${keyName} holds no private key in PEM (a block that starts with "-----BEGIN PRIVATE KEY-----")`,
    )
  }
  const key = Either.tryCatch(() => createPrivateKey(pair.key), reasonOf)
  if (Either.isLeft(key)) return Either.left(`The key in ${keyName} cannot be read: ${key.left}`)
  if (!x509.right.checkPrivateKey(key.right)) {
    return Either.left(
      `The key in ${keyName} does not belong to the first certificate in ${certificateName}, whose subject is ${oneLine(x509.right.subject)}`,
    )
  }
  return Either.right({
    certificate: pair.certificate,
    key: pair.key,
    fingerprint: x509.right.fingerprint256,
    validUntil: Date.parse(x509.right.validTo),
    selfSigned: x509.right.subject === x509.right.issuer && x509.right.verify(x509.right.publicKey),
    warnings: [
      ...warningsOfTime(x509.right, certificateName, now),
      ...warningsOfNames(x509.right, certificateName, domains),
    ],
  })
}

/** True if the certificate is for this domain (RFC 6125): one of its alternative names says so. */
export const isFor = (certificate: X509Certificate, domain: string): boolean => {
  const name = nameInCertificate(domain)
  return isIP(name) > 0
    ? certificate.checkIP(name) !== undefined
    : certificate.checkHost(name, { subject: 'never' }) !== undefined
}

/** As certificates write a domain: in A-labels, or an IP address without brackets. */
export const nameInCertificate = (domain: string): string => {
  const bare = domain.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) > 0 ? bare : domainToASCII(bare) || bare
}

/** The certificates of a PEM text, in its order. */
export const certificatesIn = (pem: string): ReadonlyArray<string> =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

const warningsOfTime = (certificate: X509Certificate, name: string, now: number): ReadonlyArray<string> => {
  const { validFrom, validTo } = certificate
  const left = Date.parse(validTo) - now
  if (Date.parse(validFrom) > now) return [`The certificate in ${name} is not valid before ${validFrom}`]
  if (left <= 0) return [`The certificate in ${name} expired on ${validTo}; clients will refuse it`]
  return left < soon ? [`The certificate in ${name} expires on ${validTo}`] : []
}

const warningsOfNames = (
  certificate: X509Certificate,
  name: string,
  domains: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const missing = domains.filter(domain => !isFor(certificate, domain))
  return missing.length === 0
    ? []
    : [`The certificate in ${name} is not for ${missing.join(', ')}; clients will refuse it there`]
}

const oneLine = (subject: string | undefined): string => (subject ? subject.replaceAll('\n', ', ') : 'empty')

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
