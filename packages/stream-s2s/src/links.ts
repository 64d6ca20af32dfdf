/** All outgoing links: who wants one, what comes back from one, and which of them connect. */
import { domainInAddress, type Stanza } from '@smacks/codec'
import { type Session, type StanzaFacts, sessionOf, toArray } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { type LinkName, outgoingLink, outgoingResource, readLink } from './link-name.js'
import { OutgoingLink, type OutgoingLinkOptions } from './outgoing-link.js'
import { LinkShares, type Payer, payerOf, WaitingBytes } from './shares.js'

/** How a link stands: stanzas leave at once, or it is slow to acknowledge what it has, or they wait. */
export type LinkState = 'busy' | 'down' | 'ready'

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
  readonly stateOf: (here: string, there: string) => LinkState
  /** Establishes the link, if it is down, for nothing that waits. */
  readonly connect: (here: string, there: string) => void
  /** The last stream of this link that stood had no stream management: nobody knows what of it arrived. */
  readonly isUnmanaged: (link: AccountId) => boolean
  /** The session of a link is over, or waits for a connection: connect if anything waits. */
  readonly wake: (link: AccountId) => void
  /** Connects for all that was journalled. */
  readonly recover: () => void
  /** Connects no more. Without a journal nothing waits in vain: it is returned while its senders can be told. */
  readonly stop: () => void
}

/** Links that are looked at for one that can be closed in favour of another. */
const lookedAt = 100

