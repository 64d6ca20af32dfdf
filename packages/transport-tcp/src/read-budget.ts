/** How much is read from one connection: so many bytes a second, and so many in one turn of the event loop. */
import type { TcpLimits } from './options.js'
import { type Pauses, pausedBy } from './pauses.js'
import { createThrottle, type Throttle } from './throttle.js'

/**
 * So much is read from one connection in a turn of the event loop, elements counting as in the rate. A peer that sends as
 * fast as it can would be read up to two megabytes at a time, and everybody else would wait.
 */
const bytesPerTurn = 65_536

export class ReadBudget {
  readonly #pauses: Pauses
  /** The number of the current turn of the event loop. */
  readonly #turnNow: () => number
  readonly #throttle: Throttle | undefined
  /** What the elements that were read cost besides their bytes. */
  #charged = 0
  /** What was read in the latest turn in which something was. */
  #turn = -1
  #readInTurn = 0

  constructor(
    { bytesPerSecond, burstBytes }: Pick<TcpLimits, 'burstBytes' | 'bytesPerSecond'>,
    pauses: Pauses,
    now: () => number,
    turn: () => number,
  ) {
    this.#pauses = pauses
    this.#turnNow = turn
    this.#throttle = bytesPerSecond > 0 ? createThrottle(bytesPerSecond, burstBytes, now) : undefined
  }

  /** Counts so many bytes more with the chunk that is being read. */
  charge(bytes: number): void {
    this.#charged += bytes
  }

  /** A chunk of so many bytes was read: pauses where that was enough for now. */
  spend(bytes: number): void {
    const cost = bytes + this.#charged
    this.#charged = 0
    this.#spendOfTurn(cost)
    this.#spendOfRate(cost)
  }

  #spendOfTurn(cost: number): void {
    const turn = this.#turnNow()
    this.#readInTurn = turn === this.#turn ? this.#readInTurn + cost : cost
    this.#turn = turn
    if (this.#readInTurn < bytesPerTurn) return
    this.#pauses.pause(pausedBy.turn)
    setImmediate(() => this.#pauses.resume(pausedBy.turn))
  }

  #spendOfRate(cost: number): void {
    const wait = this.#throttle?.take(cost) ?? 0
    if (wait === 0) return
    this.#pauses.pause(pausedBy.rate)
    setTimeout(() => this.#pauses.resume(pausedBy.rate), wait).unref()
  }
}
