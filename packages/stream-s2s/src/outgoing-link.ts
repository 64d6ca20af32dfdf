/**
 * The streams of one outgoing link. What waits for it is the core's business; whether and when to connect is decided here:
 * as long as its session has no connection, again and again, with growing pauses.
 *
 * A session's first stream carries nothing before all is agreed on it, `<enabled/>` included: the core asks for that and holds
 * what waits (`Negotiating`), so that a line that drops meanwhile, or a crash, loses and doubles nothing.
 */
import type { Stanza } from '@smacks/codec'
import type { Counter, Session } from '@smacks/core'
import type { AccountId, MonotonicInstant } from '@smacks/runtime'
import { type Authenticated, authenticating } from './authenticating.js'
import { type DialFailure, dial, type Network } from './dial.js'
import { EstablishDeadline } from './establish-deadline.js'
import { type LinkName, outgoingLink, outgoingResource } from './link-name.js'
import { dispatchToLink, isUnsent, type LinkEvent, linkSession, waitingIn } from './link-session.js'
import type { S2sOptions } from './options.js'
import { type NegotiationAnswer, OutgoingStream, type TakenElement } from './outgoing-stream.js'
import { attempted, delivered, established, noAttempts, planned } from './reconnect.js'

export interface OutgoingLinkOptions extends S2sOptions {
  readonly network: Network
  /** A link is established: what is given to it from here on leaves at once. */
  readonly established: (local: string, remote: string) => void
}

export class OutgoingLink {
  readonly id: AccountId
  /** Gives up what is under way: an attempt, or the pause before the next. */
  private cancel: (() => void) | undefined
  private attempts = noAttempts
  /** What the peer had acked when the newest stream got its session. */
  private ackedBefore = 0
  /** That stream has no stream management. */
  isUnmanaged = false
  private lastFailure: DialFailure | undefined
  private isStopped = false
  private readonly deadline: EstablishDeadline

  constructor(
    private readonly options: OutgoingLinkOptions,
    private readonly name: Pick<LinkName, 'local' | 'remote'>,
    /** Nothing waits for the link, and no stream of it is established. */
    private readonly idle: () => void,
  ) {
    this.id = outgoingLink(name.local, name.remote)
    this.deadline = new EstablishDeadline(options, this.id, () => this.tookTooLong())
  }

  /**
   * Connects soon if there is something to connect for, and nothing is under way. May be called while a step is made: what
   * comes of that step is looked at later.
   */
  wake(): void {
    if (this.isStopped) return
    this.armDeadline()
    if (this.cancel !== undefined) return
    const { timers } = this.options
    this.cancel = () => timers.disarm(this.connectKey)
    timers.arm(this.connectKey, this.nextAttempt(), () => this.connect())
  }

  /** A stanza got over the newest stream; without stream management, it was given to it, and more cannot be known. */
  carried(): void {
    this.attempts = delivered(this.attempts)
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.isStopped = true
    this.deadline.disarm()
    this.interrupt()
  }

  // When to connect

  private nextAttempt(): MonotonicInstant {
    const { clock, policy } = this.options
    // Whatever waits gets an attempt of its own before its deadline.
    const [attempts, at] = planned(this.attempts, clock.monotonic(), (policy.establishSeconds / 2) * 1000)
    this.attempts = attempts
    return at
  }

  /**
   * What waits for a first stream does not wait forever; what was journalled before has waited for a server that did not
   * run. The step that makes it wait may be under way.
   */
  private armDeadline(): void {
    const session = this.session()
    if (session === undefined) this.deadline.rearm()
    else if (session._tag === 'Connecting') this.deadline.arm()
  }

  private tookTooLong(): void {
    if (!isUnsent(this.session())) return
    this.interrupt()
    this.fail()
  }

  private interrupt(): void {
    const { cancel } = this
    this.cancel = undefined
    cancel?.()
  }

  // Connecting

  private connect(): void {
    const { options, name } = this
    this.cancel = undefined
    const session = this.session()
    if (session === undefined) {
      this.deadline.disarm()
      return this.idle()
    }
    if (session._tag !== 'Connecting' && session._tag !== 'Hibernating') return
    this.attempts = attempted(this.attempts, options.clock.monotonic())
    this.cancel = dial({
      network: options.network,
      domain: name.remote,
      stream: (connection, failed) => {
        const purpose = authenticating(options, {
          ready: authenticated => this.attach(authenticated),
          refused: authenticated => this.begin(authenticated),
          answered: answer => this.answered(answer),
          taken: element => this.taken(element),
          ended: (authenticated, reason) => this.ended(authenticated, reason),
          failed,
        })
        return new OutgoingStream(options, connection, name, purpose)
      },
      failed: failure => this.failed(failure),
    })
  }

