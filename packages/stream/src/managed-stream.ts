/**
 * What all streams have in common, whoever is at the other end. Negotiation takes a bounded time and a bounded number of
 * elements. Once the connection belongs to a session, what happens on it is an event of that session. A fault of ours ends
 * the stream, and nothing else.
 */
import {
  type Element,
  elementOfNonza,
  encodeNonza,
  type Stanza,
  type StreamFault,
  type StreamHeader,
} from '@smacks/codec'
import {
  type Ack,
  type ConnectionDrained,
  type ConnectionLost,
  type ConnectionSilent,
  connectionOf,
  type Event,
  isOfSameRun,
  type Request,
  type Resource,
  type StanzaReceived,
  type StreamClosed,
  sessionOf,
} from '@smacks/core'
import {
  type AccountId,
  type Asked,
  after,
  type Clock,
  type Question,
  type Runtime,
  type Timers,
} from '@smacks/runtime'
import type { Connection, ConnectionHandler } from './connection.js'
import { conditionOf, isStreamError } from './elements.js'
import type { OwnHeader } from './framing.js'
import { connectionFacts, type StreamLog, streamErrorFacts } from './log.js'
import { Output, type WriteReserved } from './output.js'
import { fromEither, type Origin } from './sm-events.js'
import type { StreamStep } from './step.js'

/** The session that a connection belongs to: a resource of an account, or of a link between servers. */
export interface StreamSession {
  readonly account: AccountId
  readonly resource: Resource
}

/** What a stream needs of its host, whoever is at the other end. */
export interface ManagedStreamOptions {
  /** Takes the events of the session, and answers what the peer asks. */
  readonly runtime: Pick<Runtime<Stanza>, 'account' | 'ask' | 'dispatch' | 'dispatchAll'>
  readonly timers: Timers
  readonly clock: Clock
  readonly log: StreamLog
}

/** What a connection may take until it belongs to a session. */
export interface NegotiationLimits {
  /** Since it was accepted, or since it lost its session. */
  readonly seconds: number
  /** First-level elements, over all streams of the connection. */
  readonly elements: number
  /** What is to be done by then, for texts, such as `a resource was bound`. */
  readonly until: string
}

/**
 * A stream on a connection, as far as it is the same for clients and servers: the handler of its `connection`. A kind of
 * stream says what its headers and elements mean, and what is to happen when it takes too long.
 */
export abstract class ManagedStream<Session extends StreamSession = StreamSession> implements ConnectionHandler {
  /** What the connection belongs to, once it is established. */
  protected session: Session | undefined
  /** Nothing that comes counts any more. */
  protected hasEnded = false
  /** Our header of the current stream has been sent. */
  private isOpen = false
  /** What was asked for in the clear is answered there until TLS is on. */
  private awaitsTls = false
  private readonly output: Output
  private elements = 0
  /** Stanzas of the read at hand, and the account that they are for. */
  private held: Array<StanzaReceived<Stanza>> = []
  private heldFor: AccountId = ''

  constructor(
    private readonly managed: ManagedStreamOptions,
    readonly connection: Connection,
    protected readonly negotiationLimits: NegotiationLimits,
  ) {
    this.output = new Output(connection)
    managed.log.info(connectionFacts(connection), 'connected')
    this.armDeadline()
  }

  // What a kind of stream has of its own

  /** A stream header came, and the stream has no session. */
  protected abstract receiveHeader(header: StreamHeader): void
  /** A first-level element before the stream has a session. */
  protected abstract negotiate(element: Element): void
  /** A first-level element once it has one. */
  protected abstract receiveInSession(element: Element, session: Session): void
  /** The same, where it is a stanza. */
  protected receiveStanza(stanza: Stanza, session: Session): void {
    this.receiveInSession(stanza.element, session)
  }
  /** The same, where it is `<r/>` or `<a/>`. */
  protected receiveNonza(nonza: Ack | Request, { account, resource }: Session): void {
    this.dispatch(account, fromEither(nonza, this.origin(resource)))
  }
  /** A stanza that is beyond a limit: it counts, and its sender is told, if the stream has a session or gets one. */
  protected abstract receiveOverLimit(stanza: Element, fault: StreamFault): void
  /** What opens our stream. */
  protected abstract ownHeader(): OwnHeader
  /** The time for negotiation is over. */
  protected abstract deadlinePassed(): void
  /** The stream ended, before it had a session or after; called once. */
  protected abstract ended(reason: string): void

  // What the connection reports

  readonly streamOpened = (header: StreamHeader): void =>
    this.guarded(() => {
      if (!this.hasEnded && this.session === undefined) this.receiveHeader(header)
    })

