/**
 * One client stream (RFC 6120 §4): the driver of its negotiation, and all that changes while it lasts. What an element means
 * is decided by functions that return steps; they are performed here, and nowhere else.
 *
 * Once a resource is bound, everything that happens on the connection becomes an event of the account. What
 * the connection then sends is decided by the core alone.
 */

import { type Element, Stanza, type StreamFault, type StreamHeader } from '@smacks/codec'
import { handledBy, type Resource, type SessionBound, sessionOf } from '@smacks/core'
import type { AccountId, Asked, Lease } from '@smacks/runtime'
import { type SaslAnswer, type SaslAnswered, type SaslFraming, SaslNegotiation, type SaslRequest } from '@smacks/sasl'
import {
  type Connection,
  connectionFacts,
  isLoopback,
  isStanza,
  ManagedStream,
  type NegotiationLimits,
  type OwnHeader,
  type ReceivingSide,
  refusedFor,
} from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import { addresseeOf, claimedAccount } from './addresses.js'
import { boundStep, stanzaStep } from './bound.js'
import { chargeOf } from './charge.js'
import type { AuthenticatedStream, ClientSession } from './facts.js'
import { type FeatureStage, featuresAt } from './features.js'
import { judgeHeader } from './header.js'
import { bindInline, boundElement, resumeInline } from './inline.js'
import { authenticatedSteps, unauthenticatedSteps } from './negotiation.js'
import type { C2sOptions } from './options.js'
import { answerSteps } from './sasl.js'
import type { AuthenticatedStep, BoundStep, InlineStep, Succeed, UnauthenticatedStep } from './step.js'
import { SuccessFrame } from './success-frame.js'

export class ClientStream extends ManagedStream<ClientSession> {
  private readonly sasl: SaslNegotiation
  /** The domain that the client addressed. */
  private domain: string
  /** Whom our header is to. */
  private addressee: string | undefined
  /** Whom the header of the stream claims to come from. */
  private claimed: AccountId | undefined
  /** The `<authenticate/>` under way (XEP-0388), with what is to be done once it succeeds. */
  private authenticate: Element | undefined
  /** Who it is, once the client has authenticated. */
  private account: AccountId | undefined
  /** Holds the account until there is a session. */
  private lease: Lease | undefined

  constructor(
    private readonly options: C2sOptions,
    connection: Connection,
    limits: NegotiationLimits,
  ) {
    super(options, connection, limits)
    this.domain = this.defaultDomain()
    this.sasl = this.saslNegotiation()
  }

  // What comes

  protected override receiveHeader(header: StreamHeader): void {
    this.openAnew()
    this.addressee = addresseeOf(header)
    this.claimed = claimedAccount(header)
    const { domains } = this.options
    const judged = judgeHeader(header, { domains, domain: this.domain, account: this.account })
    if (isLeft(judged)) return this.refuse(judged.left)
    this.domain = judged.right
    this.open()
    this.write(this.features())
  }

  protected override negotiate(element: Element): void {
    if (this.account === undefined) this.performAll(unauthenticatedSteps(this.unauthenticated(), element))
    else
      for (const step of authenticatedSteps(this.authenticated(this.account), element))
        this.performAuthenticated(this.account, step)
  }

  protected override receiveInSession(element: Element, session: ClientSession): void {
    if (isStanza(element)) return this.receiveStanza(Stanza.fromElement(element), session)
    const side = (): ReceivingSide => this.side(session.account)
    this.performBound(session.account, boundStep(session, this.origin(session.resource), side, element))
  }

  protected override receiveStanza(stanza: Stanza, session: ClientSession): void {
    const charge = chargeOf(stanza.outline)
    if (charge > 0) this.connection.charge(charge)
    this.performBound(session.account, stanzaStep(session, this.origin(session.resource), stanza))
  }

  protected override receiveOverLimit(element: Element, fault: StreamFault): void {
    const { session } = this
    if (session === undefined) return this.refuse(fault)
    const step = stanzaStep(session, this.origin(session.resource), refusedFor(element, fault))
    this.performBound(session.account, step)
  }

