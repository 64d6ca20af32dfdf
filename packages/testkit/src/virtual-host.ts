/**
 * A host whose time passes only when it is told to: clock, timers and turns in one, so that a test of hours
 * takes no time and has the same result each time.
 */
import type { Instant } from '@smacks/core'
import { type Clock, type MonotonicInstant, monotonicInstant, type Timers, type Turns } from '@smacks/runtime'

export interface VirtualHost {
  readonly clock: Clock
  readonly timers: Timers
  readonly turns: Turns
  /**
   * Ends the turn at hand and those that follow from it. Throws an `Error` after 10,000 of them, since a turn
   * that always asks for another never ends.
   */
  readonly settle: () => void
  /**
   * Lets time pass. Timers fire in the order of their times, each at its time and in a turn of its own. Throws
   * an `Error` after 100,000 firings.
   */
  readonly advance: (milliseconds: number) => void
  /** Sets the wall clock: forward, or back if negative. No time passes, and no timer is due any sooner or later. */
  readonly setWall: (byMilliseconds: number) => void
  /** When the next timer is due, on the monotonic clock, if one is armed. */
  readonly nextDue: () => MonotonicInstant | undefined
  /** The time that passed since the start, for a line of a log: `+1:02:03.004`. */
  readonly stamp: () => string
}

const turnLimit = 10_000
const firingLimit = 100_000

interface Armed {
  readonly key: string
  readonly due: MonotonicInstant
  /** Decides between timers that are due together: first armed, first fired. */
  readonly order: number
  readonly fire: () => void
}

/** A host whose clock shows `start`, in milliseconds since 1970; its monotonic clock begins at 0. */
export const createVirtualHost = (start: Instant = 0): VirtualHost => {
  const armed = new Map<string, Armed>()
  let now = 0
  /** What the wall clock shows when the monotonic one shows 0. */
  let origin = start
  let armings = 0
  let endings: ReadonlyArray<() => void> = []

  const first = (): Armed | undefined => {
    let found: Armed | undefined
    for (const timer of armed.values()) if (found === undefined || isBefore(timer, found)) found = timer
    return found
  }
  const settle = (): void => {
    for (let turn = 0; endings.length > 0; turn += 1) {
      if (turn === turnLimit) throw new Error(`the virtual host ended ${turnLimit} turns and there is yet another`)
      const ending = endings
      endings = []
      for (const callback of ending) callback()
    }
  }
  const advance = (milliseconds: number): void => {
    if (!(milliseconds >= 0)) throw new Error(`time passes forward only, not by ${milliseconds} ms`)
    const target = now + milliseconds
    settle()
    for (let firings = 0; ; firings += 1) {
      const next = first()
      if (next === undefined || next.due > target) break
      if (firings === firingLimit) throw new Error(`${firingLimit} timers fired within ${milliseconds} ms`)
      armed.delete(next.key)
      now = Math.max(now, next.due)
      next.fire()
      settle()
    }
    now = target
  }

  return {
    clock: { now: () => origin + now, monotonic: () => monotonicInstant(now) },
    timers: {
      arm: (key, due, fire) => {
        armings += 1
        armed.set(key, { key, due, order: armings, fire })
      },
      disarm: key => void armed.delete(key),
      stop: () => armed.clear(),
    },
    turns: {
      atEnd: callback => {
        endings = [...endings, callback]
      },
    },
    settle,
    advance,
    setWall: byMilliseconds => {
      origin += byMilliseconds
    },
    nextDue: () => first()?.due,
    stamp: () => formatElapsed(now),
  }
}

/** A time span as `+h:mm:ss.mmm`. */
export const formatElapsed = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000)
  const twoDigits = (value: number): string => String(value).padStart(2, '0')
  const fraction = String(Math.floor(milliseconds % 1000)).padStart(3, '0')
  return `+${Math.floor(seconds / 3600)}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}.${fraction}`
}

const isBefore = (left: Armed, right: Armed): boolean =>
  left.due < right.due || (left.due === right.due && left.order < right.order)
