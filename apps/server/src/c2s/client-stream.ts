/**
 * One client stream (RFC 6120 §4): how far its negotiation has come, and whom its elements go to.
 *
 * Once a resource is bound, everything that happens on the connection becomes an event of the account. What
 * the connection then sends is decided by the core alone.
 */

import type { Stanza } from '@smacks/codec'
import {
  type Element,
  encodeStreamError,
  openStream,
  parseJid,
  type StreamFault,
  type StreamHeader,
} from '@smacks/codec'
import { connectionOf, type Event, sessionOf } from '@smacks/core'
import type { AccountId, Lease } from '@smacks/runtime'
import type { Connection, ConnectionHandler } from '@smacks/transport-tcp'
import { isSome } from 'fp-ts/lib/Option.js'
import { boundElement } from './bound.js'
import { features } from './features.js'
import { authenticatedElement, unauthenticatedElement } from './negotiation.js'
import type { C2sOptions } from './options.js'
import { SaslNegotiation } from './sasl-negotiation.js'

/** How far the negotiation has come. */
export type StreamPhase =
  | { readonly _tag: 'Unauthenticated' }
  | { readonly _tag: 'Authenticated'; readonly account: AccountId; readonly lease: Lease }
  | { readonly _tag: 'Bound'; readonly account: AccountId; readonly resource: string; readonly fullJid: string }
  | { readonly _tag: 'Over' }

export class ClientStream implements ConnectionHandler {
  readonly sasl: SaslNegotiation
  /** The domain that the client addressed. */
  domain: string
  phase: StreamPhase = { _tag: 'Unauthenticated' }
  /** The `<authenticate/>` under way (XEP-0388), with what is to be done once it succeeds. */
  inlineRequest: Element | undefined
  /** Our header of the current stream has been sent. */
  private isOpen = false
  private addressee: string | undefined
  private elements = 0

  constructor(
    readonly options: C2sOptions,
    readonly connection: Connection,
  ) {
    this.domain = options.domains[0] ?? ''
    this.sasl = new SaslNegotiation(options.sasl, () => this.saslContext(), options.limits.authFailures)
    const due = options.clock.now() + options.limits.unauthenticatedSeconds * 1000
    options.timers.arm(this.deadline, due, () => this.takesTooLong())
  }

  // What the connection tells

  readonly streamOpened = (header: StreamHeader): void => {
    this.addressee = header.from
    const fault = this.accepts(header)
    if (fault !== undefined) return this.refuse(fault)
    this.open()
    this.write(features(this))
  }

