/** All outgoing links: who wants one, what comes back from one, and which of them connect. */
import { domainInAddress, type Stanza } from '@smacks/codec'
import { type Session, type StanzaFacts, sessionOf } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { LinkState, RemoteAnswer } from '../domain/context.js'
import { type LinkName, outgoingLink, outgoingResource, readLink } from './link-name.js'
import { OutgoingLink, type OutgoingLinkOptions } from './outgoing-link.js'

/** Why a stanza is not taken. */
export type LinkRefusal = 'remote-server-not-found' | 'remote-server-timeout' | 'resource-constraint'

export interface Links {
  /**
   * Gives a stanza to the link between the domains of its `from`, which is served here, and its `to`. Nothing is
   * returned if it was taken.
   */
  readonly send: (stanza: Stanza, facts: StanzaFacts) => LinkRefusal | undefined
  /** An iq that was sent over a link was answered: it does not come back. */
  readonly answered: (answer: RemoteAnswer) => void
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

/** Links that there can be at a time; each costs lookups and connections. */
const maxLinks = 5_000

export const createLinks = (options: OutgoingLinkOptions): Links => {
  const links = new Map<AccountId, OutgoingLink>()
  let stopped = false

  const linkOf = (id: AccountId, name: Pick<LinkName, 'here' | 'there'>): OutgoingLink => {
    const known = links.get(id)
    if (known !== undefined) return known
    const link = new OutgoingLink(options, name, () => links.delete(id))
    links.set(id, link)
    return link
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
    const session = sessionOf(runtime.account(id), outgoingResource)
    if (session === undefined && stopped && !policy.journalled) return 'remote-server-timeout'
    if (session === undefined && links.size >= maxLinks && !links.has(id)) return 'resource-constraint'
    if (waitingIn(session) >= policy.maxWaiting) return 'resource-constraint'
    const at = clock.now()
    const resource = outgoingResource
    if (session === undefined) runtime.dispatch(id, { _tag: 'ConnectionWanted', at, resource })
    runtime.dispatch(id, { _tag: 'StanzaSubmitted', at, resource, stanza, facts })
    if (session === undefined) wake(id)
    if (session?._tag === 'Unmanaged') links.get(id)?.carried()
    return undefined
  }

  const answered = ({ id, from, to }: RemoteAnswer): void => {
    const here = domainInAddress(to)
    const there = domainInAddress(from)
    if (here === undefined || there === undefined) return
    const { runtime, clock } = options
    const link = outgoingLink(here, there)
    const session = sessionOf(runtime.account(link), outgoingResource)
    if (session === undefined || session._tag === 'Unmanaged' || session.outbound.unacked.length === 0) return
    runtime.dispatch(link, { _tag: 'IqAnswered', at: clock.now(), resource: outgoingResource, id, to, from })
  }

  const connect = (here: string, there: string): void => {
    const id = outgoingLink(here, there)
    if (stopped) return
    if (sessionOf(options.runtime.account(id), outgoingResource) === undefined) {
      if (links.size >= maxLinks && !links.has(id)) return
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
    stateOf: (here, there) =>
      stateOf(
        sessionOf(options.runtime.account(outgoingLink(here, there)), outgoingResource),
        options.policy.maxWaiting,
      ),
    wake,
    recover: () => {
      for (const id of options.runtime.accounts()) wake(id)
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

/** How much a session keeps that nobody is there to take. */
const waitingIn = (session: Session<Stanza> | undefined): number =>
  session?._tag === 'Connecting' || session?._tag === 'Hibernating' || session?._tag === 'Resuming'
    ? session.outbound.unacked.length
    : 0