  /** Without a stream error: the client may have a session, and is to resume it when its line is better. */
  protected override deadlinePassed(): void {
    const { seconds } = this.negotiationLimits
    this.options.log.info(connectionFacts(this.connection), `no resource was bound within ${seconds} seconds`)
    this.connection.drop()
    this.end('negotiation took too long')
  }

  protected override ended(): void {
    this.releaseLease()
  }

  // What it decides by

  private unauthenticated() {
    return { isSecure: this.connection.secure(), isPrivate: this.isPrivate(), exchange: this.sasl.underWay() }
  }

  private authenticated(account: AccountId): AuthenticatedStream {
    const { runtime, limits } = this.options
    return {
      account,
      resources: runtime.account(account).sessions.map(({ resource }) => resource),
      resourcesPerUser: limits.resourcesPerUser(),
      side: this.side(account),
      origin: resource => this.origin(resource),
    }
  }

  private side(account: AccountId): ReceivingSide {
    const { runtime, entropy } = this.options
    return {
      mayResume: true,
      freshId: entropy.freshId,
      handledBy: smId => handledBy(runtime.account(account), smId),
    }
  }

  private features(): string {
    return this.connection.framing.features(featuresAt(this.featureStage()))
  }

  private featureStage(): FeatureStage {
    if (this.session !== undefined) {
      const { account, resource } = this.session
      const session = sessionOf(this.options.runtime.account(account), resource)
      return { _tag: 'Bound', isManaged: session?._tag === 'Active' }
    }
    if (this.account !== undefined) return { _tag: 'Authenticated' }
    const sasl = this.isPrivate()
      ? { mechanisms: this.sasl.mechanisms(), channelBindings: this.sasl.channelBindings() }
      : undefined
    return { _tag: 'Unauthenticated', isSecure: this.connection.secure(), sasl }
  }

  private isPrivate(): boolean {
    return this.connection.secure() || (!this.options.requireEncryption && isLoopback(this.connection.remoteAddress))
  }

  // What it does

  private performAll(steps: ReadonlyArray<UnauthenticatedStep>): void {
    for (const step of steps) this.performUnauthenticated(step)
  }

  private performUnauthenticated(step: UnauthenticatedStep): void {
    switch (step._tag) {
      case 'Authenticate':
        if (step.request._tag === 'Start') this.authenticate = step.framing === 'sasl2' ? step.element : undefined
        return this.whenAnswered(step.framing, this.saslAnswer(step.framing, step.request))
      case 'FailAuthentication':
        return this.answered(step.framing, this.sasl.fail(step.condition, step.text))
      case 'Advance':
        return this.advance(step.account)
      case 'Succeed':
        return this.succeed(step)
      default:
        return this.perform(step)
    }
  }

  private performAuthenticated(account: AccountId, step: AuthenticatedStep): void {
    switch (step._tag) {
      case 'Bind':
        return this.bind(account, step.event)
      case 'Resume':
        return this.resumed(account, this.ask(account, step.question))
      default:
        return this.perform(step)
    }
  }

  private performBound(account: AccountId, step: BoundStep): void {
    if (step._tag === 'Dispatch') this.dispatch(account, step.event)
    else this.perform(step)
  }

  private performInline(account: AccountId, success: SuccessFrame, step: InlineStep): void {
    const { runtime } = this.options
    switch (step._tag) {
      case 'Put':
        return success.put(step.xml)
      case 'Resume':
        return this.resumed(account, runtime.ask(account, step.question, success.reserve()))
      case 'Bind':
        return this.bind(account, step.event)
      case 'Enable':
        return void runtime.ask(account, step.question, success.reserve(boundElement))
      case 'Dispatch':
        return this.dispatch(account, step.event)
    }
  }

  /** What was said in the clear counts no more (RFC 6120 §5.4.3.3). */
  protected override startTls(proceed: string): void {
    super.startTls(proceed)
    this.sasl.forget()
    this.domain = this.defaultDomain()
    this.addressee = undefined
    this.claimed = undefined
  }