export const createLinks = (options: OutgoingLinkOptions): Links => {
  const links = new Map<AccountId, OutgoingLink>()
  const shares = new LinkShares(options.policy.shares)
  const waiting = new WaitingBytes(options.policy.shares)
  let stopped = false

  const linkOptions: OutgoingLinkOptions = {
    ...options,
    established: (here, there) => {
      waiting.clear(outgoingLink(here, there))
      options.established(here, there)
    },
  }

  const linkOf = (id: AccountId, name: Pick<LinkName, 'here' | 'there'>): OutgoingLink => {
    const known = links.get(id)
    if (known !== undefined) return known
    const link = new OutgoingLink(linkOptions, name, () => {
      links.delete(id)
      shares.delete(id)
      waiting.clear(id)
    })
    links.set(id, link)
    shares.add(id, undefined)
    return link
  }

  const sessionOfLink = (id: AccountId): Session<Stanza> | undefined =>
    sessionOf(options.runtime.account(id), outgoingResource)

  /** Takes a place for a new link, if need be that of one that stands and that nobody has used for longest. */
  const enter = (id: AccountId, payer: Payer): boolean => {
    if (links.has(id)) return true
    if (!shares.hasRoom(payer)) closeEldest(payer)
    if (!shares.hasRoom(payer)) return false
    shares.add(id, payer)
    return true
  }

  const closeEldest = (payer: Payer): void => {
    let looked = 0
    for (const id of shares.eldest(payer)) {
      looked += 1
      if (looked > lookedAt) return
      const session = sessionOfLink(id)
      if (session !== undefined && !isIdle(session)) continue
      shares.delete(id)
      if (session === undefined) return
      const { runtime, clock } = options
      return runtime.dispatch(id, { _tag: 'CloseRequested', at: clock.now(), resource: outgoingResource })
    }
  }

  /** Counts what waited for the link before this process, or before its stream broke. */
  const count = (id: AccountId, session: Session<Stanza> | undefined): void => {
    if (waiting.has(id) || session === undefined || !isWaiting(session)) return
    for (const { stanza, facts } of toArray(session.outbound.unacked)) waiting.add(id, payerOf(facts), sizeOf(stanza))
  }

  const wake = (id: AccountId): void => {
    const name = readLink(id)
    if (!stopped && name?.direction === 'outgoing') linkOf(id, name).wake()
  }

  const send = (stanza: Stanza, facts: StanzaFacts): LinkRefusal | undefined => {
    const here = domainInAddress(facts.from)
    const there = domainInAddress(facts.to)
    if (here === undefined || there === undefined) return 'remote-server-not-found'
    const id = outgoingLink(here, there)
    const { runtime, clock, policy } = options
    const session = sessionOfLink(id)
    if (session === undefined && stopped && !policy.journalled) return 'remote-server-timeout'
    const payer = payerOf(facts)
    if (session === undefined || isWaiting(session)) {
      const bytes = sizeOf(stanza)
      count(id, session)
      if (waitingIn(session) >= policy.maxWaiting || !waiting.hasRoom(id, payer, bytes)) return 'resource-constraint'
      if (session === undefined && !enter(id, payer)) return 'resource-constraint'
      waiting.add(id, payer, bytes)
    }
    shares.use(id)
    const at = clock.now()
    const resource = outgoingResource
    if (session === undefined) runtime.dispatch(id, { _tag: 'ConnectionWanted', at, resource })
    runtime.dispatch(id, { _tag: 'StanzaSubmitted', at, resource, stanza, facts })
    if (session === undefined) wake(id)
    if (session?._tag === 'Unmanaged') links.get(id)?.carried()
    return undefined
  }

  const answered = ({ id, from, to }: IqAnswer): void => {
    const here = domainInAddress(to)
    const there = domainInAddress(from)
    if (here === undefined || there === undefined) return
    const { runtime, clock } = options
    const link = outgoingLink(here, there)
    const session = sessionOfLink(link)
    if (session === undefined || session._tag === 'Unmanaged' || session.outbound.unacked.length === 0) return
    runtime.dispatch(link, { _tag: 'IqAnswered', at: clock.now(), resource: outgoingResource, id, to, from })
  }

  const connect = (here: string, there: string): void => {
    const id = outgoingLink(here, there)
    if (stopped) return
    if (sessionOfLink(id) === undefined) {
      if (!enter(id, undefined)) return
      options.runtime.dispatch(id, { _tag: 'ConnectionWanted', at: options.clock.now(), resource: outgoingResource })
    }
    wake(id)
  }

  const giveUpWaiting = (): void => {
    const { runtime, clock } = options
    const resource = outgoingResource
    for (const id of [...runtime.accounts()])
      if (readLink(id)?.direction === 'outgoing' && sessionOf(runtime.account(id), resource)?._tag === 'Connecting')
        runtime.dispatch(id, {
          _tag: 'ConnectionFailed',
          at: clock.now(),
          resource,
          condition: 'remote-server-timeout',
        })
  }

  return {
    send,
    answered,
    connect,
    isUnmanaged: id => links.get(id)?.isUnmanaged === true,
    stateOf: (here, there) => stateOf(sessionOfLink(outgoingLink(here, there)), options.policy.maxWaiting),
    wake,
    recover: () => {
      for (const id of options.runtime.accounts()) {
        if (readLink(id)?.direction !== 'outgoing') continue
        const session = sessionOfLink(id)
        const [first] = session === undefined || !isWaiting(session) ? [] : toArray(session.outbound.unacked)
        shares.add(id, first && payerOf(first.facts))
        count(id, session)
        wake(id)
      }
    },
    stop: () => {
      stopped = true
      for (const link of links.values()) link.stop()
      links.clear()
      if (!options.policy.journalled) giveUpWaiting()
    },
  }
}

/** A link that has so much unacked as may wait for one is slow. */
const stateOf = (session: Session<Stanza> | undefined, slow: number): LinkState => {
  switch (session?._tag) {
    case 'Unmanaged':
      return 'ready'
    case 'Active':
    case 'Enabling':
      return session.outbound.unacked.length < slow ? 'ready' : 'busy'
    default:
      return 'down'
  }
}

type Waiting = Extract<Session<Stanza>, { readonly _tag: 'Connecting' | 'Hibernating' | 'Resuming' }>

/** Nobody is there to take what the session keeps. */
const isWaiting = (session: Session<Stanza>): session is Waiting =>
  session._tag === 'Connecting' || session._tag === 'Hibernating' || session._tag === 'Resuming'

const waitingIn = (session: Session<Stanza> | undefined): number =>
  session !== undefined && isWaiting(session) ? session.outbound.unacked.length : 0

/** It stands, and nothing is under way on it: it can be closed, and made again when it is wanted. */
const isIdle = (session: Session<Stanza>): boolean =>
  session._tag === 'Unmanaged' || (session._tag === 'Active' && session.outbound.unacked.length === 0)

const sizeOf = (stanza: Stanza): number => Buffer.byteLength(stanza.xml)
