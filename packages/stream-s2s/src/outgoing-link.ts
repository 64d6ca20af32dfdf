/**
 * The streams of one outgoing link. What waits for it is the core's business; whether and when to connect is decided here:
 * as long as its session has no connection, again and again, with growing pauses.
 *
 * A session gets its first stream only when all is agreed on it, `<enabled/>` included. Until then nothing that waits was
 * sent, so that a line that drops meanwhile, or a crash, loses and doubles nothing.
 */
import { type Element, encodeNonza, type Stanza } from '@smacks/codec'
import {
  type ConnectionFailed,
  type Counter,
  type EnabledReceived,
  type EnableRequested,
  type ResumeRequested,
  type Session,
  type SessionBound,
  sessionOf,
} from '@smacks/core'
import { type AccountId, after, type MonotonicInstant, monotonicInstant } from '@smacks/runtime'
import { fromReceiving, unknownElement } from '@smacks/stream'
import { type Authenticated, authenticating } from './authenticating.js'
import { type DialFailure, dial, type Network } from './dial.js'
import { type LinkName, outgoingLink, outgoingResource } from './link-name.js'
import type { S2sOptions } from './options.js'
import { OutgoingStream } from './outgoing-stream.js'

export interface OutgoingLinkOptions extends S2sOptions {
  readonly network: Network
  /** A link stands: what is given to it from here on leaves at once. */
  readonly established: (here: string, there: string) => void
}

/** Seconds from the beginning of an attempt to that of the next; the last one is repeated. */
const pauses: ReadonlyArray<number> = [0, 1, 2, 4, 8, 15, 30]

/** A stream that stood so long, in milliseconds, was worth its while also if nothing was to be sent: the pauses begin anew. */
const worthwhile = 30_000

export class OutgoingLink {
  readonly id: AccountId
  /** Gives up what is under way: an attempt, or the pause before the next. */
  private cancel: (() => void) | undefined
  private attempts = 0
  private triedAt = monotonicInstant(Number.NEGATIVE_INFINITY)
  /** Since when the newest stream has had a session, until that is looked at. */
  private stoodSince: MonotonicInstant | undefined
  /** What the peer had acked when that stream began. */
  private ackedBefore = 0
  /** It had no stream management. */
  isUnmanaged = false
  /** Something got over it. */
  private hasCarried = false
  private lastFailure: DialFailure | undefined
  private isStopped = false
  /** The time runs in which what waits has to get a first stream. */
  private isLimited = false

  constructor(
    private readonly options: OutgoingLinkOptions,
    private readonly name: Pick<LinkName, 'here' | 'there'>,
    /** Nothing waits for the link, and no stream of it stands. */
    private readonly idle: () => void,
  ) {
    this.id = outgoingLink(name.here, name.there)
  }

  /**
   * Connects soon if there is something to connect for, and nothing is under way. May be called while a step is made: what
   * comes of that step is looked at later.
   */
  wake(): void {
    if (this.isStopped) return
    this.limit()
    if (this.cancel !== undefined) return
    const { timers } = this.options
    this.cancel = () => timers.disarm(this.pauseKey)
    timers.arm(this.pauseKey, this.nextAttempt(), () => this.connect())
  }

  /** A stanza was given to a stream without stream management: more cannot be known. */
  carried(): void {
    this.hasCarried = true
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.isStopped = true
    this.unlimit()
    this.interrupt()
  }

  // When to connect

  private nextAttempt(): MonotonicInstant {
    const { clock, policy } = this.options
    const now = clock.monotonic()
    // A link that works and is cut again and again is not one that cannot be reached.
    if (this.hasCarried || (this.stoodSince !== undefined && now - this.stoodSince > worthwhile)) this.attempts = 0
    this.stoodSince = undefined
    this.hasCarried = false
    const wanted = pauses[Math.min(this.attempts, pauses.length - 1)] ?? 0
    // Whatever waits gets an attempt of its own before its time is over.
    const pause = Math.min(wanted, policy.establishSeconds / 2) * 1000
    return monotonicInstant(Math.max(now, this.triedAt + pause))
  }

  /**
   * What waits for a first stream does not wait forever; what was journalled before has waited for a server that did not
   * run. The step that makes it wait may be under way.
   */
  private limit(): void {
    const session = this.session()
    if (session !== undefined && (session._tag !== 'Connecting' || this.isLimited)) return
    const { timers, clock, policy } = this.options
    this.isLimited = true
    timers.arm(this.limitKey, after(clock, policy.establishSeconds * 1000), () => {
      this.isLimited = false
      if (this.session()?._tag !== 'Connecting') return
      this.interrupt()
      this.fail()
    })
  }

