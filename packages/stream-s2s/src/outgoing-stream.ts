/**
 * A stream to another server (RFC 6120 §4): our header, its features, TLS. Its purpose goes on from there: it
 * authenticates and carries stanzas, or it asks one question.
 */
import { type Element, elementOfNonza, type Stanza, type StreamFault, type StreamHeader } from '@smacks/codec'
import type { Ack, Event, Request } from '@smacks/core'
import {
  type Connection,
  fromReceiving,
  namespaceOf,
  ns,
  type OwnHeader,
  type StreamSession,
  unknownElement,
} from '@smacks/stream'
import type { StreamPair } from './addressing.js'
import { notAuthorized } from './authentication.js'
import type { Attempt } from './dial.js'
import { serverHeader, startTls } from './elements.js'
import { linkSession } from './link-session.js'
import type { S2sOptions } from './options.js'
import { ServerStream } from './server-stream.js'

/** What a stream is for. Its functions are called with the stream, in this order. */
export interface StreamPurpose {
  /** The features of a stream that is as secure as it has to be; again after each `restart`. */
  readonly begin: (stream: OutgoingStream, features: Element) => void
  /** An element that came before the stream has a session. */
  readonly answer: (stream: OutgoingStream, element: Element) => void
  /** The answer to `<enable/>` came, and its session is about to take it. */
  readonly answered?: (stream: OutgoingStream, answer: NegotiationAnswer) => void
  /** An element of stream management came, and its session has taken it. */
  readonly taken?: (stream: OutgoingStream, element: TakenElement) => void
  /** The stream lost its session, since the peer would not resume it; the stream itself goes on. */
  readonly sessionless?: (stream: OutgoingStream) => void
  /** The stream is over, whatever became of its purpose. */
  readonly ended: (reason: string) => void
}

/** What a peer may say to `<enable/>`. */
export type NegotiationAnswer = 'EnabledReceived' | 'FailedReceived'

/** What a peer says about what its session was sent. */
export type TakenElement = NegotiationAnswer | 'AckReceived' | 'ResumedReceived'

export class OutgoingStream extends ServerStream implements Attempt {
  /** What the peer calls the stream: dialback needs it. */
  streamId = ''
  private isStartingTls = false

  constructor(
    options: S2sOptions,
    connection: Connection,
    readonly pair: StreamPair,
    private readonly purpose: StreamPurpose,
  ) {
    super(options, connection)
    this.open()
  }

  readonly giveUp = (): void => {
    this.dispatchAs('ConnectionLost')
    this.connection.close()
    this.end('given up')
  }

  /** Expects a new stream, and opens ours (RFC 6120 §6.4.6). */
  override restart(): void {
    super.restart()
    this.open()
  }

  /** The stream is the session's from here on, without stream management. */
  bind(session: StreamSession): void {
    this.establish(session)
  }

  /** The stream is the session's if the peer agrees to `<enable/>` or `<resume/>`, and that in time. */
  bindNegotiating(session: StreamSession): void {
    this.establish(session)
    this.armDeadline()
  }

  protected override receiveHeader(header: StreamHeader): void {
    if (header.xmlns !== 'jabber:server' || header.version === undefined)
      return this.refuse({ condition: 'unsupported-version', text: 'Streams between servers are of version 1.0.' })
    if (header.id === undefined || header.id === '')
      return this.refuse({ condition: 'bad-format', text: 'Your stream header has no id.' })
    this.streamId = header.id
  }

  protected override negotiate(element: Element): void {
    if (this.isStartingTls) return this.proceed(element)
    if (element.getName() !== 'features' || element.getNS() !== ns.streams) return this.purpose.answer(this, element)
    const tls = element.getChild('starttls', ns.tls)
    if (!this.connection.secure() && tls !== undefined) {
      this.isStartingTls = true
      return this.write(startTls)
    }
    if (!this.connection.secure() && this.options.policy.requireEncryption)
      return this.refuse(notAuthorized(`'${this.pair.remote}' offers no TLS, and it is required here.`))
    this.purpose.begin(this, element)
  }

  /** Elements of stream management; stanzas come on the peer's own stream (RFC 6120 §2.5). */
  protected override receiveInSession(element: Element, session: StreamSession): void {
    const received = fromReceiving(element, this.origin(session.resource))
    if (received._tag !== 'Event') return this.refuse(unknownElement(element))
    const { event } = received
    if (linkSession(this.options.runtime, session.account)?._tag === 'Negotiating')
      return this.receiveAnswer(element, session, event)
    this.dispatch(session.account, event)
    if (event._tag === 'ResumedReceived') this.disarmDeadline()
    if (event._tag === 'AckReceived' || event._tag === 'ResumedReceived') return this.purpose.taken?.(this, event._tag)
    if (event._tag !== 'FailedReceived' || this.ownsSession()) return
    // The stream waits for another session, for a bounded time.
    this.session = undefined
    this.armDeadline()
    this.purpose.sessionless?.(this)
  }

  /** Nothing else may come before the answer to `<enable/>`. */
  private receiveAnswer(element: Element, session: StreamSession, event: Event<Stanza>): void {
    if (event._tag !== 'EnabledReceived' && event._tag !== 'FailedReceived') return this.refuse(unknownElement(element))
    this.disarmDeadline()
    this.purpose.answered?.(this, event._tag)
    this.dispatch(session.account, event)
    this.purpose.taken?.(this, event._tag)
  }

  /** Stanzas come on the peer's own stream. */
  protected override receiveOverLimit(_stanza: Element, fault: StreamFault): void {
    this.refuse(fault)
  }

  protected override receiveNonza(nonza: Ack | Request, session: StreamSession): void {
    this.receiveInSession(elementOfNonza(nonza), session)
  }

  protected override ownHeader(): OwnHeader {
    return serverHeader({ from: this.pair.local, to: this.pair.remote })
  }

  protected override ended(reason: string): void {
    this.purpose.ended(reason)
  }

  private proceed(element: Element): void {
    this.isStartingTls = false
    if (element.getName() !== 'proceed' || namespaceOf(element) !== ns.tls)
      return this.refuse(notAuthorized(`'${this.pair.remote}' did not start TLS.`))
    this.connection.startTls('', this.connection.framing.open(this.ownHeader()))
  }
}
