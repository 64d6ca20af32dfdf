/**
 * The input of one connection: chunks of bytes to elements for its handler. It is open until the peer closed its
 * stream, broke a rule, or the connection ended; from then on what comes is discarded.
 */
import {
  createStreamReader,
  elementOfNonza,
  type Stanza,
  type StanzaScanner,
  type StreamFault,
  type StreamLimits,
  type StreamReader,
} from '@smacks/codec'
import type { Ack, Request } from '@smacks/core'
import type { ConnectionHandler } from '@smacks/stream'
import type { TcpLimits } from './options.js'
import { type Pauses, pausedBy } from './pauses.js'
import { segmentEnd } from './segments.js'

/**
 * A stream that may be restarted is read in segments, which costs time at each tag that may end an element. So many are enough for any
 * negotiation; from there on the input is read in whole chunks, and the stream can't be restarted any more.
 */
const negotiationSegments = 512

/** What each first-level element costs of the rate besides its bytes, so that the smallest are not the cheapest. */
const elementCharge = 200

/** What the handler asked for while it handled an element, to be done at the element's end. */
export type Upgrade =
  | { readonly _tag: 'Restart' }
  | { readonly _tag: 'StartTls'; readonly proceed: string; readonly opening: string }

export type StartTls = Extract<Upgrade, { readonly _tag: 'StartTls' }>

/** What the input needs of its connection. */
export interface InputOwner {
  readonly limits: TcpLimits
  readonly scanner: StanzaScanner
  readonly pauses: Pauses
  /** What is read costs so many bytes more. */
  readonly charge: (bytes: number) => void
  /** TLS is to start. `rest`: what has come behind the element that asked for it, in the clear. */
  readonly startTls: (upgrade: StartTls, rest: Uint8Array) => void
}

const nothing = new Uint8Array()

export class StreamInput {
  /** Whoever is told of what comes; nobody before the connection is opened. */
  handler: ConnectionHandler | undefined
  readonly #owner: InputOwner
  #isOpen = true
  #reader: StreamReader | undefined
  /** The header of the stream has come. */
  #isInside = false
  #isAuthenticated = false
  #segments = 0
  #isReading = false
  #pendingUpgrade: Upgrade | undefined
  /** What was read and waits until the handler resumes. */
  #held: Uint8Array | undefined

  constructor(owner: InputOwner) {
    this.#owner = owner
  }

  /** What comes is read and told. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A chunk is being read: we are inside a call of the handler, or about to call it. */
  get isReading(): boolean {
    return this.#isReading
  }

  get isMidElement(): boolean {
    return this.#reader?.midElement() === true
  }

  /** Reads a chunk, or keeps it while the handler pauses. */
  read(chunk: Uint8Array): void {
    if (this.#isPaused()) {
      this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
      return
    }
    this.#isReading = true
    try {
      this.#readSegments(chunk)
    } finally {
      this.#isReading = false
    }
  }

  /** What was held while the handler paused, to be read now. */
  takeHeld(): Uint8Array | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  /** Restarts the stream or starts TLS behind the element that is being handled; at once if none is. */
  upgrade(upgrade: Upgrade): void {
    this.#pendingUpgrade = upgrade
    if (!this.#isReading) this.#performUpgrade(nothing)
  }

  authenticated(): void {
    this.#isAuthenticated = true
    this.#reader?.limit(this.#streamLimits())
  }

  /** No upgrade will follow. */
  established(): void {
    this.#segments = negotiationSegments
  }

  /** The peer broke a rule. */
  fault(fault: StreamFault): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.handler?.faulted(fault)
  }

  /** The connection ended: nothing more is read. The handler stays, so that it can be told of the loss. */
  end(): void {
    this.#isOpen = false
    this.#reader = undefined
  }

  /** Nothing more is told. */
  dismissHandler(): void {
    this.end()
    this.handler = undefined
    this.#held = undefined
  }

  #isPaused(): boolean {
    return this.#owner.pauses.has(pausedBy.handler)
  }

  /** As long as an element may restart the stream or start TLS, it must be the last thing that its reader has read. */
  #readSegments(chunk: Uint8Array): void {
    let start = 0
    while (start < chunk.length && this.#isOpen) {
      if (this.#isPaused()) {
        this.#held = chunk.subarray(start)
        return
      }
      const isSegment = this.#segments < negotiationSegments
      const end = isSegment ? segmentEnd(chunk, start, this.#isInside) : chunk.length
      this.#segments += 1
      this.#currentReader().write(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end))
      start = end
      if (this.#pendingUpgrade === undefined) continue
      if (!isSegment)
        return this.fault({ condition: 'policy-violation', text: 'The negotiation of the stream is too long.' })
      if (this.#pendingUpgrade._tag === 'StartTls') return this.#performUpgrade(chunk.subarray(start))
      this.#performUpgrade(nothing)
    }
  }

  #performUpgrade(rest: Uint8Array): void {
    const upgrade = this.#pendingUpgrade
    this.#pendingUpgrade = undefined
    if (upgrade === undefined || !this.#isOpen) return
    this.#reader = undefined
    this.#isInside = false
    this.#segments = 0
    if (upgrade._tag === 'StartTls') this.#owner.startTls(upgrade, rest)
  }

  #currentReader(): StreamReader {
    this.#reader ??= createStreamReader(
      this.#streamLimits(),
      {
        header: header => {
          this.#isInside = true
          if (this.#isOpen) this.handler?.streamOpened(header)
        },
        element: element => {
          if (this.#takes()) this.handler?.element(element)
        },
        stanza: stanza => {
          if (this.#takes()) this.#tellStanza(stanza)
        },
        nonza: nonza => {
          if (this.#takes()) this.#tellNonza(nonza)
        },
        overLimit: (stanza, fault) => {
          if (this.#takes()) this.handler?.overLimit(stanza, fault)
        },
        close: () => {
          if (!this.#isOpen) return
          this.#isOpen = false
          this.handler?.streamClosed()
        },
        fault: fault => this.fault(fault),
      },
      this.#owner.scanner,
    )
    return this.#reader
  }

  /** Counts an element. False: nobody is told of it. */
  #takes(): boolean {
    this.#owner.charge(elementCharge)
    return this.#isOpen && this.#pendingUpgrade === undefined
  }

  #tellStanza(stanza: Stanza): void {
    if (this.handler?.stanza === undefined) this.handler?.element(stanza.element)
    else this.handler.stanza(stanza)
  }

  #tellNonza(nonza: Ack | Request): void {
    if (this.handler?.nonza === undefined) this.handler?.element(elementOfNonza(nonza))
    else this.handler.nonza(nonza)
  }

  #streamLimits(): StreamLimits {
    const { limits } = this.#owner
    return this.#isAuthenticated ? limits : { ...limits, ...limits.unauthenticated }
  }
}
