/**
 * Certificates that are for servers alone (`serverAuth`), shown by a server that connects to us. Public authorities sign no
 * others since 2026, and between servers both sides show what names them, so that purpose is good on either side (RFC 6120
 * §13.7.1). OpenSSL wants `clientAuth` of whoever connects, and Node gives no way to ask for another purpose.
 *
 * Its verdict `INVALID_PURPOSE` must not be forgiven just so: it is the last that was found, and stands as well for a chain that
 * ends at nobody we trust. So the chain is built here once more, from the certificate to an authority of ours, with OpenSSL's
 * functions for names, signatures and keys; and whatever is unusual on it is refused.
 */
import { X509Certificate } from 'node:crypto'
import { extension, extensionsOf } from './certificate-extensions.js'

/** Certificates between the first and the authority at most. */
const longestChain = 8

/**
 * Why the chain is not good for a server, in a word like those of OpenSSL; nothing if it is. `shown`, in DER: what the peer
 * showed, its own certificate first, each followed by its issuer. `now`: milliseconds since 1970.
 */
export const serverChainFault = (
  shown: ReadonlyArray<Uint8Array>,
  authorities: ReadonlyArray<X509Certificate>,
  now: number,
): string | undefined => {
  const [first, ...others] = shown.slice(0, longestChain + 1).map(der => new X509Certificate(der))
  if (first === undefined) return 'UNABLE_TO_GET_ISSUER_CERT'
  let current = first
  for (let below = 0; ; below += 1) {
    const fault = below === 0 ? faultOfServer(current, now) : faultOfAuthority(current, below - 1, now)
    if (fault !== undefined) return fault
    // Whom we know by that very certificate.
    if (below === 0 && authorities.some(one => one.fingerprint256 === first.fingerprint256)) return undefined
    if (authorities.some(one => isIssuedBy(current, one) && faultOfAuthority(one, below, now) === undefined))
      return undefined
    const next = others[below]
    if (next === undefined || !isIssuedBy(current, next)) return 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
    current = next
  }
}

/** Names, key identifiers, the issuer's key usage, and the signature. */
const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

const digitalSignature = 0x80
const keyCertSign = 0x04

const faultOfServer = (certificate: X509Certificate, now: number): string | undefined => {
  const extensions = extensionsOf(certificate.raw)
  if (extensions === undefined) return 'INVALID_EXTENSION'
  const { keyUsage } = extensions
  if (!isForServers(certificate) || (keyUsage !== undefined && (keyUsage & digitalSignature) === 0))
    return 'INVALID_PURPOSE'
  return timeFault(certificate, now) ?? unusual(extensions.critical, extensions.all)
}

/** `below`: how many authorities stand between it and the server. */
const faultOfAuthority = (certificate: X509Certificate, below: number, now: number): string | undefined => {
  const extensions = extensionsOf(certificate.raw)
  if (extensions === undefined) return 'INVALID_EXTENSION'
  const { pathLength, keyUsage, critical, all } = extensions
  if (!certificate.ca || (keyUsage !== undefined && (keyUsage & keyCertSign) === 0)) return 'INVALID_CA'
  if (pathLength !== undefined && below > pathLength) return 'PATH_LENGTH_EXCEEDED'
  if (!isForServers(certificate, true)) return 'INVALID_PURPOSE'
  return timeFault(certificate, now) ?? unusual(critical, all)
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const anyPurpose = '2.5.29.37.0'

/** An authority may be for anything, where it does not say. Node calls the extended key usage so. */
const isForServers = ({ keyUsage }: X509Certificate, isAuthority = false): boolean =>
  keyUsage === undefined ? isAuthority : keyUsage.includes(serverAuth) || (isAuthority && keyUsage.includes(anyPurpose))

const timeFault = ({ validFrom, validTo }: X509Certificate, now: number): string | undefined => {
  if (!(Date.parse(validFrom) <= now)) return 'CERT_NOT_YET_VALID'
  return now <= Date.parse(validTo) ? undefined : 'CERT_HAS_EXPIRED'
}

const understood: ReadonlySet<string> = new Set([
  extension.keyUsage,
  extension.alternativeNames,
  extension.basicConstraints,
  extension.policies,
  extension.extendedKeyUsage,
])

/** What must be understood and is not, and what would restrict the names. */
const unusual = (critical: ReadonlyArray<string>, all: ReadonlyArray<string>): string | undefined =>
  critical.every(id => understood.has(id)) && !all.includes(extension.nameConstraints)
    ? undefined
    : 'UNHANDLED_CRITICAL_EXTENSION'

/** The certificates in the option `ca` of TLS. */
export const authoritiesIn = (ca: unknown): ReadonlyArray<X509Certificate> =>
  (Array.isArray(ca) ? ca : [ca])
    .flatMap(each => String(each ?? '').match(pem) ?? [])
    .map(block => new X509Certificate(block))

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