  /** The client is who it says. */
  private advance(account: AccountId): void {
    const facts = { ...connectionFacts(this.connection), account, mechanism: this.sasl.chosen() }
    this.options.log.info(facts, 'logged in')
    this.options.unbound.enter(account, this)
    this.connection.authenticated()
    this.account = account
    this.lease = this.options.runtime.hold(account)
  }

  /**
   * Resumption first; the resource is bound only if that fails or is not asked for. Stream features follow, unless an
   * old stream goes on (XEP-0198 §9.2).
   */
  private succeed({ account, data, authenticate }: Succeed): void {
    const success = new SuccessFrame(data, this.reserve())
    for (const step of resumeInline(this.authenticated(account), authenticate))
      this.performInline(account, success, step)
    const isResumed = this.session !== undefined
    if (!isResumed)
      for (const step of bindInline(this.authenticated(account), authenticate))
        this.performInline(account, success, step)
    success.send({ identity: this.session?.fullJid ?? account, following: isResumed ? '' : this.features() })
  }

  private bind(account: AccountId, event: SessionBound): void {
    this.dispatch(account, event)
    this.begin(account, event.resource)
  }

  /** If the account agreed, the connection is the session's from here on. */
  private resumed(account: AccountId, asked: Asked): void {
    if (asked._tag === 'Resumed') this.begin(account, asked.resource)
  }

  private begin(account: AccountId, resource: Resource): void {
    this.establish({ account, resource, fullJid: `${account}/${resource}` })
    this.releaseLease()
  }

  private releaseLease(): void {
    const { lease, account } = this
    if (lease === undefined || account === undefined) return
    this.lease = undefined
    lease.release()
    this.options.unbound.leave(account, this)
  }

  protected override ownHeader(): OwnHeader {
    const { domain: from, addressee: to } = this
    return { content: 'jabber:client', from, to, id: this.options.entropy.freshId() }
  }

  // SASL

  private saslAnswer(framing: SaslFraming, request: SaslRequest): SaslAnswered {
    switch (request._tag) {
      case 'Start':
        return this.sasl.start(framing, request.mechanism, request.initialResponse)
      case 'Respond':
        return this.sasl.respond(framing, request.data)
      case 'Abort':
        return this.sasl.abort()
    }
  }

  /** Where an answer takes a while nothing else is read, and the client's next words are met in the state that it led to. */
  private whenAnswered(framing: SaslFraming, answered: SaslAnswered): void {
    if (!(answered instanceof Promise)) return this.answered(framing, answered)
    this.connection.pause()
    const proceed = (act: () => void): void => {
      if (this.awaitsAuthentication()) this.guarded(act)
      this.connection.resume()
    }
    answered.then(
      answer => proceed(() => (answer === undefined ? undefined : this.answered(framing, answer))),
      error => proceed(() => this.failed(error)),
    )
  }

  private answered(framing: SaslFraming, answer: SaslAnswer): void {
    const { domain, claimed, authenticate } = this
    const { admits } = this.options.unbound
    if (answer._tag !== 'Challenge') this.authenticate = undefined
    this.performAll(answerSteps(framing, { domain, claimed, authenticate, admits }, answer))
  }

  private awaitsAuthentication(): boolean {
    return !this.hasEnded && this.account === undefined
  }

  private saslNegotiation(): SaslNegotiation {
    const { options, connection } = this
    const { remoteAddress, channelBinding } = connection
    return new SaslNegotiation({
      sasl: options.sasl,
      offer: () => ({ domain: this.domain, secure: this.isPrivate(), channelBinding }),
      throttle: {
        waitFor: account => options.throttle.waitFor(remoteAddress, account),
        tried: (account, outcome) => options.throttle.tried(remoteAddress, account, outcome),
      },
      isWanted: () => this.awaitsAuthentication(),
      allowedFailures: options.limits.authFailures,
      onFailure: failed => options.onFailedLogin(remoteAddress, failed),
    })
  }

  private defaultDomain(): string {
    return this.options.domains[0] ?? ''
  }
}
