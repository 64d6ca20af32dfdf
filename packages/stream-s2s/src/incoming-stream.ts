/** A stream from another server (RFC 6120 §4), until it has shown who it is; then its stanzas, and stream management. */
import { type Element, encodeNonza, isSmElement, Stanza, type StreamFault, type StreamHeader } from '@smacks/codec'
import { handledBy, refusePremature } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import {
  type Connection,
  connectionFacts,
  fromInitiating,
  isStanza,
  namespaceOf,
  ns,
  type OwnHeader,
  type ReceivingSide,
  refusedFor,
  type StreamSession,
  startTlsSteps,
  unknownElement,
  versionOf,
} from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import { addressFault, malformedAddress, type StreamPair } from './addressing.js'
import type { Network } from './dial.js'
import { dialbackStep } from './dialback.js'
import { type DialbackOutcome, encodeDialback, isDialback } from './dialback-elements.js'
import { serverFeatures, serverHeader } from './elements.js'
import { externalStep } from './external.js'
import { type SaslRefusal, saslFailure, saslSuccess } from './external-elements.js'
import { type Claim, judgeServerHeader } from './incoming-header.js'
import { incomingLink } from './link-name.js'
import type { FailedServer, S2sOptions } from './options.js'
import { ServerStream } from './server-stream.js'
import { type Question, verify } from './verifying.js'

export class IncomingStream extends ServerStream {
  /** How we call the stream; dialback is about it. */
  private streamId: string
  /** Whom the header is from and to. */
  private claim: Claim | undefined
  /** Who it is: its stanzas may be from and to these domains. */
  private pair: StreamPair | undefined
  /** What is under way at the authority of the peer's domain. */
  private question: { readonly pair: StreamPair; readonly giveUp: () => void } | undefined

  constructor(
    private readonly s2s: S2sOptions & { readonly network: Network },
    connection: Connection,
  ) {
    super(s2s, connection)
    this.streamId = s2s.entropy.freshId()
  }

  // What the connection reports

  protected override receiveHeader(header: StreamHeader): void {
    this.openAnew()
    const judged = judgeServerHeader(header, this.s2s.domains, this.pair)
    this.claim = isLeft(judged) ? undefined : judged.right
    if (isLeft(judged)) return this.refuse(judged.left)
    this.streamId = this.s2s.entropy.freshId()
    this.open()
    this.write(this.connection.framing.features(this.features()))
  }

  protected override ownHeader(): OwnHeader {
    const { local, remote } = this.claim ?? { local: this.s2s.domains[0] ?? '', remote: undefined }
    return serverHeader({ from: local, to: remote, id: this.streamId })
  }

  protected override negotiate(element: Element): void {
    if (isDialback(element)) return this.dialback(element)
    if (this.pair !== undefined) return this.begin(this.pair, element)
    if (isSmElement(element)) return this.write(encodeNonza(refusePremature('unauthenticated', versionOf(element))))
    switch (namespaceOf(element)) {
      case ns.tls:
        return this.tls(element)
      case ns.sasl:
        return this.external(element)
      default:
        return this.refuse(
          isStanza(element)
            ? { condition: 'not-authorized', text: 'Show who you are before you send stanzas.' }
            : unknownElement(element),
        )
    }
  }

  protected override receiveInSession(element: Element, session: StreamSession): void {
    if (isStanza(element)) return this.receiveStanza(Stanza.fromElement(element), session)
    if (isSmElement(element)) return this.receiveSmElement(element, session)
    if (isDialback(element)) return this.dialback(element)
    this.refuse(unknownElement(element))
  }

  /** It pays alone: what else comes over the link is of others. */
  protected override receiveOverLimit(stanza: Element, fault: StreamFault): void {
    const session = this.session ?? (this.pair === undefined ? undefined : this.beginSession(this.pair))
    if (session === undefined) this.refuse(fault)
    else this.receiveStanza(refusedFor(stanza, fault), session)
  }

  protected override deadlinePassed(): void {
    const { question } = this
    // It is not the peer who took so long (XEP-0220 §2.5).
    if (question !== undefined) {
      question.giveUp()
      this.verdict(question.pair, { type: 'error', condition: 'remote-server-timeout' })
    }
    super.deadlinePassed()
  }

  protected override ended(): void {
    this.dropQuestion()
  }

  // Who it is

  private features(): string {
    const { policy } = this.s2s
    const isSecure = this.connection.secure()
    const streamManagement = policy.streamManagement()
    if (this.pair !== undefined) return serverFeatures({ streamManagement })
    if (!isSecure && policy.requireEncryption) return serverFeatures({ startTls: 'required' })
    return serverFeatures({
      startTls: isSecure ? undefined : 'optional',
      external: this.isCertified(this.claim?.remote),
      dialback: policy.authentication !== 'external',
      // Dialback is not followed by new features, so these must say all there is.
      streamManagement,
    })
  }

  private isCertified(remote: string | undefined): boolean {
    const { policy, isCertified } = this.s2s
    return remote !== undefined && policy.authentication !== 'dialback' && isCertified(this.connection, remote)
  }

  private tls(element: Element): void {
    for (const step of startTlsSteps(element, this.connection.secure())) this.perform(step)
  }

  protected override startTls(proceed: string): void {
    this.dropQuestion()
    super.startTls(proceed)
    this.claim = undefined
  }

