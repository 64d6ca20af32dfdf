/**
 * One client stream (RFC 6120 §4): how far its negotiation has come, and whom its elements go to.
 *
 * Once a resource is bound, everything that happens on the connection becomes an event of the account. What
 * the connection then sends is decided by the core alone.
 */

import type { Element, Stanza, StreamFault, StreamHeader } from '@smacks/codec'
import { type Event, sessionOf } from '@smacks/core'
import { type AccountId, after, type Lease } from '@smacks/runtime'
import { type SaslAnswer, type SaslAnswered, SaslNegotiation } from '@smacks/sasl'
import { type Connection, type ConnectionHandler, type Fill, Output, refusedFor } from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import { addresseeOf, claimedAccount } from './addresses.js'
import { boundElement, boundStanza } from './bound.js'
import { features } from './features.js'
import { judgeHeader } from './header.js'
import { authenticatedElement, unauthenticatedElement } from './negotiation.js'
import type { C2sOptions } from './options.js'

/** How far the negotiation has come. */
export type StreamPhase =
  | { readonly _tag: 'Unauthenticated' }
  | { readonly _tag: 'Authenticated'; readonly account: AccountId; readonly lease: Lease }
  | { readonly _tag: 'Bound'; readonly account: AccountId; readonly resource: string; readonly fullJid: string }
  /** Nothing that comes counts any more. */
  | { readonly _tag: 'Over' }

export class ClientStream implements ConnectionHandler {
  readonly sasl: SaslNegotiation
  /** The domain that the client addressed. */
  domain: string
  phase: StreamPhase = { _tag: 'Unauthenticated' }
  /** The `<authenticate/>` under way (XEP-0388), with what is to be done once it succeeds. */
  request: Element | undefined
  private readonly output: Output
  /** Our header of the current stream has been sent. */
  private isOpen = false
  /** What was asked for in the clear is answered there until TLS is on. */
  private awaitsTls = false
  private addressee: string | undefined
  /** Whom the header of the stream claims to come from. */
  private claimed: AccountId | undefined
  private elements = 0

  constructor(
    readonly options: C2sOptions,
    readonly connection: Connection,
  ) {
    this.domain = this.defaultDomain()
    this.output = new Output(connection)
    this.sasl = this.negotiation()
    const due = after(options.clock, options.limits.unauthenticatedSeconds * 1000)
    options.timers.arm(this.deadline, due, () => this.attempt(() => this.takesTooLong()))
  }

  // What the connection tells

  readonly streamOpened = (header: StreamHeader): void => this.attempt(() => this.welcome(header))

