/**
 * What the streams of both directions have in common: what happens on a connection becomes an event of its session once
 * it has one, negotiation takes a bounded time, and a fault of ours ends the stream and nothing else.
 */
import {
  type Element,
  elementOfNonza,
  encodeNonza,
  type Stanza,
  type StreamFault,
  type StreamHeader,
} from '@smacks/codec'
import { type Ack, connectionOf, type Event, type Request, sessionOf } from '@smacks/core'
import { type AccountId, type Asked, after, type Question } from '@smacks/runtime'
import { brief, type Connection, type ConnectionHandler, type Here, ns, Output } from '@smacks/stream'
import { negotiationElements, type S2sOptions } from './options.js'

/** The session of a stream: a resource of a link. */
export interface LinkSession {
  readonly link: AccountId
  readonly resource: string
}

export abstract class ServerStream implements ConnectionHandler {
  /** What the connection belongs to, once it is established. */
  protected session: LinkSession | undefined
  /** Nothing that comes counts any more. */
  protected isOver = false
  /** Our header of the current stream has been sent. */
  protected isOpen = false
  private readonly output: Output
  private elements = 0

  constructor(
    readonly options: S2sOptions,
    readonly connection: Connection,
  ) {
    this.output = new Output(connection)
    this.hurry()
  }

  // What a direction has of its own

  protected abstract welcome(header: StreamHeader): void
  /** A first-level element before the stream has a session. */
  protected abstract negotiate(element: Element): void
  /** A first-level element once it has one. */
  protected abstract take(element: Element, session: LinkSession): void
  /** A stanza once it has one. */
  protected takeStanza(stanza: Stanza, session: LinkSession): void {
    this.take(stanza.element, session)
  }
  /** `<r/>` or `<a/>` once it has one. */
  protected takeFrequent(nonza: Ack | Request, session: LinkSession): void {
    this.take(elementOfNonza(nonza), session)
  }
  /** A stanza that is beyond a limit; where none is expected it ends the stream. */
  protected takeOverLimit(_stanza: Element, fault: StreamFault): void {
    this.refuse(fault)
  }
  /** Says the header of our stream. */
  protected abstract open(): void
  /** The stream is over before it had a session, or after. */
  protected abstract ended(reason: string): void

  // What the connection tells

  readonly streamOpened = (header: StreamHeader): void =>
    this.attempt(() => {
      if (!this.isOver && this.session === undefined) this.welcome(header)
    })

