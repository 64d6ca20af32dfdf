/**
 * Who may try to log in now. Failures are counted by address and by account, over all connections, and cost ever longer
 * waits.
 *
 * Nobody may lock a user out by failing in the user's name. So an address from which an account logged in before waits only
 * for its own failures at that account, and never long. An address that has not failed at this account yet does not share
 * the account's waits, so that a user who comes from a new place, or whose forgotten device has an old password, gets in;
 * only when very many addresses fail at one account do all new ones have to wait.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '@smacks/runtime'
import { networkOf } from '@smacks/stream'
import { afterFailure, noPenalty, type Penalty, type PenaltyRules, penaltyAt, waitOf } from './penalty.js'
import { Recent } from './recent.js'

export interface LoginThrottle {
  /**
   * How long whoever comes from this address has to wait until it may try this account, in milliseconds; 0: not at all.
   * To be asked in the same turn in which `tried` tells what came of it: many that try at once may not count as one.
   */
  readonly waitFor: (address: string, account: string) => number
  /** What came of an attempt. */
  readonly tried: (address: string, account: string, outcome: 'right' | 'wrong') => void
  /** The account has a new password or is gone: no address is known for it any more. */
  readonly forget: (account: string) => void
}

export interface LoginThrottleOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Failures of one address, at whatever accounts, and failures at one account that cost nothing. */
  readonly perAddress: number
  readonly perAccount: number
  /** The longest wait, and the time after which failures are forgotten, in seconds. */
  readonly longestSeconds: number
  readonly forgetSeconds: number
  /** Entries of each table; 10,000 unless told. */
  readonly capacity?: number
}

/** New addresses share the waits of an account once it has so many times its free failures. */
export const newAddressFactor = 10

/** The longest wait of an address that is known for the account: devices behind it may differ in what password they have. */
const longestWaitOfKnown = 10_000

/** An address from which an account logged in is known for it so long. */
const knownMilliseconds = 30 * 24 * 60 * 60 * 1_000

/** An address from which an account logged in, and how often it failed since. */
interface Known {
  readonly at: number
  readonly penalty: Penalty
}

export const createLoginThrottle = (options: LoginThrottleOptions): LoginThrottle => {
  const { clock, capacity = 10_000 } = options
  const longest = options.longestSeconds * 1_000
  const forgetAfter = options.forgetSeconds * 1_000
  const ofAddress: PenaltyRules = { free: options.perAddress, longest, forgetAfter }
  const ofAccount: PenaltyRules = { free: options.perAccount, longest, forgetAfter }
  const ofKnown: PenaltyRules = { ...ofAddress, longest: Math.min(longest, longestWaitOfKnown) }
  const addresses = new Recent<Penalty>(capacity)
  const accounts = new Recent<Penalty>(capacity)
  /** By address and account: who failed where, and who logged in where. */
  const failed = new Recent<Penalty>(2 * capacity)
  const known = new Recent<Known>(2 * capacity)

  const knownAt = (pair: string, now: number): Known | undefined => {
    const found = known.get(pair)
    return found === undefined || now - found.at < knownMilliseconds ? found : undefined
  }

  /** Whether the waits of the account are those of this pair too. */
  const sharesWaits = (pair: string, { failures }: Penalty, now: number): boolean =>
    failures > ofAccount.free * newAddressFactor || penaltyAt(ofAddress, failed.get(pair), now).failures > 0

  const waitFor = (address: string, account: string): number => {
    const now = clock.monotonic()
    const network = networkOf(address)
    const pair = pairOf(network, account)
    const knownAddress = knownAt(pair, now)
    if (knownAddress !== undefined) return waitOf(penaltyAt(ofKnown, knownAddress.penalty, now), now)
    const accountPenalty = penaltyAt(ofAccount, accounts.get(nameOf(account)), now)
    return Math.max(
      waitOf(penaltyAt(ofAddress, addresses.get(network), now), now),
      sharesWaits(pair, accountPenalty, now) ? waitOf(accountPenalty, now) : 0,
    )
  }

  const fail = (network: string, account: string, pair: string, at: number): void => {
    const knownAddress = knownAt(pair, at)
    if (knownAddress !== undefined)
      return known.put(pair, { ...knownAddress, penalty: afterFailure(ofKnown, knownAddress.penalty, at) })
    addresses.put(network, afterFailure(ofAddress, addresses.get(network), at))
    accounts.put(nameOf(account), afterFailure(ofAccount, accounts.get(nameOf(account)), at))
    failed.put(pair, afterFailure(ofAddress, failed.get(pair), at))
  }

  return {
    waitFor,
    tried: (address, account, outcome) => {
      const at = clock.monotonic()
      const network = networkOf(address)
      const pair = pairOf(network, account)
      if (outcome === 'wrong') fail(network, account, pair, at)
      else known.put(pair, { at, penalty: knownAt(pair, at)?.penalty ?? noPenalty })
    },
    forget: account => known.deleteWhere(pair => pair.endsWith(`\n${nameOf(account)}`)),
  }
}

/** There is no line break in a network. */
const pairOf = (network: string, account: string): string => `${network}\n${nameOf(account)}`

/** Names that peers send may be long, and a table holds many of them. */
const longestName = 120

const nameOf = (account: string): string =>
  account.length <= longestName ? account : createHash('sha256').update(account).digest('base64')