  readonly element = (element: Element): void => {
    // Not `attempt`: this is done for each stanza.
    try {
      this.take(element)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly overLimit = (stanza: Element, fault: StreamFault): void =>
    this.attempt(() => {
      if (this.phase._tag === 'Bound') boundStanza(this, this.phase, stanza, refusedFor(stanza, fault))
      else this.refuse(fault)
    })

  readonly streamClosed = (): void =>
    this.attempt(() => {
      if (this.dispatchAs('StreamClosed')) this.phase = { _tag: 'Over' }
      else this.close()
    })

  readonly faulted = (fault: StreamFault): void =>
    this.attempt(() => {
      this.options.log.info({ connection: this.connection.id, ...fault }, 'stream refused')
      this.refuse(fault)
    })

  readonly lost = (reason: string): void =>
    this.attempt(() => {
      this.options.log.debug({ connection: this.connection.id, reason }, 'connection lost')
      this.dispatchAs('ConnectionLost')
      this.leave()
    })

  readonly drained = (): void => this.attempt(() => void this.dispatchAs('ConnectionDrained'))

  readonly silent = (): void =>
    this.attempt(() => {
      // Whitespace makes TCP find out about a dead peer where stream management can't ask (RFC 6120 §4.6.1).
      if (this.dispatchAs('ConnectionSilent')) this.write(this.connection.framing.keepalive)
    })

  // What the negotiation does

  /** Says something; behind what the core was asked to say before. */
  write(xml: string): void {
    this.output.write(xml)
  }

  /** Keeps a place for an answer; what is written from now on follows it. */
  keepPlace(): Fill {
    return this.output.keepPlace()
  }

  /** Ends the stream with an error. */
  refuse(fault: StreamFault): void {
    // What went wrong before TLS was there is said in the stream in the clear, which has its header.
    if (this.awaitsTls && this.connection.secure()) this.isOpen = false
    switch (this.phase._tag) {
      case 'Bound': {
        const { account, resource } = this.phase
        const { id: connection } = this.connection
        this.phase = { _tag: 'Over' }
        const at = this.options.clock.now()
        return this.dispatch(account, { _tag: 'StreamRefused', at, resource, connection, error: fault })
      }
      case 'Authenticated':
      case 'Unauthenticated':
        // An error is sent inside a stream, so ours is opened first (RFC 6120 §4.9.1.2).
        if (!this.isOpen) this.open()
        return this.close(this.connection.framing.error(fault))
      case 'Over':
        return
    }
  }

  /** Whether the header of the stream allows this account (XEP-0388 §2.3). */
  mayBecome(account: AccountId): boolean {
    return this.claimed === undefined || this.claimed === account
  }

  /** The client is who it says. False if its account is being removed. */
  authenticated(account: AccountId): boolean {
    if (!this.options.unbound.enter(account, this)) return false
    this.connection.authenticated()
    this.phase = { _tag: 'Authenticated', account, lease: this.options.runtime.hold(account) }
    return true
  }

  /**
   * Goes on with an exchange of SASL. Where an answer takes a while nothing else is read, and the client's next words are
   * met in the state that the answer led to.
   */
  whenAnswered(answered: SaslAnswered, goOn: (stream: ClientStream, answer: SaslAnswer) => void): void {
    if (!(answered instanceof Promise)) return goOn(this, answered)
    this.connection.pause()
    const proceed = (act: () => void): void => {
      if (this.phase._tag === 'Unauthenticated') this.attempt(act)
      this.connection.resume()
    }
    answered.then(
      answer => proceed(() => (answer === undefined ? undefined : goOn(this, answer))),
      error => proceed(() => this.failed(error)),
    )
  }

  /** A new stream header is expected (RFC 6120 §6.4.6). */
  restart(): void {
    this.isOpen = false
    this.connection.restart()
  }

  /** TLS is about to start; what was said in the clear counts no more (RFC 6120 §5.4.3.3). */
  startTls(proceed: string): void {
    this.connection.startTls(proceed)
    this.awaitsTls = true
    this.sasl.forget()
    this.domain = this.defaultDomain()
    this.addressee = undefined
    this.claimed = undefined
  }

  /** The connection belongs to a session now. */
  bound(account: AccountId, resource: string): void {
    this.options.timers.disarm(this.deadline)
    this.connection.established()
    this.releaseLease()
    this.phase = { _tag: 'Bound', account, resource, fullJid: `${account}/${resource}` }
    this.options.log.info({ connection: this.connection.id, jid: `${account}/${resource}` }, 'session bound')
  }

  dispatch(account: AccountId, event: Event<Stanza>): void {
    this.options.runtime.dispatch(account, event)
  }

  /** Stream management is on, so it is not offered again. */
  isManaged(): boolean {
    if (this.phase._tag !== 'Bound') return false
    const { account, resource } = this.phase
    return sessionOf(this.options.runtime.account(account), resource)?._tag === 'Active'
  }

  /** Passwords may travel here: TLS is on, or nobody can listen. */
  isPrivate(): boolean {
    return this.connection.secure() || this.mayStayPlain()
  }

  // Inside

  private welcome(header: StreamHeader): void {
    if (this.phase._tag === 'Over' || this.phase._tag === 'Bound') return
    this.awaitsTls = false
    this.isOpen = false
    this.addressee = addresseeOf(header)
    this.claimed = claimedAccount(header)
    const judged = judgeHeader(header, {
      domains: this.options.domains,
      domain: this.domain,
      account: this.phase._tag === 'Authenticated' ? this.phase.account : undefined,
    })
    if (isLeft(judged)) return this.refuse(judged.left)
    this.domain = judged.right
    this.open()
    this.write(features(this))
  }

  private take(element: Element): void {
    switch (this.phase._tag) {
      case 'Bound':
        return boundElement(this, this.phase, element)
      case 'Authenticated':
        return this.countElement() ? authenticatedElement(this, this.phase, element) : undefined
      case 'Unauthenticated':
        return this.countElement() ? unauthenticatedElement(this, element) : undefined
      case 'Over':
        return
    }
  }

  private open(): void {
    this.isOpen = true
    const { domain: from, addressee: to } = this
    const id = this.options.entropy.freshId()
    this.write(this.connection.framing.open({ content: 'jabber:client', from, to, id }))
  }

  private negotiation(): SaslNegotiation {
    const { options, connection } = this
    const { remoteAddress } = connection
    return new SaslNegotiation({
      sasl: options.sasl,
      offer: () => ({
        domain: this.domain,
        secure: this.isPrivate(),
        channelBinding: connection.channelBinding,
      }),
      throttle: {
        waitFor: account => options.throttle.waitFor(remoteAddress, account),
        tried: (account, outcome) => options.throttle.tried(remoteAddress, account, outcome),
      },
      isWanted: () => this.phase._tag === 'Unauthenticated',
      allowedFailures: options.limits.authFailures,
      onFailure: failed => options.onFailedLogin(remoteAddress, failed),
    })
  }

  private defaultDomain(): string {
    return this.options.domains[0] ?? ''
  }

  private mayStayPlain(): boolean {
    return !this.options.requireEncryption && isLoopback(this.connection.remoteAddress)
  }

  private countElement(): boolean {
    this.elements += 1
    const { negotiationElements } = this.options.limits
    if (this.elements <= negotiationElements) return true
    this.refuse({
      condition: 'policy-violation',
      text: `More than ${negotiationElements} elements came before a resource was bound.`,
    })
    return false
  }

  /** Without a stream error: the client may have a session, and is to resume it when its line is better. */
  private takesTooLong(): void {
    const { unauthenticatedSeconds } = this.options.limits
    this.options.log.info(
      { connection: this.connection.id },
      `no resource was bound within ${unauthenticatedSeconds} seconds`,
    )
    this.connection.drop()
    this.leave()
  }

  private dispatchAs(_tag: 'ConnectionDrained' | 'ConnectionLost' | 'ConnectionSilent' | 'StreamClosed'): boolean {
    if (this.phase._tag !== 'Bound') return false
    const { account, resource } = this.phase
    this.dispatch(account, { _tag, at: this.options.clock.now(), resource, connection: this.connection.id })
    return true
  }

  /** The transport does not catch what its handler throws: the process would end, for one stream's sake. */
  private attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.failed(error)
    }
  }

  private failed(error: unknown): void {
    this.options.log.error({ err: error, connection: this.connection.id }, 'a fault of ours ends a stream')
    if (this.phase._tag === 'Over') return this.giveUp()
    try {
      this.refuse({ condition: 'internal-server-error', text: 'The server made a mistake; its log says more.' })
    } catch (again) {
      this.options.log.error({ err: again, connection: this.connection.id }, 'a stream cannot even be closed')
      this.giveUp()
    }
  }

  private giveUp(): void {
    this.connection.destroy()
    this.leave()
  }

  private close(xml?: string): void {
    this.connection.close(xml)
    this.leave()
  }

  private leave(): void {
    this.options.timers.disarm(this.deadline)
    this.releaseLease()
    this.phase = { _tag: 'Over' }
  }

  private releaseLease(): void {
    if (this.phase._tag !== 'Authenticated') return
    this.phase.lease.release()
    this.options.unbound.leave(this.phase.account, this)
  }

  private get deadline(): string {
    return `negotiation\n${this.connection.id}`
  }
}

const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