  private unlimit(): void {
    this.isLimited = false
    this.options.timers.disarm(this.limitKey)
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
    if (session === undefined) return this.retire()
    if (session._tag !== 'Connecting' && session._tag !== 'Hibernating') return
    this.attempts += 1
    this.triedAt = options.clock.monotonic()
    this.cancel = dial({
      network: options.network,
      domain: name.there,
      stream: (connection, failed) => {
        const errand = authenticating(options, {
          ready: authenticated => this.attach(authenticated),
          refused: authenticated => this.begin(authenticated),
          answered: (authenticated, element) => this.answered(authenticated, element),
          taken: nonza => this.taken(nonza),
          over: (authenticated, reason) => this.over(authenticated, reason),
          failed,
        })
        return new OutgoingStream(options, connection, name, errand)
      },
      failed: failure => this.failed(failure),
    })
  }

  private retire(): void {
    this.unlimit()
    this.idle()
  }

  private failed(failure: DialFailure): void {
    this.cancel = undefined
    this.note(failure)
    if (failure.isFinal && this.session()?._tag === 'Connecting') this.fail()
    this.wake()
  }

  private note(failure: DialFailure): void {
    this.lastFailure = failure
    this.options.log.info({ link: this.id, attempt: this.attempts, reason: failure.text }, 'a server cannot be reached')
  }

  private fail(): void {
    this.unlimit()
    const { text, condition } = this.lastFailure ?? tookTooLong
    this.options.log.warn(
      { link: this.id, reason: text },
      'a server was not reached, and what waited for it is returned',
    )
    this.dispatchHere({ _tag: 'ConnectionFailed', condition })
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
      this.stands(session.outbound.acked)
      stream.bindResuming(this.bound)
      return this.dispatchHere({ _tag: 'ResumeRequested', connection: stream.connection.id })
    }
    // Whoever is there now knows nothing of the session.
    this.dispatchHere({ _tag: 'CloseRequested' })
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
    if (version === undefined || !streamManagement()) return this.carry(stream)
    this.cancel = stream.giveUp
    stream.write(encodeNonza({ _tag: 'Enable', version, resume }))
  }

  /** The peer's answer to `<enable/>`. */
  private answered({ stream, version }: Authenticated, element: Element): void {
    const { clock, policy } = this.options
    const connection = stream.connection.id
    const received = fromReceiving(element, { at: clock.now(), resource: outgoingResource, connection })
    const event = received._tag === 'Event' ? received.event : undefined
    if (version === undefined || (event?._tag !== 'EnabledReceived' && event?._tag !== 'FailedReceived'))
      return stream.refuse(unknownElement(element))
    this.cancel = undefined
    if (event._tag === 'FailedReceived') return this.carry(stream)
    this.unlimit()
    this.stands(0)
    stream.bindEnabled(this.bound)
    this.dispatchHere({ _tag: 'EnableRequested', connection, version, resume: policy.resume })
    this.dispatchHere({ ...event, resume: event.resume && policy.resume })
    this.established()
  }

  /** Without stream management. */
  private carry(stream: OutgoingStream): void {
    const session = this.session()
    this.unlimit()
    this.stands(0, true)
    this.hasCarried = session?._tag === 'Connecting' && session.outbound.unacked.length > 0
    stream.bind(this.bound)
    this.dispatchHere({ _tag: 'SessionBound', connection: stream.connection.id })
    this.established()
  }

  /** A stream has a session, of which the peer has acked so much. */
  private stands(acked: Counter, isUnmanaged = false): void {
    this.isUnmanaged = isUnmanaged
    this.stoodSince = this.options.clock.monotonic()
    this.ackedBefore = acked
  }

  private established(): void {
    this.options.established(this.name.here, this.name.there)
  }

  /** An answer to what was asked about the session. */
  private taken(nonza: 'AckReceived' | 'ResumedReceived'): void {
    const session = this.session()
    if (session?._tag !== 'Active') return
    if (session.outbound.acked !== this.ackedBefore) this.hasCarried = true
    if (nonza === 'ResumedReceived') this.established()
  }

  private over({ stream }: Authenticated, reason: string): void {
    if (this.cancel === stream.giveUp) {
      this.cancel = undefined
      this.note({ condition: 'remote-server-timeout', text: reason, isFinal: false })
    }
    this.wake()
  }

  private get bound() {
    return { link: this.id, resource: outgoingResource }
  }

  private session(): Session<Stanza> | undefined {
    return sessionOf(this.options.runtime.account(this.id), outgoingResource)
  }

  private dispatchHere(
    event:
      | { readonly _tag: 'CloseRequested' }
      | Pick<ConnectionFailed, '_tag' | 'condition'>
      | Omit<EnabledReceived, 'at' | 'resource'>
      | Pick<EnableRequested, '_tag' | 'connection' | 'resume' | 'version'>
      | Pick<ResumeRequested, '_tag' | 'connection'>
      | Pick<SessionBound, '_tag' | 'connection'>,
  ): void {
    const { runtime, clock } = this.options
    runtime.dispatch(this.id, { ...event, at: clock.now(), resource: outgoingResource })
  }

  private get limitKey(): string {
    return `establish\n${this.id}`
  }

  private get pauseKey(): string {
    return `connect\n${this.id}`
  }
}

const tookTooLong: Pick<DialFailure, 'condition' | 'text'> = {
  condition: 'remote-server-timeout',
  text: 'it took too long',
}
