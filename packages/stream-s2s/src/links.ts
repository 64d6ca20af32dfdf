/** All outgoing links: what is given to them, what comes back from them, and which of them connect. */
import { domainInAddress, type Stanza } from '@smacks/codec'
import type { Session, StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { LinkAdmission } from './link-admission.js'
import { type LinkName, outgoingLink, readLink } from './link-name.js'
import {
  dispatchToLink,
  isUnsent,
  isWaiting,
  type LinkEvent,
  type LinkState,
  linkSession,
  linkStateOf,
} from './link-session.js'
import { OutgoingLink, type OutgoingLinkOptions } from './outgoing-link.js'
import { payerOf } from './shares.js'

/** An answer to an iq; `from` and `to` are normalised JIDs, `to` the one that had asked. */
export interface IqAnswer {
  readonly id: string
  readonly from: string
  readonly to: string
}

/** Why a stanza is not taken. */
export type LinkRefusal = 'remote-server-not-found' | 'remote-server-timeout' | 'resource-constraint'

export interface Links {
  /**
   * Gives a stanza to the link between the domains of its `from`, which is served here, and its `to`. Nothing is
   * returned if it was taken.
   */
  readonly send: (stanza: Stanza, facts: StanzaFacts) => LinkRefusal | undefined
  /** An iq that was sent over a link was answered: it does not come back. */
  readonly answered: (answer: IqAnswer) => void
  /** How the link between a served domain and another stands. */
  readonly stateOf: (local: string, remote: string) => LinkState
  /** Establishes the link, if it is down, for nothing that waits. */
  readonly connect: (local: string, remote: string) => void
  /** The last stream of this link that was established had no stream management: nobody knows what of it arrived. */
  readonly isUnmanaged: (link: AccountId) => boolean
  /** The session of a link is over, or waits for a connection: connect if anything waits. */
  readonly wake: (link: AccountId) => void
  /** Connects for all that was journalled. */
  readonly recover: () => void
  /** Connects no more. Without a journal nothing waits in vain: it is returned while its senders can be told. */
  readonly stop: () => void
}

export const createLinks = (options: OutgoingLinkOptions): Links => new OutgoingLinks(options)

class OutgoingLinks implements Links {
  private readonly links = new Map<AccountId, OutgoingLink>()
  private readonly admission: LinkAdmission
  private readonly linkOptions: OutgoingLinkOptions
  private isStopped = false

  constructor(private readonly options: OutgoingLinkOptions) {
    this.admission = new LinkAdmission({
      policy: options.policy,
      sessionOf: link => this.session(link),
      close: link => this.dispatch(link, { _tag: 'CloseRequested' }),
    })
    this.linkOptions = {
      ...options,
      established: (local, remote) => {
        this.admission.established(outgoingLink(local, remote))
        options.established(local, remote)
      },
    }
  }

  send(stanza: Stanza, facts: StanzaFacts): LinkRefusal | undefined {
    const id = linkBetween(facts.from, facts.to)
    if (id === undefined) return 'remote-server-not-found'
    const session = this.session(id)
    if (session === undefined && this.isStopped && !this.options.policy.journalled) return 'remote-server-timeout'
    if (!this.admits(id, session, stanza, facts)) return 'resource-constraint'
    this.admission.used(id)
    if (session === undefined) this.dispatch(id, { _tag: 'ConnectionWanted' })
    this.dispatch(id, { _tag: 'StanzaSubmitted', stanza, facts })
    if (session === undefined) this.wake(id)
    if (session?._tag === 'Unmanaged') this.links.get(id)?.carried()
    return undefined
  }

  answered({ id, from, to }: IqAnswer): void {
    const link = linkBetween(to, from)
    if (link === undefined) return
    const session = this.session(link)
    if (session === undefined || session._tag === 'Unmanaged' || session.outbound.unacked.length === 0) return
    this.dispatch(link, { _tag: 'IqAnswered', id, to, from })
  }

  connect(local: string, remote: string): void {
    const id = outgoingLink(local, remote)
    if (this.isStopped) return
    if (this.session(id) === undefined) {
      if (!this.links.has(id) && !this.admission.enter(id, undefined)) return
      this.dispatch(id, { _tag: 'ConnectionWanted' })
    }
    this.wake(id)
  }

  isUnmanaged(link: AccountId): boolean {
    return this.links.get(link)?.isUnmanaged === true
  }

  stateOf(local: string, remote: string): LinkState {
    return linkStateOf(this.session(outgoingLink(local, remote)), this.options.policy.maxWaiting)
  }

  wake(id: AccountId): void {
    const name = readLink(id)
    if (!this.isStopped && name?.direction === 'outgoing') this.link(id, name).wake()
  }

  recover(): void {
    for (const id of this.outgoing()) {
      this.admission.recovered(id, this.session(id))
      this.wake(id)
    }
  }

  stop(): void {
    this.isStopped = true
    for (const link of this.links.values()) link.stop()
    this.links.clear()
    if (!this.options.policy.journalled) this.failConnecting()
  }

  /** True if the link takes one more stanza: at once, or to wait, for which there must be room. */
  private admits(id: AccountId, session: Session<Stanza> | undefined, stanza: Stanza, facts: StanzaFacts): boolean {
    if (session !== undefined && !isWaiting(session)) return true
    const payer = payerOf(facts)
    if (!this.admission.mayWait(id, session, stanza, payer)) return false
    const isNew = session === undefined && !this.links.has(id)
    if (isNew && !this.admission.enter(id, payer)) return false
    this.admission.waits(id, stanza, payer)
    return true
  }

  /** What waits for a first stream is returned to its senders. */
  private failConnecting(): void {
    for (const id of [...this.outgoing()])
      if (isUnsent(this.session(id)))
        this.dispatch(id, { _tag: 'ConnectionFailed', condition: 'remote-server-timeout' })
  }

  private link(id: AccountId, name: LinkName): OutgoingLink {
    const known = this.links.get(id)
    if (known !== undefined) return known
    const link = new OutgoingLink(this.linkOptions, name, () => {
      this.links.delete(id)
      this.admission.removed(id)
    })
    this.links.set(id, link)
    this.admission.exists(id)
    return link
  }

  private *outgoing(): Iterable<AccountId> {
    for (const id of this.options.runtime.accounts()) if (readLink(id)?.direction === 'outgoing') yield id
  }

  private session(link: AccountId): Session<Stanza> | undefined {
    return linkSession(this.options.runtime, link)
  }

  private dispatch(link: AccountId, event: LinkEvent): void {
    dispatchToLink(this.options, link, event)
  }
}

/** The link from the domain of one address, which is served here, to that of another; nothing if one of them has none. */
const linkBetween = (from: string | undefined, to: string | undefined): AccountId | undefined => {
  const local = domainInAddress(from)
  const remote = domainInAddress(to)
  return local === undefined || remote === undefined ? undefined : outgoingLink(local, remote)
}
