/**
 * Timers by key over one host timer.
 *
 * Timers are armed and disarmed for every message, so neither may cost a host timer. Each armed key has one
 * entry, and each entry one slot in a heap that is ordered by the time of the slot. Disarming only marks the
 * entry idle; arming it again, for no earlier than its slot, only changes what it is due for, and the slot is
 * put right when it comes to the top. Idle entries are swept out when they are more than half of all.
 *
 * Invariants: no slot is later than its entry is due; an entry of the map is in the heap or has just arrived.
 */
import { type MonotonicInstant, monotonicInstant, type Timers } from '@smacks/runtime'
import { hostClock } from './clock.js'
import { heapOf, popHeap, pushHeap } from './heap.js'

/** What timers need of their host. */
export interface TimerHost {
  /** Milliseconds on a clock that never jumps. */
  readonly monotonic: () => MonotonicInstant
  /** Calls `callback` once after `milliseconds` (0 to 2^31-1), as a task of its own. Returns what cancels it. */
  readonly after: (milliseconds: number, callback: () => void) => () => void
}

/** The greatest delay that `setTimeout` takes, in milliseconds; with a greater one it fires at once. */
export const longestDelay = 2 ** 31 - 1

/** `performance.now` and `setTimeout`. */
export const timerHost: TimerHost = {
  monotonic: hostClock.monotonic,
  after: (milliseconds, callback) => {
    const handle = setTimeout(callback, milliseconds)
    return () => clearTimeout(handle)
  },
}

/**
 * Timers over the host's `setTimeout`. If a `fire` throws, the host hears of it and the other timers go on.
 * `arm` throws a `RangeError` if `due` is not a number.
 */
export const createTimers = (host: TimerHost = timerHost): Timers => new HostTimers(host)

interface Entry {
  readonly key: string
  /** The entry's place in the heap; `slotOrder` decides between equal slots. */
  slot: MonotonicInstant
  slotOrder: number
  /** What was asked for last. */
  due: MonotonicInstant
  order: number
  /** Absent while idle. */
  fire: (() => void) | undefined
}

/**
 * When very many are due at once, such as after a network outage, they fire for so many milliseconds at a time: input is
 * handed out in between, and nobody who has nothing to do with it waits for all of them. What they do is committed then, which
 * takes as long again.
 */
const longestRound = 5

/** So few idle entries are not worth a sweep. */
const idleAllowance = 64

class HostTimers implements Timers {
  readonly #host: TimerHost
  readonly #entries = new Map<string, Entry>()
  #heap: Array<Entry> = []
  /** Entries that came while others fire; they wait for the next round, or a round might never end. */
  #arrived: Array<Entry> = []
  #firing = false
  #idle = 0
  #armings = 0
  #wakeAt: MonotonicInstant = monotonicInstant(Number.POSITIVE_INFINITY)
  #cancelWake: (() => void) | undefined

  constructor(host: TimerHost) {
    this.#host = host
  }

  readonly arm = (key: string, due: MonotonicInstant, fire: () => void): void => {
    if (Number.isNaN(due)) throw new RangeError(`The timer ${JSON.stringify(key)} is due at NaN; a time is needed.`)
    this.#armings += 1
    const entry = this.#entries.get(key)
    if (entry !== undefined && due >= entry.slot) {
      if (entry.fire === undefined) this.#idle -= 1
      entry.due = due
      entry.order = this.#armings
      entry.fire = fire
    } else {
      this.disarm(key)
      this.#add({ key, slot: due, slotOrder: this.#armings, due, order: this.#armings, fire })
    }
  }

  readonly disarm = (key: string): void => {
    const entry = this.#entries.get(key)
    if (entry?.fire === undefined) return
    entry.fire = undefined
    this.#idle += 1
    this.#sweepOut()
  }

  readonly stop = (): void => {
    this.#entries.clear()
    this.#heap = []
    this.#arrived = []
    this.#idle = 0
    this.#sleep()
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.key, entry)
    if (this.#firing) {
      this.#arrived.push(entry)
    } else {
      pushHeap(this.#heap, isBefore, entry)
      if (entry.due < this.#wakeAt) this.#wakeFor(entry.due)
    }
  }

  readonly #wake = (): void => {
    this.#sleep()
    const now = this.#host.monotonic()
    this.#firing = true
    try {
      for (let next = this.#next(); next !== undefined && next.due <= now; next = this.#next()) {
        popHeap(this.#heap, isBefore)
        this.#entries.delete(next.key)
        next.fire?.()
        if (this.#host.monotonic() - now >= longestRound) break
      }
    } finally {
      this.#firing = false
      for (const entry of this.#arrived.splice(0)) pushHeap(this.#heap, isBefore, entry)
      this.#sweepOut()
      const next = this.#next()
      if (next !== undefined) this.#wakeFor(next.due)
    }
  }

  /** The armed entry that is due first, its slot put right; it stays in the heap. */
  #next(): Entry | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (top === undefined || (top.fire !== undefined && top.slotOrder === top.order)) return top
      popHeap(this.#heap, isBefore)
      if (top.fire === undefined) {
        this.#idle -= 1
        this.#drop(top)
      } else {
        top.slot = top.due
        top.slotOrder = top.order
        pushHeap(this.#heap, isBefore, top)
      }
    }
  }

  /** Forgets idle entries, if there are so many that it costs each arming little. */
  #sweepOut(): void {
    if (this.#firing || this.#idle <= idleAllowance || this.#idle * 2 <= this.#heap.length) return
    for (const entry of this.#heap) if (entry.fire === undefined) this.#drop(entry)
    this.#heap = heapOf(
      this.#heap.filter(entry => entry.fire !== undefined),
      isBefore,
    )
    this.#idle = 0
  }

  /** An idle entry may have a successor of the same key. */
  #drop(entry: Entry): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key)
  }

  #wakeFor(due: MonotonicInstant): void {
    this.#sleep()
    const delay = Math.ceil(due - this.#host.monotonic())
    this.#wakeAt = due
    this.#cancelWake = this.#host.after(Math.min(Math.max(delay, 0), longestDelay), this.#wake)
  }

  #sleep(): void {
    this.#cancelWake?.()
    this.#cancelWake = undefined
    this.#wakeAt = monotonicInstant(Number.POSITIVE_INFINITY)
  }
}

const isBefore = (left: Entry, right: Entry): boolean =>
  left.slot < right.slot || (left.slot === right.slot && left.slotOrder < right.slotOrder)
