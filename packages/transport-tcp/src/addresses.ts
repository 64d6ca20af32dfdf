/** How many connections each address has, bounded. */
import type { TcpLog } from './options.js'

export interface Addresses {
  /** Counts a connection of this address in; false if the address has enough. */
  readonly enter: (address: string) => boolean
  /** Counts it out. */
  readonly leave: (address: string) => void
}

/** The log tells of refusals at most so often, in milliseconds. */
const telling = 10_000

export const createAddresses = (limit: number, log: TcpLog, now: () => number): Addresses => {
  const counts = new Map<string, number>()
  let refused = 0
  let toldAt = Number.NEGATIVE_INFINITY

  const refuse = (address: string) => {
    refused += 1
    if (now() - toldAt < telling) return
    log.info(
      `Refused ${refused} ${refused === 1 ? 'connection' : 'connections'}, the last from ${address}: ` +
        `it has ${limit} already, and connections_per_address allows no more.`,
    )
    refused = 0
    toldAt = now()
  }

  return {
    enter: address => {
      const count = counts.get(address) ?? 0
      if (count >= limit) {
        refuse(address)
        return false
      }
      counts.set(address, count + 1)
      return true
    },
    leave: address => {
      const count = counts.get(address) ?? 0
      if (count > 1) counts.set(address, count - 1)
      else counts.delete(address)
    },
  }
}

/** An IPv4 peer of a socket that also takes IPv6 has a mapped address (RFC 4291 §2.5.5.2); it is one peer all the same. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
