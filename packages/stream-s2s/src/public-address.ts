/**
 * Which addresses are public. Others, those of this machine, of a local network or of a provider, are not connected to just because
 * another server's DNS names them. Those that are not "globally reachable" in IANA's registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry;
 * of 2025-10), and multicast.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

const special: ReadonlyArray<readonly [network: string, prefix: number]> = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]

/** IPv6 beyond 2000::/3, which is all that is assigned to hosts of the Internet, and what of that is something else. */
const specialIn2000: ReadonlyArray<readonly [network: string, prefix: number]> = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const networks = new BlockList()
for (const [network, prefix] of special) networks.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of specialIn2000) networks.addSubnet(network, prefix, 'ipv6')

const internet = new BlockList()
internet.addSubnet('2000::', 3, 'ipv6')

/** True for an address, IPv4 or IPv6 without brackets, that hosts of the Internet have. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !networks.check(address, 'ipv4')
  if (!isIPv6(address)) return false
  const inside = embedded(address)
  if (inside !== undefined) return isPublicAddress(inside)
  return internet.check(address, 'ipv6') && !networks.check(address, 'ipv6')
}

/** The IPv4 address that an IPv6 address stands for: mapped (RFC 4291 §2.5.5.2), or translated (RFC 6052 §2.1). */
const embedded = (address: string): string | undefined => {
  const groups = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(canonical(address))
  if (groups === null) return undefined
  const [high, low] = [groups[1], groups[2]].map(group => Number.parseInt(group ?? '0', 16))
  if (high === undefined || low === undefined) return undefined
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/** One spelling for each address, without its zone. */
const canonical = (address: string): string => new URL(`http://[${address.replace(/%.*$/, '')}]`).host
