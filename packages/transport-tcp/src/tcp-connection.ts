/**
 * One connection: bytes of a socket to elements for its handler, and text of its handler to the socket. Reading is in
 * `stream-input`, writing in `outbox`, TLS in `connection-tls`; here is how they live and end together.
 *
 * Ways to its end: the handler closes or destroys it, after whatever happened; or the line drops while the stream is
 * open, then the handler hears `lost`. A peer that broke a rule or closed its stream is not heard any more, and
 * the connection stands until the handler closes it.
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type ByteString, type StanzaScanner, utf8Bytes } from '@smacks/codec'
import type { ConnectionId } from '@smacks/core'
import {
  type ChannelBindingType,
  type Connection,
  type ConnectionHandler,
  type PeerCertificate,
  xmlStreamFraming,
} from '@smacks/stream'
import { ConnectionTls } from './connection-tls.js'
import type { TcpLog } from './log.js'
import type { TcpLimits } from './options.js'
import { Outbox } from './outbox.js'
import { Pauses, pausedBy } from './pauses.js'
import { ReadBudget } from './read-budget.js'
import { isBlank } from './segments.js'
import { Silence } from './silence.js'
import { type StartTls, StreamInput } from './stream-input.js'
import type { Authorities, TlsUpgrade } from './tls.js'
import type { TrafficCount } from './traffic.js'
import type { UnsentTotal } from './unsent-total.js'

/** What all connections of a transport share. */
export interface ConnectionContext {
  readonly limits: TcpLimits
  readonly upgrade: TlsUpgrade | undefined
  readonly authorities: Authorities
  readonly now: () => number
  readonly log: TcpLog
  readonly unsent: UnsentTotal
  /** Finds usual stanzas, on one connection after the other. */
  readonly scanner: StanzaScanner
  /** The number of the turn of the event loop. */
  readonly turn: () => number
  readonly traffic: TrafficCount
  readonly onEstablished: (connection: TcpConnection) => void
  /** TLS was begun and did not come about. */
  readonly onTlsFailure: (connection: TcpConnection, reason: string) => void
  /** The socket is closed: the connection is no more. */
  readonly onClosed: (connection: TcpConnection) => void
}

/** A connection that we closed is destroyed if the peer has not ended it after so many milliseconds. */
const closingTime = 5000

type Phase =
  /** What is written leaves. What comes is read as long as the input is open. */
  | 'open'
  /** We closed; what is buffered leaves, what comes is discarded. */
  | 'closing'
  /** Lost or destroyed. */
  | 'gone'

export class TcpConnection implements Connection {
  readonly id: ConnectionId
  readonly framing = xmlStreamFraming
  readonly remoteAddress: string
  readonly openedAt: number
  /** Waits in the transport's list of connections to flush. */
  dirty = false
  readonly #context: ConnectionContext
  readonly #input: StreamInput
  readonly #outbox: Outbox
  readonly #pauses: Pauses
  readonly #budget: ReadBudget
  readonly #silence = new Silence()
  readonly #tls: ConnectionTls
  #socket: Socket
  #phase: Phase = 'open'
  #hasWritten = false
  #flushWaits = false
  /** Somebody waits for the line to take what it was given. */
  #drainAwaited: object | undefined
  #failure: string | undefined
  #closing: NodeJS.Timeout | undefined

