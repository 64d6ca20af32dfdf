/**
 * One connection: bytes of a socket to elements for its handler, and text of its handler to the socket.
 *
 * Ways to its end: the handler closes or destroys it, after whatever happened; or the line drops while the stream is
 * open, then the handler hears `lost`. A peer that broke a rule or closed its stream is not heard any more, and
 * the connection stands until the handler closes it.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import {
  closeStream,
  createStreamReader,
  type Element,
  type StreamFault,
  type StreamLimits,
  type StreamReader,
} from '@smacks/codec'
import type { ConnectionId } from '@smacks/core'
import type { ChannelBindingType, Connection, ConnectionHandler, PeerCertificate } from '@smacks/stream'
import type { TcpLimits, TcpLog } from './options.js'
import { Outbox } from './outbox.js'
import { isBlank, segmentEnd } from './segments.js'
import { createThrottle, type Throttle } from './throttle.js'
import { type Authorities, channelBindingOf, peerCertificateOf, type TlsUpgrade } from './tls.js'
import type { UnsentTotal } from './unsent-total.js'

/** What all connections of a transport share. */
export interface Surroundings {
  readonly limits: TcpLimits
  readonly upgrade: TlsUpgrade | undefined
  readonly authorities: Authorities
  readonly now: () => number
  readonly log: TcpLog
  readonly unsent: UnsentTotal
  /** The number of the turn of the event loop. */
  readonly turn: () => number
  /** The connection is established. */
  readonly settle: (connection: TcpConnection) => void
  /** The socket is closed: the connection is no more. */
  readonly forget: (connection: TcpConnection) => void
}

/** A connection that we closed is destroyed if the peer has not ended it after so many milliseconds. */
const closingTime = 5000

/**
 * A stream that may be restarted is read in segments, which costs time at each tag. So many are enough for any
 * negotiation; from there on the input is read in whole chunks, and the stream can't be restarted any more.
 */
const negotiationSegments = 512

/** What each first-level element costs of the rate besides its bytes, so that the smallest are not the cheapest. */
const elementCharge = 200

/**
 * So much is read from one connection in a turn of the event loop, elements counting as in the rate. A peer that sends as
 * fast as it can would be read up to two megabytes at a time, and everybody else would wait.
 */
const bytesPerTurn = 65_536

/** `silent` is told when this many sweeps and one more found nothing; so it comes at most an eighth too late. */
export const sweepsOfSilence = 8

/** Reasons not to read, as bits. */
const pausedBy = { output: 1, rate: 2, handshake: 4, stall: 8, handler: 16, turn: 32 } as const

type Phase =
  /** What comes is read and told. */
  | 'open'
  /** The peer is not heard any more; the handler is about to close. */
  | 'deaf'
  /** We closed; what is buffered leaves, what comes is discarded. */
  | 'closing'
  /** Lost or destroyed. */
  | 'gone'

/** What the handler asked for while it handled an element, to be done at the element's end. */
type Wish =
  | { readonly _tag: 'Restart' }
  | { readonly _tag: 'StartTls'; readonly proceed: string; readonly opening: string }

export class TcpConnection implements Connection {
  readonly id: ConnectionId
  readonly remoteAddress: string
  readonly openedAt: number
  /** Waits in the transport's list of connections to flush. */
  dirty = false
  /** The account whose stanzas go over the connection, once it is known. */
  account: string | undefined
  readonly #surroundings: Surroundings
  readonly #outbox: Outbox
  #handler: ConnectionHandler | undefined
  #frame: ((xml: string) => string) | undefined
  #socket: Socket
  #reader: StreamReader | undefined
  #phase: Phase = 'open'
  #segments = 0
  #reading = false
  #wish: Wish | undefined
  #spoken = false
  #tls: 'handshake' | 'off' | 'on' = 'off'
  #peerCertificate: PeerCertificate | undefined
  #flushWaits = false
  /** Somebody waits for the line to take what it was given. */
  #drainAwaited: object | undefined
  #pauses = 0
  /** What was read and waits until the handler resumes. */
  #held: Uint8Array | undefined
  #quietSweeps = 0
  #throttle: Throttle | undefined
  /** What the elements that were read cost besides their bytes. */
  #charged = 0
  #isAuthenticated = false
  /** What was read in the latest turn in which something was. */
  #turn = -1
  #readInTurn = 0
  #failure: string | undefined
  #closing: NodeJS.Timeout | undefined