  readonly element = (element: Element): void => {
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

  readonly streamClosed = (): void => {
    if (!this.dispatchAs('StreamClosed')) this.close()
  }

  readonly faulted = (fault: StreamFault): void => {
    this.options.log.info({ connection: this.connection.id, ...fault }, 'stream refused')
    this.refuse(fault)
  }

  readonly lost = (reason: string): void => {
    this.options.log.debug({ connection: this.connection.id, reason }, 'connection lost')
    this.dispatchAs('ConnectionLost')
    this.leave()
  }

  readonly drained = (): void => {
    this.dispatchAs('ConnectionDrained')
  }

  readonly silent = (): void => {
    // Whitespace makes TCP find out about a dead peer where stream management can't ask (RFC 6120 §4.6.1).
    if (this.dispatchAs('ConnectionSilent')) this.write(' ')
  }

  readonly adopted = (): void => {}

  // What the negotiation does

  write(xml: string): void {
    this.connection.write(xml)
  }

  /** Ends the stream with an error. */
  refuse(fault: StreamFault): void {
    if (this.phase._tag === 'Bound') {
      const { account, resource } = this.phase
      return this.dispatch(account, {
        _tag: 'StreamRefused',
        at: this.options.clock.now(),
        resource,
        connection: this.connection.id,
        error: fault,
      })
    }
    // An error is sent inside a stream, so ours is opened first (RFC 6120 §4.9.1.2).
    if (!this.isOpen) this.open()
    this.close(encodeStreamError(fault))
  }

  /** The client is who it says; the stream starts anew (RFC 6120 §6.4.6). */
  authenticated(account: AccountId): void {
    this.phase = { _tag: 'Authenticated', account, lease: this.options.runtime.hold(account) }
  }

  /** A new stream header is expected. */
  restart(): void {
    this.isOpen = false
    this.connection.restart()
  }

  /** TLS is about to start; what was said in the clear counts no more. */
  startTls(proceed: string): void {
    this.isOpen = false
    this.connection.startTls(proceed)
  }

  /** The connection belongs to a session now. */
  bound(account: AccountId, resource: string): void {
    this.options.timers.disarm(this.deadline)
    this.connection.established()
    if (this.phase._tag === 'Authenticated') this.phase.lease.release()
    this.phase = { _tag: 'Bound', account, resource, fullJid: `${account}/${resource}` }
    this.options.log.info({ connection: this.connection.id, jid: `${account}/${resource}` }, 'session bound')
  }

  dispatch(account: AccountId, event: Event<Stanza>): void {
    this.options.runtime.dispatch(account, event)
  }

  /** The resource of the session that has this connection, after a step may have changed that. */
  ownSession(account: AccountId): string | undefined {
    const { sessions } = this.options.runtime.account(account)
    return sessions.find(session => connectionOf(session) === this.connection.id)?.resource
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

  private accepts(header: StreamHeader): StreamFault | undefined {
    if (header.xmlns !== 'jabber:client')
      return {
        condition: 'invalid-namespace',
        text: `The default namespace is '${header.xmlns}'; clients use 'jabber:client'.`,
      }
    if (header.version === undefined || !/^[1-9][0-9]*\.[0-9]+$/.test(header.version))
      return { condition: 'unsupported-version', text: `The version is '${header.version ?? ''}'; it must be '1.0'.` }
    const to = header.to === undefined ? this.domain : domainOf(header.to)
    if (to === undefined || !this.options.domains.includes(to))
      return { condition: 'host-unknown', text: `The domain '${header.to ?? ''}' is not served here.` }
    if (this.phase._tag === 'Authenticated' && to !== this.domain)
      return { condition: 'host-unknown', text: `You authenticated for '${this.domain}', not for '${to}'.` }
    this.domain = to
    return undefined
  }

  private open(): void {
    this.isOpen = true
    const id = this.options.entropy.freshId()
    const to = this.addressee
    this.write(
      openStream(to === undefined ? { from: this.domain, id, lang: 'en' } : { from: this.domain, to, id, lang: 'en' }),
    )
  }

  private saslContext() {
    const { connection, domain } = this
    return {
      domain,
      secure: this.isPrivate(),
      channelBinding: connection.channelBinding,
    }
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

  private takesTooLong(): void {
    const { unauthenticatedSeconds } = this.options.limits
    this.refuse({
      condition: 'connection-timeout',
      text: `No resource was bound within ${unauthenticatedSeconds} seconds.`,
    })
  }

  private dispatchAs(_tag: 'ConnectionDrained' | 'ConnectionLost' | 'ConnectionSilent' | 'StreamClosed'): boolean {
    if (this.phase._tag !== 'Bound') return false
    const { account, resource } = this.phase
    this.dispatch(account, { _tag, at: this.options.clock.now(), resource, connection: this.connection.id })
    return true
  }

  private close(xml?: string): void {
    this.connection.close(xml)
    this.leave()
  }

  private leave(): void {
    this.options.timers.disarm(this.deadline)
    if (this.phase._tag === 'Authenticated') this.phase.lease.release()
    this.phase = { _tag: 'Over' }
  }

  private get deadline(): string {
    return `negotiation\n${this.connection.id}`
  }
}

const domainOf = (address: string): string | undefined => {
  const jid = parseJid(address)
  return isSome(jid) ? jid.value.domain : undefined
}

const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