  readonly element = (element: Element): void => {
    // Not `attempt`: this is done for each stanza.
    try {
      if (this.isOver) return
      if (isStreamError(element)) return this.peerFailed(element)
      if (this.session !== undefined) return this.take(element, this.session)
      if (this.countElement()) this.negotiate(element)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly stanza = (stanza: Stanza): void => {
    if (this.session === undefined) return this.element(stanza.element)
    try {
      if (!this.isOver) this.takeStanza(stanza, this.session)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly nonza = (nonza: Ack | Request): void => {
    if (this.session === undefined) return this.element(elementOfNonza(nonza))
    try {
      if (!this.isOver) this.takeFrequent(nonza, this.session)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly overLimit = (stanza: Element, fault: StreamFault): void =>
    this.attempt(() => {
      if (!this.isOver) this.takeOverLimit(stanza, fault)
    })

  readonly streamClosed = (): void =>
    this.attempt(() => {
      if (!this.dispatchAs('StreamClosed')) this.close()
      this.leave('the peer closed the stream')
    })

  readonly faulted = (fault: StreamFault): void =>
    this.attempt(() => {
      this.options.log.info({ connection: this.connection.id, ...fault }, 'stream of a server refused')
      this.refuse(fault)
    })

  readonly lost = (reason: string): void =>
    this.attempt(() => {
      this.dispatchAs('ConnectionLost')
      this.leave(reason)
    })

  readonly drained = (): void => this.attempt(() => void this.dispatchAs('ConnectionDrained'))

  readonly silent = (): void =>
    this.attempt(() => {
      if (!this.dispatchAs('ConnectionSilent')) return
      // Whitespace makes TCP find out about a dead peer where stream management can't ask (RFC 6120 §4.6.1).
      if (this.isItsSessions()) this.write(this.connection.framing.keepalive)
      else this.leave('the peer was silent')
    })

  // What the negotiation does

  /** Says something; behind what the core was asked to say before. */
  write(xml: string): void {
    this.output.write(xml)
  }

  /** Asks the link; what is written from now on follows its answer. */
  protected askLink(link: AccountId, question: Question): Asked {
    const answer = this.output.keepPlace()
    return this.options.runtime.ask(link, question, nonza => answer([encodeNonza(nonza)]))
  }

  /** Ends the stream with an error of ours. */
  refuse(fault: StreamFault): void {
    if (this.isOver) return
    const { session } = this
    if (session !== undefined) {
      this.dispatch({ _tag: 'StreamRefused', ...this.here(session.resource), error: fault })
      return this.leave(fault.text ?? fault.condition)
    }
    // An error is sent inside a stream, so ours is opened first (RFC 6120 §4.9.1.2).
    if (!this.isOpen) this.open()
    this.close(this.connection.framing.error(fault))
    this.leave(fault.text ?? fault.condition)
  }

  /** The connection belongs to a session now. */
  protected established(session: LinkSession): void {
    this.settle()
    this.connection.established()
    this.session = session
    this.options.log.info({ connection: this.connection.id, link: session.link }, 'stream of a server established')
  }

  /** The session went on elsewhere or is over, and the stream waits for another one: for a bounded time. */
  protected released(): void {
    this.session = undefined
    this.hurry()
  }

  /** What the peer is to do next has to be done in time. */
  protected hurry(): void {
    const { timers, clock, policy } = this.options
    const due = after(clock, policy.connectSeconds * 1000)
    timers.arm(this.deadline, due, () => this.attempt(() => this.takesTooLong()))
  }

  /** It was done. */
  protected settle(): void {
    this.options.timers.disarm(this.deadline)
  }

  /** True if the connection is its session's still. */
  protected isItsSessions(): boolean {
    if (this.session === undefined) return false
    const { link, resource } = this.session
    const session = sessionOf(this.options.runtime.account(link), resource)
    return session !== undefined && connectionOf(session) === this.connection.id
  }

  /** True if its session waits for another stream. */
  private hasResumable(): boolean {
    if (this.session === undefined) return false
    const { link, resource } = this.session
    return sessionOf(this.options.runtime.account(link), resource)?._tag === 'Hibernating'
  }

  protected dispatch(event: Event<Stanza>, link: AccountId | undefined = this.session?.link): void {
    if (link !== undefined) this.options.runtime.dispatch(link, event)
  }

  protected here(resource: string): Here {
    return { at: this.options.clock.now(), resource, connection: this.connection.id }
  }

  /** Ends the stream without an error. */
  protected close(xml?: string): void {
    this.connection.close(xml)
  }

  protected leave(reason: string): void {
    if (this.isOver) return
    this.isOver = true
    this.settle()
    this.options.log.debug(
      { connection: this.connection.id, link: this.session?.link, reason },
      'stream of a server over',
    )
    this.ended(reason)
  }

  /** The time for negotiation is over. */
  protected takesTooLong(): void {
    const { connectSeconds } = this.options.policy
    this.refuse({
      condition: 'connection-timeout',
      text: `The stream was not established within ${connectSeconds} seconds.`,
    })
  }

  // Inside

  /** The peer ends the stream with an error: its session may go on elsewhere, as after a line that dropped. */
  private peerFailed(element: Element): void {
    const condition = element.getChildElements()[0]?.getName() ?? 'undefined-condition'
    this.options.log.info({ connection: this.connection.id, condition: brief(condition) }, 'a server ended a stream')
    this.dispatchAs('ConnectionLost')
    // What may be resumed must not be closed by us, whatever became of it there (XEP-0198 §7).
    if (this.hasResumable()) this.connection.drop()
    else this.close()
    this.leave(`the peer ended the stream with ${brief(condition)}`)
  }

  private dispatchAs(_tag: 'ConnectionDrained' | 'ConnectionLost' | 'ConnectionSilent' | 'StreamClosed'): boolean {
    const { session } = this
    if (session === undefined || this.isOver) return false
    this.dispatch({ _tag, ...this.here(session.resource) })
    return true
  }

  private countElement(): boolean {
    this.elements += 1
    if (this.elements <= negotiationElements) return true
    this.refuse({
      condition: 'policy-violation',
      text: `More than ${negotiationElements} elements came before the stream was established.`,
    })
    return false
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
    this.options.log.error({ err: error, connection: this.connection.id }, 'a fault of ours ends a stream of a server')
    try {
      this.refuse({ condition: 'internal-server-error', text: 'The server made a mistake; its log says more.' })
    } catch (again) {
      this.options.log.error({ err: again, connection: this.connection.id }, 'a stream cannot even be closed')
      this.connection.destroy()
      this.leave('a fault of ours')
    }
  }

  private get deadline(): string {
    return `negotiation\n${this.connection.id}`
  }
}

const isStreamError = (element: Element): boolean => element.getName() === 'error' && element.getNS() === ns.streams
