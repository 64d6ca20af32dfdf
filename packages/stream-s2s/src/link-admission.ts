/** Which links there may be, and which stanzas may wait for them: each account has a share of both, and each link one of the latter. */
import type { Stanza } from '@smacks/codec'
import { type Session, toArray } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isIdle, isWaiting, waitingIn } from './link-session.js'
import type { S2sPolicy } from './options.js'
import { LinkShares, type Payer, payerOf, WaitingBytes } from './shares.js'

export interface LinkAdmissionOptions {
  readonly policy: Pick<S2sPolicy, 'maxWaiting' | 'shares'>
  /** The session of a link. */
  readonly sessionOf: (link: AccountId) => Session<Stanza> | undefined
  /** Closes an idle link: another one needs its place. */
  readonly close: (link: AccountId) => void
}

/** Links that are looked at for one that can be closed in favour of another. */
const maxExamined = 100

export class LinkAdmission {
  private readonly shares: LinkShares
  private readonly waiting: WaitingBytes

  constructor(private readonly options: LinkAdmissionOptions) {
    this.shares = new LinkShares(options.policy.shares)
    this.waiting = new WaitingBytes(options.policy.shares)
  }

  /** True if the payer may cause this link; then it has its place, which may have been that of an idle link. */
  enter(link: AccountId, payer: Payer): boolean {
    if (!this.shares.hasRoom(payer)) this.closeIdle(payer)
    if (!this.shares.hasRoom(payer)) return false
    this.shares.add(link, payer)
    return true
  }

  /** True if the stanza may wait for the link beside what waits in its session. */
  mayWait(link: AccountId, session: Session<Stanza> | undefined, stanza: Stanza, payer: Payer): boolean {
    this.count(link, session)
    return waitingIn(session) < this.options.policy.maxWaiting && this.waiting.hasRoom(link, payer, sizeOf(stanza))
  }

  /** The stanza waits for the link. */
  waits(link: AccountId, stanza: Stanza, payer: Payer): void {
    this.waiting.add(link, payer, sizeOf(stanza))
  }

  /** The link is there, whoever caused it. */
  exists(link: AccountId): void {
    this.shares.add(link, undefined)
  }

  /** Somebody used the link. */
  used(link: AccountId): void {
    this.shares.use(link)
  }

  /** The link was journalled, with this session; whoever caused what waits first has caused it. */
  recovered(link: AccountId, session: Session<Stanza> | undefined): void {
    const [first] = session === undefined || !isWaiting(session) ? [] : toArray(session.outbound.unacked)
    this.shares.add(link, first && payerOf(first.facts))
    this.count(link, session)
  }

  /** Nothing waits for the link any more. */
  established(link: AccountId): void {
    this.waiting.clear(link)
  }

  /** The link is no more. */
  removed(link: AccountId): void {
    this.shares.delete(link)
    this.waiting.clear(link)
  }

  /** Counts what waited for the link before this process began, or before its stream broke. */
  private count(link: AccountId, session: Session<Stanza> | undefined): void {
    if (this.waiting.has(link) || session === undefined || !isWaiting(session)) return
    for (const { stanza, facts } of toArray(session.outbound.unacked)) this.waits(link, stanza, payerOf(facts))
  }

  /** Of the links that count against the payer, closes the idle one that was not used for longest. */
  private closeIdle(payer: Payer): void {
    let examined = 0
    for (const link of this.shares.eldest(payer)) {
      examined += 1
      if (examined > maxExamined) return
      const session = this.options.sessionOf(link)
      if (session !== undefined && !isIdle(session)) continue
      this.shares.delete(link)
      if (session !== undefined) this.options.close(link)
      return
    }
  }
}

const sizeOf = (stanza: Stanza): number => stanza.size
