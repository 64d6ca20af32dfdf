/**
 * Where the wall clock stands against the monotonic one. Deadlines of sessions are instants of the wall clock, since they
 * outlive the process; timers run on the monotonic one. When the difference of the two changes, somebody set the wall clock
 * (NTP, an administrator, a machine that slept), and deadlines have to move with it.
 */
import type { Instant } from '@smacks/core'
import { type Clock, type MonotonicInstant, monotonicInstant } from './ports.js'

/** A smaller change, in milliseconds, is how two clocks differ: it makes no deadline wrong by more than that. */
export const smallestStep = 1_000

export class WallClock {
  /** Wall less monotonic, in milliseconds, as it was read last. */
  private offset: number
  /** The same as sessions know of it. */
  private known: number
  private readAt: Instant
  private isRead = true

  constructor(private readonly clock: Clock) {
    this.readAt = clock.now()
    this.offset = this.readAt - clock.monotonic()
    this.known = this.offset
  }

  /** Both clocks are read again before the next event. */
  turnEnded(): void {
    this.isRead = false
  }

  /**
   * By how much the wall clock was set since it was told last, in milliseconds; 0 if it was not. To be asked before each
   * event, with the event's time: reading clocks costs, so it is done once a turn, or where that time tells of a step.
   */
  stepBefore(at: Instant): number {
    if (this.isKnownAt(at)) return 0
    this.isRead = true
    this.readAt = this.clock.now()
    this.offset = this.readAt - this.clock.monotonic()
    const by = Math.round(this.offset - this.known)
    if (Math.abs(by) < smallestStep) return 0
    this.known += by
    return by
  }

  /** True if `stepBefore` would answer 0 without a look at the clocks. */
  isKnownAt(at: Instant): boolean {
    return this.isRead && Math.abs(at - this.readAt) < smallestStep
  }

  /** The moment at which the wall clock will show this, unless it is set. */
  monotonicAt(instant: Instant): MonotonicInstant {
    return monotonicInstant(instant - this.offset)
  }
}
