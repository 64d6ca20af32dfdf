/** Which connections are let in: bounded in all, those without a session, and those of one address. */
import { networkOf } from '@smacks/stream'
import type { TcpLog } from './log.js'
import type { TcpLimits } from './options.js'

/** A connection that somebody made to us. */
export interface Visitor {
  readonly remoteAddress: string
  /** When it came, on the clock of the transport. */
  readonly openedAt: number
  /** Ends it. */
  readonly giveUp: (reason: string) => void
}

export interface Admission {
  /** Why no connection of this address may be let in now; nothing if it may. */
  readonly refusal: (address: string) => string | undefined
  /** It was let in, and is pending. */
  readonly enter: (visitor: Visitor) => void
  /** It is established. */
  readonly settle: (visitor: Visitor) => void
  /** It is no more. */
  readonly leave: (visitor: Visitor) => void
}

type AdmissionLimits = Pick<TcpLimits, 'connections' | 'connectionsPerAddress' | 'pendingConnections'>

/** The log tells of refusals at most so often, in milliseconds. */
const telling = 10_000

/** A connection that is pending for so many milliseconds gives way to a new one, where there are too many. */
const negotiationTime = 5000

export const createAdmission = (
  { connections, connectionsPerAddress, pendingConnections }: AdmissionLimits,
  log: TcpLog,
  now: () => number,
): Admission => {
  const inside = new Set<Visitor>()
  /** Those of them that are pending, the oldest first, and how many each network has. */
  const pending = new Set<Visitor>()
  const perNetwork = new Map<string, number>()
  let refused = 0
  let toldAt = Number.NEGATIVE_INFINITY

  const settle = (visitor: Visitor): void => {
    if (!pending.delete(visitor)) return
    const network = networkOf(visitor.remoteAddress)
    const count = perNetwork.get(network) ?? 0
    if (count > 1) perNetwork.set(network, count - 1)
    else perNetwork.delete(network)
  }

  /** Makes room for one more; false if nobody had time enough. */
  const makeRoom = (): boolean => {
    const [oldest] = pending
    if (oldest === undefined || now() - oldest.openedAt < negotiationTime) return false
    settle(oldest)
    oldest.giveUp(`others wait, and it had no session after ${Math.round((now() - oldest.openedAt) / 1000)} seconds`)
    return true
  }

  const reasonAgainst = (address: string): string | undefined => {
    if (inside.size >= connections) return `there are ${connections} connections, and max_connections allows no more.`
    const count = perNetwork.get(networkOf(address)) ?? 0
    if (count >= connectionsPerAddress)
      return `it has ${count} connections without a session, and connections_per_address allows no more.`
    if (pending.size >= pendingConnections && !makeRoom())
      return `there are ${pending.size} connections without a session, and max_pending_connections allows no more.`
    return undefined
  }

  const tell = (address: string, reason: string): void => {
    refused += 1
    if (now() - toldAt < telling) return
    log.info(`Refused ${refused} ${refused === 1 ? 'connection' : 'connections'}, the last from ${address}: ${reason}`)
    refused = 0
    toldAt = now()
  }

  return {
    refusal: address => {
      const reason = reasonAgainst(address)
      if (reason !== undefined) tell(address, reason)
      return reason
    },
    enter: visitor => {
      const network = networkOf(visitor.remoteAddress)
      inside.add(visitor)
      pending.add(visitor)
      perNetwork.set(network, (perNetwork.get(network) ?? 0) + 1)
    },
    settle,
    leave: visitor => {
      inside.delete(visitor)
      settle(visitor)
    },
  }
}

/** An IPv4 peer of a socket that also takes IPv6 has a mapped address (RFC 4291 §2.5.5.2); it is one peer all the same. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