  private failed(failure: DialFailure): void {
    this.cancel = undefined
    this.note(failure)
    if (failure.isFinal && this.session()?._tag === 'Connecting') this.fail()
    this.wake()
  }

  private note(failure: DialFailure): void {
    this.lastFailure = failure
    this.options.log.info(
      { link: this.id, attempt: this.attempts.count, reason: failure.text },
      'a server cannot be reached',
    )
  }

  private fail(): void {
    this.deadline.disarm()
    const { text, condition } = this.lastFailure ?? noFailure
    this.options.log.warn(
      { link: this.id, reason: text },
      'a server was not reached, and what waited for it is returned',
    )
    this.dispatch({ _tag: 'ConnectionFailed', condition })
  }

  // Connected

  /** The stream may carry stanzas now. */
  private attach(authenticated: Authenticated): void {
    this.cancel = undefined
    this.lastFailure = undefined
    const { stream, version } = authenticated
    const { streamManagement, resume } = this.options.policy
    const session = this.session()
    if (session?._tag !== 'Hibernating') return this.begin(authenticated)
    if (version !== undefined && streamManagement() && resume) {
      this.hasSession(session.outbound.acked)
      stream.bindNegotiating(this.bound)
      return this.dispatch({ _tag: 'ResumeRequested', connection: stream.connection.id })
    }
    // Whoever is there now knows nothing of the session.
    this.dispatch({ _tag: 'CloseRequested' })
    this.begin(authenticated)
  }

  /** A session begins on the stream, if anything waits for one. */
  private begin({ stream, version }: Authenticated): void {
    // The end of another session may have begun a pause.
    this.interrupt()
    const { streamManagement, resume } = this.options.policy
    if (this.session()?._tag !== 'Connecting') {
      stream.giveUp()
      return this.wake()
    }
    if (version === undefined || !streamManagement()) return this.bindUnmanaged(stream)
    this.cancel = stream.giveUp
    stream.bindNegotiating(this.bound)
    this.dispatch({ _tag: 'EnableRequested', connection: stream.connection.id, version, resume, hold: true })
  }

  /** The peer's answer to `<enable/>` came, and the session is about to take it. */
  private answered(answer: NegotiationAnswer): void {
    this.cancel = undefined
    this.begins(answer === 'FailedReceived')
  }

  /** Begins the session without stream management. */
  private bindUnmanaged(stream: OutgoingStream): void {
    this.begins(true)
    stream.bind(this.bound)
    this.dispatch({ _tag: 'SessionBound', connection: stream.connection.id })
    this.established()
  }

  /** The stream is about to carry what waits. */
  private begins(isUnmanaged: boolean): void {
    this.deadline.disarm()
    this.hasSession(0, isUnmanaged)
    if (isUnmanaged && waitingIn(this.session()) > 0) this.carried()
  }

  /** A stream has a session, of which the peer has acked so much. */
  private hasSession(acked: Counter, isUnmanaged = false): void {
    this.isUnmanaged = isUnmanaged
    this.attempts = established(this.attempts, this.options.clock.monotonic())
    this.ackedBefore = acked
  }

  private established(): void {
    this.options.established(this.name.local, this.name.remote)
  }

  /** An answer to what was asked about the session. */
  private taken(element: TakenElement): void {
    const session = this.session()
    if (session?._tag === 'Active' && session.outbound.acked !== this.ackedBefore) this.carried()
    if (element !== 'AckReceived' && (session?._tag === 'Active' || session?._tag === 'Unmanaged')) this.established()
  }

  private ended({ stream }: Authenticated, reason: string): void {
    if (this.cancel === stream.giveUp) {
      this.cancel = undefined
      this.note({ condition: 'remote-server-timeout', text: reason, isFinal: false })
    }
    this.wake()
  }

  private get bound() {
    return { account: this.id, resource: outgoingResource }
  }

  private session(): Session<Stanza> | undefined {
    return linkSession(this.options.runtime, this.id)
  }

  private dispatch(event: LinkEvent): void {
    dispatchToLink(this.options, this.id, event)
  }

  private get connectKey(): string {
    return `connect\n${this.id}`
  }
}

const noFailure: Pick<DialFailure, 'condition' | 'text'> = {
  condition: 'remote-server-timeout',
  text: 'it took too long',
}
