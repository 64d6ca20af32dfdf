/** Addresses of peers, as the operating system writes them. */

/**
 * Who counts as one: an IPv4 address, or the /64 of an IPv6 one, in which whoever has one address has 2^64 (RFC 4291
 * §2.5.1). The address may have a zone.
 */
export const networkOf = (address: string): string => {
  const plain = address.replace(/%.*$/s, '')
  if (!plain.includes(':')) return plain
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  const [front = '', back] = plain.split('::')
  const head = groupsOf(front)
  const tail = back === undefined ? [] : groupsOf(back)
  const missing = Math.max(0, 8 - head.length - tail.length)
  const groups = back === undefined ? head : [...head, ...Array<string>(missing).fill('0'), ...tail]
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** True for an address of this machine alone, with or without a mapping into IPv6. */
export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/i.test(address)

/** A dotted quad at the end stands for two groups. */
const groupsOf = (text: string): ReadonlyArray<string> =>
  text === '' ? [] : text.split(':').flatMap(group => (group.includes('.') ? ['0', '0'] : [group]))