  readonly element = (element: Element): void => {
    // Not `guarded`: this is done for each stanza.
    try {
      if (!this.hasEnded) this.receive(element)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly stanza = (stanza: Stanza): void => {
    try {
      if (this.hasEnded) return
      if (this.session === undefined) this.receive(stanza.element)
      else this.receiveStanza(stanza, this.session)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly nonza = (nonza: Ack | Request): void => {
    try {
      if (this.hasEnded) return
      if (this.session === undefined) this.receive(elementOfNonza(nonza))
      else this.receiveNonza(nonza, this.session)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly readEnded = (): void => this.guarded(() => this.dispatchHeld())

  readonly overLimit = (stanza: Element, fault: StreamFault): void =>
    this.guarded(() => {
      if (!this.hasEnded) this.receiveOverLimit(stanza, fault)
    })

  readonly streamClosed = (): void =>
    this.guarded(() => {
      // Where an error of ours is under way, that ends the stream.
      if (this.hasEnded) return
      if (!this.dispatchAs('StreamClosed')) this.connection.close()
      this.end('the peer closed the stream')
    })

  readonly faulted = (fault: StreamFault): void => this.guarded(() => this.refuse(fault))

  readonly lost = (reason: string): void =>
    this.guarded(() => {
      this.dispatchAs('ConnectionLost')
      this.end(reason)
    })

  readonly drained = (): void => this.guarded(() => void this.dispatchAs('ConnectionDrained'))

  readonly silent = (): void =>
    this.guarded(() => {
      if (!this.dispatchAs('ConnectionSilent')) return
      // Whitespace makes TCP find out about a dead peer where stream management can't ask (RFC 6120 §4.6.1).
      if (this.ownsSession()) this.write(this.connection.framing.keepalive)
      else this.end('the peer was silent')
    })

  // What a stream does

  /** Does what was decided. */
  protected perform(step: StreamStep): void {
    switch (step._tag) {
      case 'Reply':
        return this.write(step.xml)
      case 'Refuse':
        return this.refuse(step.fault)
      case 'Restart':
        return this.restart()
      case 'StartTls':
        return this.startTls(step.proceed)
    }
  }

  /** Sends this, behind what waits for an answer of the core. */
  write(xml: string): void {
    this.output.write(xml)
  }

  /** Reserves the place of something that is not known yet; see `Output.reserve`. */
  protected reserve(): WriteReserved {
    return this.output.reserve()
  }

  /** Ends the stream with an error of ours (RFC 6120 §4.9). */
  refuse(fault: StreamFault): void {
    if (this.hasEnded) return
    try {
      this.sendError(fault)
    } finally {
      this.end(fault.text ?? fault.condition)
    }
  }

  /** Sends our header. */
  protected open(): void {
    this.isOpen = true
    this.write(this.connection.framing.open(this.ownHeader()))
  }

  /** The peer opened a stream, so ours is opened anew, by what comes next. */
  protected openAnew(): void {
    this.awaitsTls = false
    this.isOpen = false
  }

  /** Expects a new stream header (RFC 6120 §4.3.3). */
  protected restart(): void {
    this.isOpen = false
    this.connection.restart()
  }

  /** Starts TLS, as the side that was connected to (RFC 6120 §5.4.2.3). */
  protected startTls(proceed: string): void {
    this.connection.startTls(proceed)
    this.awaitsTls = true
  }

  /** The connection belongs to a session now. */
  protected establish(session: Session): void {
    const { account, resource } = session
    this.disarmDeadline()
    this.connection.established()
    this.session = session
    this.managed.log.debug({ ...connectionFacts(this.connection), account, resource }, 'stream established')
  }

  /** What the peer is to do next has to be done in time. */
  protected armDeadline(): void {
    const due = after(this.managed.clock, this.negotiationLimits.seconds * 1000)
    this.managed.timers.arm(this.deadlineKey, due, () => this.guarded(() => this.deadlinePassed()))
  }

  /** It was done. */
  protected disarmDeadline(): void {
    this.managed.timers.disarm(this.deadlineKey)
  }

  /** The stream is over, however its connection is ended. */
  protected end(reason: string): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.disarmDeadline()
    this.managed.log.debug(
      { ...connectionFacts(this.connection), account: this.session?.account, reason },
      'stream ended',
    )
    this.ended(reason)
  }

  // Events of its session

  /** Tells the loop what happened to the session; of stanzas that come in one read, at its end or before anything else. */
  protected dispatch(account: AccountId, event: Event<Stanza>): void {
    if (event._tag === 'StanzaReceived' && this.connection.isReading) return this.hold(account, event)
    this.dispatchHeld()
    this.managed.runtime.dispatch(account, event)
  }

  private hold(account: AccountId, event: StanzaReceived<Stanza>): void {
    const [first] = this.held
    if (first !== undefined && !(this.heldFor === account && isOfSameRun(first, event))) this.dispatchHeld()
    this.heldFor = account
    this.held.push(event)
  }

  private dispatchHeld(): void {
    const { held, heldFor } = this
    const [first, second] = held
    if (first === undefined) return
    this.held = []
    if (second === undefined) this.managed.runtime.dispatch(heldFor, first)
    else this.managed.runtime.dispatchAll(heldFor, held)
  }

  /** Asks the account; what is written from now on follows its answer. */
  protected ask(account: AccountId, question: Question): Asked {
    this.dispatchHeld()
    const answer = this.output.reserve()
    return this.managed.runtime.ask(account, question, nonza => answer([encodeNonza(nonza)]))
  }

  /** What all events of this connection say. */
  protected origin(resource: Resource): Origin {
    return { at: this.managed.clock.now(), resource, connection: this.connection.id }
  }

  /** Dispatches an event to the session; false if there is none. */
  protected dispatchAs(_tag: ConnectionEvent['_tag']): boolean {
    const { session } = this
    if (session === undefined || this.hasEnded) return false
    this.dispatch(session.account, { _tag, ...this.origin(session.resource) })
    return true
  }

  /** True if the connection is its session's still: the session has not ended, nor gone on elsewhere. */
  protected ownsSession(): boolean {
    if (this.session === undefined) return false
    const { account, resource } = this.session
    const session = sessionOf(this.managed.runtime.account(account), resource)
    return session !== undefined && connectionOf(session) === this.connection.id
  }

  // Elements

  /** Takes a first-level element, before or in a session. */
  protected receive(element: Element): void {
    if (isStreamError(element)) this.errorReceived(element)
    else if (this.session !== undefined) this.receiveInSession(element, this.session)
    else if (this.countElement()) this.negotiate(element)
  }

  private countElement(): boolean {
    this.elements += 1
    const { elements, until } = this.negotiationLimits
    if (this.elements <= elements) return true
    this.refuse({ condition: 'policy-violation', text: `More than ${elements} elements came before ${until}.` })
    return false
  }

  // Errors

  /** The peer ends the stream with an error. Nothing follows but the end of ours: no error answers an error (RFC 6120 §4.9.1.1). */
  private errorReceived(element: Element): void {
    const condition = conditionOf(element)
    const { account } = this.session ?? {}
    this.managed.log.info({ ...connectionFacts(this.connection), account, condition }, 'stream error received')
    this.closeAfterError()
    this.end(`the peer ended the stream with ${condition}`)
  }

  /** Closes our stream. It is over for the peer, and so is its session, as where the peer closes it without an error. */
  protected closeAfterError(): void {
    if (!this.dispatchAs('StreamClosed')) this.connection.close()
  }

  private sendError(fault: StreamFault): void {
    const { session, connection } = this
    if (session !== undefined) {
      const { account, resource } = session
      return this.dispatch(account, { _tag: 'StreamRefused', ...this.origin(resource), error: fault })
    }
    // Inside TLS nothing was said yet.
    if (this.awaitsTls && connection.secure()) this.isOpen = false
    // An error is sent inside a stream, so ours is opened first (RFC 6120 §4.9.1.2).
    if (!this.isOpen) this.open()
    this.managed.log.info(streamErrorFacts(connection, fault), 'stream error sent')
    connection.close(connection.framing.error(fault))
  }

  /** Does what the transport or a timer asks for. Neither catches what is thrown: the process would end, for one stream's sake. */
  protected guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.failed(error)
    }
  }

  /** A fault of ours. */
  protected failed(error: unknown): void {
    const { log } = this.managed
    const connection = this.connection.id
    log.error({ err: error, connection }, 'a fault of ours ends a stream')
    if (this.hasEnded) return this.connection.destroy()
    try {
      this.refuse({ condition: 'internal-server-error', text: 'The server made a mistake; its log says more.' })
    } catch (again) {
      log.error({ err: again, connection }, 'a stream cannot even be closed')
      this.connection.destroy()
    }
  }

  private get deadlineKey(): string {
    return `negotiation\n${this.connection.id}`
  }
}

/** What happens to a connection, as events that say no more than that. */
type ConnectionEvent = ConnectionDrained | ConnectionLost | ConnectionSilent | StreamClosed