  private external(element: Element): void {
    const step = externalStep(
      {
        isSecure: this.connection.secure(),
        claim: this.claim,
        isCertified: domain => this.isCertified(domain),
      },
      element,
    )
    switch (step._tag) {
      case 'Refuse':
        return this.perform(step)
      case 'Reject':
        return this.reject(step.refusal, step.impostor)
      case 'Accept':
        this.dropQuestion()
        this.write(saslSuccess)
        this.authenticated(step.pair, 'a certificate')
        return this.restart()
    }
  }

  private reject(refusal: SaslRefusal, impostor: string | undefined): void {
    if (impostor !== undefined) this.reportFailed(impostor, 'EXTERNAL')
    this.options.log.info({ ...connectionFacts(this.connection), ...refusal }, 'a server is not who it says')
    this.write(saslFailure(refusal))
  }

  /** Whatever the answer would be, it is about a stream that is no more. */
  private dropQuestion(): void {
    this.question?.giveUp()
    this.question = undefined
  }

  private reportFailed(domain: string, mechanism: FailedServer['mechanism']): void {
    this.s2s.onFailedServer({ address: this.connection.remoteAddress, domain, mechanism })
  }

  private authenticated(pair: StreamPair, how: string): void {
    this.pair = pair
    this.connection.authenticated()
    this.options.log.info({ ...connectionFacts(this.connection), ...pair, how }, 'a server has shown who it is')
  }

  // Dialback

  private dialback(element: Element): void {
    const step = dialbackStep(
      this.s2s,
      {
        streamId: this.streamId,
        isSecure: this.connection.secure(),
        isTaken: this.pair !== undefined || this.question !== undefined,
        isCertified: domain => this.s2s.isCertified(this.connection, domain),
      },
      element,
    )
    switch (step._tag) {
      case 'Refuse':
      case 'Reply':
        return this.perform(step)
      case 'Answer':
        return this.answerDialback(step.pair, step.outcome)
      case 'Verify':
        return this.askAuthority(step.question)
    }
  }

  /** Asks the authoritative server; `dropQuestion` ends that without an answer. */
  private askAuthority(question: Question): void {
    const pair: StreamPair = { local: question.local, remote: question.remote }
    this.question = { pair, giveUp: verify(this.s2s, question, outcome => this.verdict(pair, outcome)) }
  }

  /** The question about the pair has its answer. */
  private verdict(pair: StreamPair, outcome: DialbackOutcome): void {
    this.question = undefined
    this.answerDialback(pair, outcome)
  }

  private answerDialback(pair: StreamPair, outcome: DialbackOutcome): void {
    if (this.hasEnded) return
    this.write(encodeDialback({ _tag: 'ResultAnswer', from: pair.local, to: pair.remote, ...outcome }))
    if (outcome.type === 'valid') return this.authenticated(pair, 'dialback')
    // Whoever has a wrong key is not who it says (XEP-0220 §2.4.1.2).
    if (outcome.type !== 'invalid') return
    this.reportFailed(pair.remote, 'dialback')
    this.refuse({ condition: 'not-authorized', text: `'${pair.remote}' does not know the key.` })
  }

  // What it sends

  /** The first element says whether an old session goes on or a new one begins. */
  private begin(pair: StreamPair, element: Element): void {
    const link = incomingLink(pair.local, pair.remote)
    if (isSmElement(element) && element.getName() === 'resume') return this.resume(element, link)
    if (!isStanza(element) && !isSmElement(element)) return this.refuse(unknownElement(element))
    this.receiveInSession(element, this.beginSession(pair))
  }

  private beginSession(pair: StreamPair): StreamSession {
    const account = incomingLink(pair.local, pair.remote)
    const session = { account, resource: this.s2s.entropy.freshId() }
    this.dispatch(account, { _tag: 'SessionBound', ...this.origin(session.resource) })
    this.establish(session)
    return session
  }

  private resume(element: Element, account: AccountId): void {
    const received = fromInitiating(element, this.origin(''), this.side(account))
    if (received._tag === 'Answer') return this.write(received.xml)
    if (received._tag === 'OutOfPlace' || received.event._tag !== 'ResumeReceived')
      return this.refuse(unknownElement(element))
    const outcome = this.ask(account, received.event)
    if (outcome._tag === 'Resumed') this.establish({ account, resource: outcome.resource })
  }

  /** A stanza, which counts also if it is refused. */
  protected override receiveStanza(stanza: Stanza, { account, resource }: StreamSession): void {
    const { outline } = stanza
    const fault = this.pair === undefined ? undefined : addressFault(outline, this.pair)
    if (fault !== undefined) return this.refuse(fault)
    const malformed = stanza.fault === undefined ? malformedAddress(outline) : undefined
    const received = malformed === undefined ? stanza : Stanza.refused(stanza.head, malformed)
    this.dispatch(account, { _tag: 'StanzaReceived', ...this.origin(resource), stanza: received })
  }

  private receiveSmElement(element: Element, { account, resource }: StreamSession): void {
    const received = fromInitiating(element, this.origin(resource), this.side(account))
    if (received._tag === 'OutOfPlace') this.refuse(unknownElement(element))
    else if (received._tag === 'Answer') this.write(received.xml)
    else this.dispatch(account, received.event)
  }

  private side(account: AccountId): ReceivingSide {
    const { policy, entropy, runtime } = this.s2s
    return {
      mayResume: policy.resume,
      freshId: entropy.freshId,
      handledBy: smId => handledBy(runtime.account(account), smId),
    }
  }
}
