/** Why a connection is not read at the moment. It is read as long as there is no reason against it. */
import type { Socket } from 'node:net'

/** Reasons not to read, as bits. */
export const pausedBy = {
  /** Too much output waits for the peer. */
  output: 1,
  /** The peer sends faster than `bytesPerSecond`. */
  rate: 2,
  /** TLS takes over. */
  handshake: 4,
  /** The transport takes nothing in. */
  suspension: 8,
  /** The handler asked for it. */
  handler: 16,
  /** Enough was read in this turn of the event loop. */
  turn: 32,
} as const

export class Pauses {
  #socket: Socket
  #reasons = 0
  #isOver = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Whether one of these reasons holds. */
  has(reasons: number): boolean {
    return (this.#reasons & reasons) !== 0
  }

  pause(reason: number): void {
    if (this.#isOver) return
    this.#reasons |= reason
    this.#socket.pause()
  }

  resume(reason: number): void {
    if (!this.has(reason)) return
    this.lift(reason)
    this.resumeIfNone()
  }

  /** The reason holds no more; reading goes on with the next `resumeIfNone`. */
  lift(reason: number): void {
    this.#reasons &= ~reason
  }

  resumeIfNone(): void {
    if (this.#reasons === 0) this.#socket.resume()
  }

  /** From now on the input comes from this socket. */
  continueOn(socket: Socket): void {
    this.#socket = socket
    this.lift(pausedBy.handshake)
    if (this.#reasons !== 0) socket.pause()
  }

  /** From now on all is read, whatever happens: the input is discarded. */
  end(): void {
    this.#isOver = true
    this.#reasons = 0
    this.#socket.resume()
  }
}
