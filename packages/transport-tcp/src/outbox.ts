/**
 * Output of one connection. It waits as a string of bytes until it is flushed, so that what one turn has to say leaves in one
 * write, and while the outbox is held. Node writes such a string as it is, as `latin1`: nothing is
 * encoded.
 */

import type { Socket } from 'node:net'
import type { ByteString } from '@smacks/codec'
import type { TcpLimits } from './options.js'
import type { TrafficCount } from './traffic.js'

/** How a flush left the line. */
export type LineState =
  | 'clear'
  /** So much is unsent that nothing more should be read from the peer. */
  | 'crowded'
  /** So much is unsent that the peer must be given up. */
  | 'overflowing'

/** Of a string of bytes. */
const encoding = 'latin1'

export class Outbox {
  readonly #limits: TcpLimits
  readonly #traffic: TrafficCount
  #socket: Socket
  #bytes = '' as ByteString
  #held = false
  #full = false
  /** Who is told when the text has left. */
  #taken: (() => void) | undefined
  /** What was unsent after the write that filled a line which was clear before. */
  #burst = 0

  constructor(socket: Socket, limits: TcpLimits, traffic: TrafficCount) {
    this.#socket = socket
    this.#limits = limits
    this.#traffic = traffic
  }

  get isEmpty(): boolean {
    return this.#bytes === ''
  }

  /** Bytes that have not left. */
  get unsent(): number {
    return this.#bytes.length + this.#socket.writableLength
  }

  append(bytes: ByteString): void {
    this.#bytes = (this.#bytes + bytes) as ByteString
  }

  flush(): LineState {
    if (!this.#held && (this.#bytes !== '' || this.#taken !== undefined)) {
      const taken = this.#taken
      this.#taken = undefined
      this.#write(this.#take(), taken)
    }
    return this.#state()
  }

  /** Calls `taken` later, once the line has taken all that was appended before. Only the last one who asks is told. */
  whenTaken(taken: () => void): void {
    this.#taken = taken
  }

  /** Writes what waits, then `bytes` in a write of its own. What comes after waits for a later turn; `released` tells. */
  writeAlone(bytes: ByteString, released: () => void): void {
    if (this.#held) return this.append(bytes)
    this.flush()
    this.#held = true
    this.#traffic.sent += bytes.length
    this.#socket.write(bytes, encoding, () =>
      setImmediate(() => {
        this.#held = false
        released()
      }),
    )
  }

  /** Writes what waits and calls `left` when all has left; nothing leaves after it until `continueOn` or `finish`. */
  writeLast(left: () => void): void {
    this.#held = true
    const bytes = this.#take()
    this.#traffic.sent += bytes.length
    this.#socket.write(bytes, encoding, left)
  }

  /** Output goes to this socket from now on. */
  continueOn(socket: Socket): void {
    this.#socket = socket
    this.#held = false
    this.#full = false
    this.#burst = 0
    this.flush()
  }

  /** Writes all that waits, and ends our side of the connection. */
  finish(): void {
    this.#held = false
    this.flush()
    this.#socket.end()
  }

  /** The socket took all that it was given. True if it had been full. */
  drained(): boolean {
    const wasFull = this.#full
    this.#full = false
    this.#burst = 0
    return wasFull
  }

  #take(): ByteString {
    const bytes = this.#bytes
    this.#bytes = '' as ByteString
    return bytes
  }

  #write(bytes: ByteString, taken: (() => void) | undefined): void {
    this.#traffic.sent += bytes.length
    // The error comes as an event.
    const hasRoom = this.#socket.write(bytes, encoding, taken && (() => setImmediate(taken)))
    if (hasRoom || this.#full || this.#socket.writableLength === 0) return
    this.#full = true
    this.#burst = this.#socket.writableLength
  }

  #state(): LineState {
    const { unsent } = this
    if (unsent - this.#burst > this.#limits.outboxBytes) return 'overflowing'
    return unsent > this.#limits.stopReadingAbove ? 'crowded' : 'clear'
  }
}
