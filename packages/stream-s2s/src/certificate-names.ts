/**
 * Which domains a certificate names (RFC 6120 §13.7.1.2, XEP-0178 §3, RFC 9525). Only its alternative names count: the common name
 * never does, as RFC 9525 §2 has it, since it is a text for people.
 *
 * Whether the certificate is trusted (who signed it, whether it is still valid) is judged by TLS before.
 */
import { X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { parseJid } from '@smacks/codec'
import { brief } from '@smacks/stream'
import { type Either, isLeft, tryCatch } from '#fp-ts/Either'
import { isNone } from '#fp-ts/Option'
import { addressIn, dnsName } from './dns-name.js'

/** A name of a server in a certificate, as it is written there. */
export type CertificateName =
  /** dNSName: `example.org`, or `*.example.org` for all that have one label more. */
  | { readonly _tag: 'Dns'; readonly name: string }
  /** SRVName (RFC 4985): `_xmpp-server.example.org`. */
  | { readonly _tag: 'Service'; readonly name: string }
  /** id-on-xmppAddr (RFC 6120 §13.7.1.4): a JID. */
  | { readonly _tag: 'Xmpp'; readonly name: string }
  /** iPAddress. */
  | { readonly _tag: 'Address'; readonly name: string }

/** What is wrong with the certificate, in DER, for a server of this domain: one sentence, or nothing. Never throws. */
export const certificateFault = (der: Uint8Array, domain: string): string | undefined => {
  const names = certificateNames(der)
  if (isLeft(names)) return names.left
  if (names.right.some(name => isNamed(name, domain))) return undefined
  return names.right.length === 0
    ? `The certificate is for no domain (among its alternative names, which alone count), not for '${brief(domain)}'.`
    : `The certificate is for ${listed(names.right)}, not for '${brief(domain)}'.`
}

/** The names of servers in a certificate in DER; `Left` is a sentence. */
export const certificateNames = (der: Uint8Array): Either<string, ReadonlyArray<CertificateName>> =>
  tryCatch(
    () => alternativesIn(new X509Certificate(der).subjectAltName ?? ''),
    cause => `The certificate cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
  )

/** True if the name is one of the domain, which is normalised or not, in A-labels or not. */
export const isNamed = ({ _tag, name }: CertificateName, domain: string): boolean => {
  const address = addressIn(domain)
  if (address !== undefined || _tag === 'Address')
    return address !== undefined && _tag === 'Address' && canonical(address) === canonical(name)
  const wanted = dnsName(domain)
  if (wanted === undefined) return false
  switch (_tag) {
    case 'Dns':
      return name.startsWith('*.') ? isBelow(wanted, name.slice(2)) : asciiName(name) === wanted
    case 'Service':
      return name.toLowerCase().startsWith(service) && asciiName(name.slice(service.length)) === wanted
    case 'Xmpp': {
      const jid = parseJid(name)
      if (isNone(jid) || jid.value.local !== '' || jid.value.resource !== '') return false
      return dnsName(jid.value.domain) === wanted
    }
  }
}

const service = '_xmpp-server.'

/** A domain as certificates have it: in A-labels. Anything else is no name of a domain. */
const asciiName = (name: string): string | undefined => (/^[\x21-\x7e]+$/.test(name) ? dnsName(name) : undefined)

/** One label more (RFC 9525 §6.3). What a wildcard is of has two labels at least: nobody owns all of `.org`. */
const isBelow = (domain: string, parent: string): boolean => {
  const above = asciiName(parent)
  return above?.includes('.') === true && domain.slice(domain.indexOf('.') + 1) === above && domain.includes('.')
}

/** One spelling for each address. */
const canonical = (address: string): string => (isIPv6(address) ? new URL(`http://[${address}]`).host : address)

// Reading

const kinds = [
  ['DNS:', 'Dns'],
  ['othername:SRVName:', 'Service'],
  ['othername:XmppAddr:', 'Xmpp'],
  ['IP Address:', 'Address'],
] as const

/**
 * Node separates the names by `, `, and writes what holds anything but plain characters as a string of JSON, commas
 * escaped: so that no name passes for two. The kind of an `othername` is inside of that string, and one whose value is
 * not of its type is `<unsupported>`.
 */
const alternativesIn = (text: string): ReadonlyArray<CertificateName> =>
  text.split(', ').flatMap(each => {
    const plain = unquoted(each)
    const kind = kinds.find(([prefix]) => plain.startsWith(prefix))
    return kind === undefined ? [] : [{ _tag: kind[1], name: plain.slice(kind[0].length) }]
  })

const unquoted = (text: string): string => {
  const [, kind = '', quoted] = /^([A-Za-z ]+:)(".*")$/s.exec(text) ?? []
  if (quoted === undefined) return text
  const value: unknown = JSON.parse(quoted)
  return `${kind}${String(value)}`
}

/** Names that are listed; a certificate can have thousands. */
const maxListed = 5

const listed = (names: ReadonlyArray<CertificateName>): string => {
  const first = names.slice(0, maxListed).map(({ name }) => `'${brief(name)}'`)
  const more = names.length - first.length
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
