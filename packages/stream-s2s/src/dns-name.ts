/** Domains of addresses as the DNS and certificates write them. */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** Characters of a name in the DNS (RFC 1035 §2.3.4, without the length bytes and the root). */
const longest = 253

/**
 * The name in A-labels (RFC 5890 §2.3.2.1), without a last dot; nothing if there can be none. What is ASCII stays as it is
 * but for its case: `domainToASCII` would take `1` for the address 0.0.0.1.
 */
export const dnsName = (domain: string): string | undefined => {
  const ascii = (allAscii.test(domain) ? domain.toLowerCase() : domainToASCII(domain)).replace(/\.$/, '')
  return ascii.length <= longest && ascii.split('.').every(label => letterDigitHyphen.test(label)) ? ascii : undefined
}

/** The address that a domain is, without brackets; nothing if it is a name. */
export const addressIn = (domain: string): string | undefined => {
  const bare = domain.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) > 0 ? bare : undefined
}

/**
 * True if the domain is an address, also in a way to write it that resolvers of hosts take for one: `127.1`, `0x7f.1`,
 * `2130706433` (inet_aton(3)). No name ends in a number (RFC 3696 §2).
 */
export const isAddress = (domain: string): boolean =>
  addressIn(domain) !== undefined || /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$/i.test(domain)

const allAscii = /^[\0-\x7f]*$/
/** With the underscores that there are in practice. */
const letterDigitHyphen = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