  /** `serverName`: it was us who connected, to a server of this name. */
  constructor(
    id: ConnectionId,
    remoteAddress: string,
    socket: Socket,
    context: ConnectionContext,
    readonly serverName: string | undefined,
  ) {
    const { limits, now, turn } = context
    this.id = id
    this.remoteAddress = remoteAddress
    this.openedAt = now()
    this.#context = context
    this.#socket = socket
    this.#outbox = new Outbox(socket, limits, context.traffic)
    this.#pauses = new Pauses(socket)
    this.#budget = new ReadBudget(limits, this.#pauses, now, turn)
    this.#tls = new ConnectionTls(context.upgrade, context.authorities, serverName)
    this.#input = new StreamInput({
      limits,
      scanner: context.scanner,
      pauses: this.#pauses,
      charge: this.charge,
      startTls: (upgrade, rest) => this.#proceedToTls(upgrade, rest),
    })
  }

  /** Begins to read; `directTls`: TLS from the first byte. Nothing is told inside this call. */
  open(handler: ConnectionHandler, directTls: boolean): void {
    if (this.#input.isOpen) this.#input.handler = handler
    if (this.#input.isOpen && directTls) this.#startHandshake(true)
    else this.#listenTo(this.#socket)
  }

  // What the handler calls

  readonly secure = (): boolean => this.#tls.isOn

  readonly channelBinding = (type: ChannelBindingType): Uint8Array | undefined => this.#tls.channelBinding(type)

  readonly peerCertificate = (): PeerCertificate | undefined => this.#tls.peerCertificate()

  readonly write = (xml: string): void => this.writeBytes(utf8Bytes(xml))

  readonly writeBytes = (bytes: ByteString): void => {
    if (this.#phase !== 'open') return
    this.#buffer(bytes)
    // Whatever is read or flushed by the transport ends with a flush.
    if (this.dirty || this.#flushWaits || this.#input.isReading) return
    this.#flushWaits = true
    process.nextTick(() => {
      this.#flushWaits = false
      this.flush()
    })
  }

  readonly writeAlone = (elements: ReadonlyArray<string>): void => {
    const bytes = utf8Bytes(elements.join(''))
    if (bytes === '' || this.#phase !== 'open') return
    this.#hasWritten = true
    this.#outbox.writeAlone(bytes, () => this.flush())
  }

  readonly awaitDrain = (): void => {
    if (this.#phase !== 'open') return
    // Once `drained` was told for another reason, nobody waits for this one any more.
    const awaited = {}
    this.#drainAwaited = awaited
    this.#outbox.whenTaken(() => {
      if (this.#drainAwaited === awaited) this.#tellDrained()
    })
  }

  readonly startTls = (proceed: string, opening = ''): void => {
    if (!this.#tls.canStart) throw new Error('startTls is for a connection without TLS, where TLS is configured.')
    this.#input.upgrade({ _tag: 'StartTls', proceed, opening })
  }

  readonly restart = (): void => this.#input.upgrade({ _tag: 'Restart' })

  readonly authenticated = (): void => this.#input.authenticated()

  readonly charge = (bytes: number): void => this.#budget.charge(bytes)

  readonly pause = (): void => {
    if (this.#input.isOpen) this.#pauses.pause(pausedBy.handler)
  }

  readonly resume = (): void => {
    if (!this.#pauses.has(pausedBy.handler)) return
    const held = this.#input.takeHeld()
    this.#pauses.lift(pausedBy.handler)
    if (held !== undefined) this.#read(held)
    // What was held may have led to another pause.
    this.#pauses.resumeIfNone()
  }

  readonly established = (): void => {
    this.#input.established()
    this.#context.onEstablished(this)
  }

  readonly close = (xml = ''): void => this.#end(xml !== '' || this.#hasWritten ? xml + this.framing.close : '')

  readonly drop = (): void => this.#end('')

  readonly destroy = (): void => {
    this.#leave('gone')
    this.#socket.destroy()
  }

  // What the transport calls

  /** Bytes that have not left. */
  readonly unsent = (): number => (this.#phase === 'gone' ? 0 : this.#outbox.unsent)

  /** Ends the connection, which others need more. */
  readonly giveUp = (reason: string): void => {
    if (this.#phase === 'closing') this.#socket.destroy()
    else if (this.#phase !== 'gone') this.#lose(reason)
  }

  /** Writes what is buffered, and judges how much the peer has not taken. */
  flush(): void {
    if (this.#phase !== 'open') return
    const state = this.#outbox.flush()
    if (state === 'overflowing') this.#lose(`the peer does not read: ${this.#outbox.unsent} bytes wait for it`)
    else if (state === 'crowded') this.#pauses.pause(pausedBy.output)
    this.#context.unsent.changed(this)
  }

  /** Reads nothing until `resumeReading`. */
  pauseReading(): void {
    this.#pauses.pause(pausedBy.suspension)
  }

  resumeReading(): void {
    if (!this.#pauses.has(pausedBy.suspension)) return
    this.#silence.heard()
    this.#pauses.resume(pausedBy.suspension)
  }

  /** One more sweep has come; tells the handler if the peer was silent for all of the last ones. */
  sweep(): void {
    // Whom we do not listen to is not silent.
    if (!this.#input.isOpen || this.#pauses.has(pausedBy.rate | pausedBy.suspension)) return
    if (this.#silence.sweep()) this.#input.handler?.silent()
  }

  /** It leaves with the next flush. */
  #buffer(bytes: ByteString): void {
    this.#hasWritten = true
    this.#outbox.append(bytes)
  }

  // What the socket tells

  #listenTo(socket: Socket): void {
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /** TLS takes the socket over; what happens to it, TLS tells too. */
  #ignore(socket: Socket): void {
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#context.traffic.received += chunk.length
    if (!this.#input.isOpen) return
    this.#silence.heard()
    this.#read(chunk)
    if (this.#input.isOpen) this.#budget.spend(chunk.length)
  }

  #read(chunk: Uint8Array): void {
    this.#input.read(chunk)
    if (!this.#outbox.isEmpty) this.flush()
  }

  readonly #onDrain = (): void => {
    const wasFull = this.#outbox.drained()
    this.#context.unsent.changed(this)
    if (this.#outbox.unsent <= this.#context.limits.resumeReadingBelow) this.#pauses.resume(pausedBy.output)
    if (wasFull) this.#tellDrained()
  }

  #tellDrained(): void {
    this.#drainAwaited = undefined
    if (this.#phase === 'open') this.#input.handler?.drained()
  }

  readonly #onEnd = (): void => {
    if (!this.#input.isOpen) return
    const where = this.#input.isMidElement ? 'in the middle of an element' : 'without closing the stream'
    this.#lose(`the peer ended the connection ${where}`)
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= error.message
  }

  readonly #onClose = (): void => {
    if (this.#input.isOpen) this.#lose(this.#failure ?? 'the connection broke')
    else if (this.#phase !== 'gone') this.#leave('gone')
    clearTimeout(this.#closing)
    // It is found for as long as its handler has to hear of its end.
    process.nextTick(() => this.#context.onClosed(this))
  }

  // The end

  /** What is buffered and `lastWords` leave, then FIN; what still comes is discarded, lest RST overtake them. */
  #end(lastWords: string): void {
    if (this.#phase === 'gone') this.#leave('gone')
    if (this.#phase !== 'open') return
    if (lastWords !== '') this.#buffer(utf8Bytes(lastWords))
    this.#leave('closing')
    // From <proceed/> to the end of the handshake nothing can be said, neither in the clear nor inside TLS.
    if (this.#tls.isInHandshake) {
      this.#socket.destroy()
      return
    }
    this.#outbox.finish()
    this.#context.unsent.changed(this)
    this.#pauses.end()
    this.#closing = setTimeout(() => this.#socket.destroy(), closingTime).unref()
  }

  /** The handler hears of it later, since whoever wrote too much is in the middle of something. */
  #lose(reason: string): void {
    if (this.#tls.isInHandshake) this.#context.onTlsFailure(this, reason)
    this.#phase = 'gone'
    this.#input.end()
    this.#socket.destroy()
    process.nextTick(() => {
      const { handler } = this.#input
      this.#leave('gone')
      handler?.lost(reason)
    })
  }

  /** The handler ended the connection, or it ended while the handler was about to: nothing more is told. */
  #leave(phase: 'closing' | 'gone'): void {
    this.#phase = phase
    this.#input.dismissHandler()
  }

  // TLS

  /** RFC 6120 §5.4.3.3: what came in the clear must not count as said inside TLS. */
  #proceedToTls({ proceed, opening }: StartTls, rest: Uint8Array): void {
    if (!isBlank(rest)) {
      const element = this.serverName === undefined ? 'starttls' : 'proceed'
      const text = `Nothing may follow <${element}/> before TLS is established.`
      return this.#input.fault({ condition: 'policy-violation', text })
    }
    this.#buffer(utf8Bytes(proceed))
    this.#tls.begin()
    this.#pauses.pause(pausedBy.handshake)
    this.#outbox.writeLast(() => {
      if (!this.#input.isOpen) return
      this.#ignore(this.#socket)
      this.#startHandshake(false)
      if (opening !== '') this.write(opening)
    })
  }

  #startHandshake(direct: boolean): void {
    this.#tls.begin()
    this.#socket.on('error', this.#onError)
    const secured = this.#secureSocket(direct)
    if (secured === undefined) return
    this.#socket = secured
    this.#listenTo(secured)
    this.#pauses.continueOn(secured)
    this.#outbox.continueOn(secured)
  }

  #secureSocket(direct: boolean): TLSSocket | undefined {
    try {
      return this.#tls.secure(this.#socket, direct)
    } catch (error) {
      const reason = `TLS cannot start: ${error instanceof Error ? error.message : String(error)}`
      this.#context.log.warn(reason)
      this.#socket.on('close', this.#onClose)
      this.#lose(reason)
      return undefined
    }
  }
}
