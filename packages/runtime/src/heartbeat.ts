/**
 * When the process was alive last, written down for the next one: it takes the rest of each deadline from there, so that
 * time counts while somebody could resume, and only then.
 */
import type { Instant } from '@smacks/core'
import { after, type Clock, type Journal, type RecordChange, type Timers } from './ports.js'

export interface HeartbeatOptions {
  readonly journal: Pick<Journal<unknown>, 'records'>
  readonly timers: Timers
  readonly clock: Clock
  /** A session waits whose time runs. */
  readonly isNeeded: () => boolean
  readonly change: (change: RecordChange) => void
}

/**
 * The longest time between two, in milliseconds: so much of a deadline a crash may give back. The first come sooner, after
 * one second and then as long as the process has been there, so that one that crashes again and again gets on too.
 */
export const heartbeatInterval = 30_000

const firstInterval = 1_000

export class Heartbeat {
  constructor(private readonly options: HeartbeatOptions) {}

  /** The last of an earlier process; nothing if there never was one. Throws an `Error` if that cannot be understood. */
  last(): Instant | undefined {
    for (const { text } of this.options.journal.records(kind)) {
      const at = Number(text)
      if (text === '' || !Number.isFinite(at))
        throw new Error(`the record of the last heartbeat is ${JSON.stringify(text.slice(0, 80))}; a number is needed`)
      return at
    }
    return undefined
  }

  /** To be called whenever the wall clock was set too, and at the beginning: what is written must be on the clock as it is set. */
  beat(): void {
    this.options.change({ _tag: 'PutRecord', kind, account: '', name: '', text: String(this.options.clock.now()) })
  }

  /** From now on, as long as timers are not stopped. */
  start(interval = firstInterval): void {
    const { timers, clock, isNeeded } = this.options
    timers.arm(timer, after(clock, interval), () => {
      if (isNeeded()) this.beat()
      this.start(Math.min(interval * 2, heartbeatInterval))
    })
  }
}

/** Of records, and of the database where they lie. */
const kind = 'heartbeat'

/** No account has this name. */
const timer = '\nheartbeat'
