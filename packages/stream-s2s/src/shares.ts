/**
 * What each account may take of the outgoing links: so many of them, and so many bytes that wait. Without a share, one user
 * who writes to a thousand invented domains would leave no link to anybody else.
 */
import { bareOf } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'

/** Whom a stanza is charged to: an account, or none of this server. */
export type Payer = AccountId | undefined

/** The limits. Other servers may cause half of the links and half of all bytes. */
export interface ShareLimits {
  /** Links that there can be at a time. */
  readonly links: number
  /** Links that one account may have caused. */
  readonly linksPerAccount: number
  /** Bytes that wait for one link. */
  readonly bytesPerLink: number
  /** Bytes that wait for any link, of one account. */
  readonly bytesPerAccount: number
  /** Bytes that wait for any link. */
  readonly bytes: number
}

/** The account that a stanza is charged to; none for an answer, which the other server caused by what it had sent. */
export const payerOf = ({ from, name, type }: Pick<StanzaFacts, 'from' | 'name' | 'type'>): Payer => {
  const account = from === undefined ? undefined : bareOf(from)
  const isAnswer = type === 'error' || (name === 'iq' && type === 'result')
  return isAnswer || account?.includes('@') !== true ? undefined : account
}

/** The links that exist, and who caused each. */
export class LinkShares {
  private readonly payers = new Map<AccountId, Payer>()
  /** By payer, the most recently used link at the end. */
  private readonly caused = new Map<Payer, Set<AccountId>>()

  constructor(private readonly limits: Pick<ShareLimits, 'links' | 'linksPerAccount'>) {}

  /** True if the payer may cause one more link. */
  hasRoom(payer: Payer): boolean {
    const most = payer === undefined ? Math.ceil(this.limits.links / 2) : this.limits.linksPerAccount
    return this.payers.size < this.limits.links && (this.caused.get(payer)?.size ?? 0) < most
  }

  /** The links that the payer caused, the least recently used first; if there are too many in all, those of all payers. */
  eldest(payer: Payer): Iterable<AccountId> {
    return this.payers.size < this.limits.links ? (this.caused.get(payer) ?? []) : this.payers.keys()
  }

  add(link: AccountId, payer: Payer): void {
    if (this.payers.has(link)) return
    this.payers.set(link, payer)
    const links = this.caused.get(payer) ?? new Set()
    this.caused.set(payer, links.add(link))
  }

  /** Somebody used the link. */
  use(link: AccountId): void {
    if (!this.payers.has(link)) return
    const payer = this.payers.get(link)
    this.payers.delete(link)
    this.payers.set(link, payer)
    const links = this.caused.get(payer)
    links?.delete(link)
    links?.add(link)
  }

  delete(link: AccountId): void {
    const payer = this.payers.get(link)
    this.payers.delete(link)
    const links = this.caused.get(payer)
    links?.delete(link)
    if (links?.size === 0) this.caused.delete(payer)
  }
}

/** The bytes that wait for links that are not established. */
export class WaitingBytes {
  private readonly links = new Map<AccountId, Map<Payer, number>>()
  private readonly payers = new Map<Payer, number>()
  private total = 0

  constructor(private readonly limits: Pick<ShareLimits, 'bytes' | 'bytesPerAccount' | 'bytesPerLink'>) {}

  /** True if so many bytes more may wait. */
  hasRoom(link: AccountId, payer: Payer, bytes: number): boolean {
    const { limits } = this
    const share = payer === undefined ? limits.bytes / 2 : limits.bytesPerAccount
    return (
      this.total + bytes <= limits.bytes &&
      (this.payers.get(payer) ?? 0) + bytes <= share &&
      this.of(link) + bytes <= limits.bytesPerLink
    )
  }

  add(link: AccountId, payer: Payer, bytes: number): void {
    const entry = this.links.get(link) ?? new Map<Payer, number>()
    this.links.set(link, entry.set(payer, (entry.get(payer) ?? 0) + bytes))
    this.payers.set(payer, (this.payers.get(payer) ?? 0) + bytes)
    this.total += bytes
  }

  /** True if it is known what waits for the link. */
  has(link: AccountId): boolean {
    return this.links.has(link)
  }

  /** Nothing waits for the link any more. */
  clear(link: AccountId): void {
    for (const [payer, bytes] of this.links.get(link) ?? []) {
      const left = (this.payers.get(payer) ?? 0) - bytes
      if (left > 0) this.payers.set(payer, left)
      else this.payers.delete(payer)
      this.total -= bytes
    }
    this.links.delete(link)
  }

  private of(link: AccountId): number {
    let sum = 0
    for (const bytes of this.links.get(link)?.values() ?? []) sum += bytes
    return sum
  }
}