  /** `serverName`: it was us who connected, to a server of this name. */
  constructor(
    id: ConnectionId,
    remoteAddress: string,
    socket: Socket,
    surroundings: Surroundings,
    readonly serverName: string | undefined,
  ) {
    this.id = id
    this.remoteAddress = remoteAddress
    this.#surroundings = surroundings
    this.openedAt = surroundings.now()
    this.#socket = socket
    this.#outbox = new Outbox(socket, surroundings.limits)
    const { bytesPerSecond, burstBytes } = surroundings.limits
    if (bytesPerSecond > 0) this.#throttle = createThrottle(bytesPerSecond, burstBytes, surroundings.now)
  }

  /** Bytes that have not left. */
  readonly unsent = (): number => (this.#phase === 'gone' ? 0 : this.#outbox.unsent)

  readonly giveUp = (reason: string): void => {
    if (this.#phase === 'closing') this.#socket.destroy()
    else if (this.#phase !== 'gone') this.#lose(reason)
  }

  /** Begins to read; `directTls`: TLS from the first byte. Nothing is told inside this call. */
  open(handler: ConnectionHandler, directTls: boolean): void {
    if (this.#phase === 'open') this.#handler = handler
    if (this.#phase === 'open' && directTls) this.#startHandshake(true)
    else this.#listenTo(this.#socket)
  }

  // What the handler calls

  readonly secure = (): boolean => this.#tls === 'on'

  readonly channelBinding = (type: ChannelBindingType): Uint8Array | undefined =>
    this.#tls === 'on' && this.#socket instanceof TLSSocket && !this.#socket.destroyed
      ? channelBindingOf(this.#socket, type)
      : undefined

  readonly peerCertificate = (): PeerCertificate | undefined => {
    if (this.#tls !== 'on' || !(this.#socket instanceof TLSSocket) || this.#socket.destroyed) return undefined
    // Where it was us who connected, Node gives it once, and then the next one of its chain in its place.
    const { authorities } = this.#surroundings
    this.#peerCertificate ??= peerCertificateOf(this.#socket, this.serverName === undefined, authorities)
    return this.#peerCertificate
  }

  readonly write = (xml: string): void => {
    this.send(xml)
    if (this.#reading || this.#flushWaits) return
    this.#flushWaits = true
    process.nextTick(() => {
      this.#flushWaits = false
      this.flush()
    })
  }

  readonly frameNonzas = (frame: ((xml: string) => string) | undefined): void => {
    this.#frame = frame
  }

  readonly startTls = (proceed: string, opening = ''): void => {
    if (this.#tls !== 'off' || this.#surroundings.upgrade === undefined)
      throw new Error('startTls is for a connection without TLS, where TLS is configured.')
    this.#wish = { _tag: 'StartTls', proceed, opening }
    if (!this.#reading) this.#grantWish()
  }

  readonly restart = (): void => {
    this.#wish = { _tag: 'Restart' }
    if (!this.#reading) this.#grantWish()
  }

  readonly authenticated = (): void => {
    this.#isAuthenticated = true
    this.#reader?.limit(this.#streamLimits())
  }

  readonly charge = (bytes: number): void => {
    this.#charged += bytes
  }

  readonly pause = (): void => {
    if (this.#phase === 'open') this.#pause(pausedBy.handler)
  }

  readonly resume = (): void => {
    if ((this.#pauses & pausedBy.handler) === 0) return
    const held = this.#held
    this.#held = undefined
    this.#pauses &= ~pausedBy.handler
    if (held !== undefined) this.#take(held)
    // What was held may have led to another pause.
    if (this.#pauses === 0) this.#socket.resume()
  }

  readonly established = (): void => {
    this.#segments = negotiationSegments
    this.#surroundings.settle(this)
  }

  readonly close = (xml = ''): void => this.#end(xml !== '' || this.#spoken ? xml + closeStream : '')

  readonly drop = (): void => this.#end('')

  /** What is buffered and `farewell` leave, then FIN; what still comes is discarded, lest RST overtake them. */
  #end(farewell: string): void {
    if (this.#phase === 'gone') this.#leave('gone')
    if (this.#phase === 'gone' || this.#phase === 'closing') return
    if (farewell !== '') this.send(farewell)
    this.#leave('closing')
    // From <proceed/> to the end of the handshake nothing can be said, neither in the clear nor inside TLS.
    if (this.#tls === 'handshake') {
      this.#socket.destroy()
      return
    }
    this.#outbox.finish()
    this.#surroundings.unsent.changed(this)
    this.#pauses = 0
    this.#socket.resume()
    this.#closing = setTimeout(() => this.#socket.destroy(), closingTime).unref()
  }

  readonly destroy = (): void => {
    this.#leave('gone')
    this.#socket.destroy()
  }

  // What the transport calls

  /** Buffers text; it leaves with the next flush. */
  send(xml: string): void {
    if (this.#phase === 'gone' || this.#phase === 'closing') return
    this.#spoken = true
    this.#outbox.append(xml)
  }

  /** Buffers an element of stream management. `alone`: in a write of its own, and what follows in a later turn. */
  sendNonza(nonza: string, alone: boolean): void {
    const xml = this.#frame === undefined ? nonza : this.#frame(nonza)
    if (xml === '' || this.#phase === 'gone' || this.#phase === 'closing') return
    if (!alone) return this.send(xml)
    this.#spoken = true
    this.#outbox.writeAlone(xml, () => this.flush())
  }

  /** Writes what is buffered, and judges how much the peer has not taken. */
  flush(): void {
    if (this.#phase === 'gone' || this.#phase === 'closing') return
    const state = this.#outbox.flush()
    if (state === 'overflowing') this.#lose(`the peer does not read: ${this.#outbox.unsent} bytes wait for it`)
    else if (state === 'crowded') this.#pause(pausedBy.output)
    this.#surroundings.unsent.changed(this)
  }

  /** Tells the handler once when all that was sent has left. */
  awaitDrain(): void {
    if (this.#phase === 'gone' || this.#phase === 'closing') return
    // Once `drained` was told for another reason, nobody waits for this one any more.
    const awaited = {}
    this.#drainAwaited = awaited
    this.#outbox.whenTaken(() => {
      if (this.#drainAwaited === awaited) this.#tellDrained()
    })
  }

  /** A session of this account is the connection's now. */
  adopt(account: string): void {
    this.account = account
    this.established()
  }

  /** Reads nothing until `listenAgain`. */
  listenNot(): void {
    this.#pause(pausedBy.stall)
  }

  listenAgain(): void {
    this.#resume(pausedBy.stall)
  }

  /** One more sweep has come; tells the handler if the peer was silent for all of the last ones. */
  sweep(): void {
    // Whom we do not listen to is not silent.
    if (this.#phase !== 'open' || (this.#pauses & (pausedBy.rate | pausedBy.stall)) !== 0) return
    this.#quietSweeps += 1
    if (this.#quietSweeps <= sweepsOfSilence) return
    this.#quietSweeps = 1
    this.#handler?.silent()
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
    if (this.#phase !== 'open') return
    this.#quietSweeps = 0
    this.#take(chunk)
    this.#keepRate(chunk.length)
  }

  #take(chunk: Uint8Array): void {
    if (this.#isHeld()) {
      this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
      return
    }
    this.#reading = true
    try {
      this.#read(chunk)
    } finally {
      this.#reading = false
    }
    if (!this.#outbox.isEmpty) this.flush()
  }

  #isHeld(): boolean {
    return (this.#pauses & pausedBy.handler) !== 0
  }

  readonly #onDrain = (): void => {
    const wasFull = this.#outbox.drained()
    this.#surroundings.unsent.changed(this)
    if (this.#outbox.unsent <= this.#surroundings.limits.resumeReadingBelow) this.#resume(pausedBy.output)
    if (wasFull) this.#tellDrained()
  }

  #tellDrained(): void {
    this.#drainAwaited = undefined
    if (this.#phase === 'open' || this.#phase === 'deaf') this.#handler?.drained()
  }

  readonly #onEnd = (): void => {
    if (this.#phase !== 'open') return
    const where = this.#reader?.midElement() === true ? 'in the middle of an element' : 'without closing the stream'
    this.#lose(`the peer ended the connection ${where}`)
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= error.message
  }

  readonly #onClose = (): void => {
    if (this.#phase === 'open') this.#lose(this.#failure ?? 'the connection broke')
    else if (this.#phase !== 'gone') this.#leave('gone')
    clearTimeout(this.#closing)
    this.#surroundings.forget(this)
  }

  /** The handler hears of it later, since whoever wrote too much is in the middle of something. */
  #lose(reason: string): void {
    this.#phase = 'gone'
    this.#reader = undefined
    this.#socket.destroy()
    process.nextTick(() => {
      const handler = this.#handler
      this.#leave('gone')
      handler?.lost(reason)
    })
  }

  /** The handler ended the connection, or it ended while the handler was about to: nothing more is told. */
  #leave(phase: 'closing' | 'gone'): void {
    this.#phase = phase
    this.#reader = undefined
    this.#handler = undefined
    this.#frame = undefined
    this.#held = undefined
  }

  // Reading

  #currentReader(): StreamReader {
    this.#reader ??= createStreamReader(this.#streamLimits(), {
      header: header => {
        if (this.#phase === 'open') this.#handler?.streamOpened(header)
      },
      element: (element: Element) => {
        this.#charged += elementCharge
        if (this.#phase === 'open' && this.#wish === undefined) this.#handler?.element(element)
      },
      overLimit: (stanza: Element, fault: StreamFault) => {
        this.#charged += elementCharge
        if (this.#phase === 'open' && this.#wish === undefined) this.#handler?.overLimit(stanza, fault)
      },
      close: () => {
        if (this.#phase !== 'open') return
        this.#phase = 'deaf'
        this.#handler?.streamClosed()
      },
      fault: (fault: StreamFault) => this.#fault(fault),
    })
    return this.#reader
  }

  #streamLimits(): StreamLimits {
    const { limits } = this.#surroundings
    return this.#isAuthenticated ? limits : { ...limits, ...limits.unauthenticated }
  }

  #fault(fault: StreamFault): void {
    if (this.#phase !== 'open') return
    this.#phase = 'deaf'
    this.#handler?.faulted(fault)
  }

  /** As long as an element may restart the stream or start TLS, it must be the last thing that its reader has read. */
  #read(chunk: Uint8Array): void {
    let start = 0
    while (start < chunk.length && this.#phase === 'open') {
      if (this.#isHeld()) {
        this.#held = chunk.subarray(start)
        return
      }
      const isSegment = this.#segments < negotiationSegments
      const end = isSegment ? segmentEnd(chunk, start) : chunk.length
      this.#segments += 1
      this.#currentReader().write(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end))
      start = end
      if (this.#wish === undefined) continue
      if (!isSegment)
        return this.#fault({ condition: 'policy-violation', text: 'The negotiation of the stream is too long.' })
      if (this.#wish._tag === 'StartTls') return this.#grantWish(chunk.subarray(start))
      this.#grantWish()
    }
  }

  /** `rest`: what has come behind the element, in the clear. */
  #grantWish(rest: Uint8Array = new Uint8Array()): void {
    const wish = this.#wish
    this.#wish = undefined
    if (wish === undefined || this.#phase !== 'open') return
    this.#reader = undefined
    this.#segments = 0
    if (wish._tag === 'StartTls') this.#grantTls(wish.proceed, wish.opening, rest)
  }

  #keepRate(bytes: number): void {
    const charged = this.#charged
    this.#charged = 0
    this.#keepTurn(bytes + charged)
    const wait = this.#throttle?.take(bytes + charged) ?? 0
    if (wait === 0 || this.#phase !== 'open') return
    this.#pause(pausedBy.rate)
    setTimeout(() => this.#resume(pausedBy.rate), wait).unref()
  }

  #keepTurn(bytes: number): void {
    const turn = this.#surroundings.turn()
    this.#readInTurn = turn === this.#turn ? this.#readInTurn + bytes : bytes
    this.#turn = turn
    if (this.#readInTurn < bytesPerTurn || this.#phase !== 'open') return
    this.#pause(pausedBy.turn)
    setImmediate(() => this.#resume(pausedBy.turn))
  }

  #pause(reason: number): void {
    if (this.#phase === 'closing') return
    this.#pauses |= reason
    this.#socket.pause()
  }

  #resume(reason: number): void {
    if ((this.#pauses & reason) === 0) return
    this.#pauses &= ~reason
    if (reason === pausedBy.rate || reason === pausedBy.stall) this.#quietSweeps = 0
    if (this.#pauses === 0) this.#socket.resume()
  }

  // TLS

  /** RFC 6120 §5.4.3.3: what came in the clear must not count as said inside TLS. */
  #grantTls(proceed: string, opening: string, rest: Uint8Array): void {
    if (!isBlank(rest)) {
      this.#fault({
        condition: 'policy-violation',
        text: `Nothing may follow <${this.serverName === undefined ? 'starttls' : 'proceed'}/> before TLS is established.`,
      })
      return
    }
    this.send(proceed)
    this.#tls = 'handshake'
    this.#pause(pausedBy.handshake)
    this.#outbox.writeLast(() => {
      if (this.#phase !== 'open') return
      this.#ignore(this.#socket)
      this.#startHandshake(false)
      if (opening !== '') this.write(opening)
    })
  }

  #startHandshake(direct: boolean): void {
    this.#tls = 'handshake'
    this.#socket.on('error', this.#onError)
    const secured = this.#secureSocket(direct)
    if (secured === undefined) return
    this.#socket = secured
    this.#listenTo(secured)
    this.#pauses &= ~pausedBy.handshake
    if (this.#pauses !== 0) secured.pause()
    secured.once('secure', () => {
      this.#tls = 'on'
    })
    this.#outbox.continueOn(secured)
  }

  #secureSocket(direct: boolean): TLSSocket | undefined {
    try {
      return this.#surroundings.upgrade?.(this.#socket, direct, this.serverName)
    } catch (error) {
      const reason = `TLS cannot start: ${error instanceof Error ? error.message : String(error)}`
      this.#surroundings.log.warn(reason)
      this.#socket.on('close', this.#onClose)
      this.#lose(reason)
      return undefined
    }
  }
}
