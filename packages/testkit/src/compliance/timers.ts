/** What all timers must do. */
import { type MonotonicInstant, monotonicInstant, type Timers } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface TimersBench extends Ending {
  readonly timers: Timers
  /** The monotonic clock that the timers go by. */
  readonly now: () => MonotonicInstant
  /** Lets at least so many milliseconds pass; on return all that fell due has fired. */
  readonly elapse: (milliseconds: number) => Promise<void> | void
  /** Sets the wall clock forward, or back if negative. */
  readonly setWall?: (byMilliseconds: number) => void
}

export interface TimersCompliance extends TestRunner {
  readonly create: () => TimersBench | Promise<TimersBench>
  /** The longest time that `elapse` can serve, in milliseconds: `Infinity` for a virtual clock. */
  readonly longest: number
  /** Each bench has `setWall`. */
  readonly canSetWall?: boolean
}

/** The greatest delay that common hosts can wait for in one go. */
const hostLimitMs = 2 ** 31 - 1

export const timersCompliance = (options: TimersCompliance): void => {
  options.describe('the port Timers', () => {
    firing(options)
    replacing(options)
    farAway(options)
    if (options.canSetWall) wallSet(options)
  })
}

/** So many milliseconds from now. */
const from = (now: () => MonotonicInstant, milliseconds: number): MonotonicInstant =>
  monotonicInstant(now() + milliseconds)

const firing = (options: TimersCompliance): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('fires once when it is due', async ({ timers, now, elapse }) => {
    let fired = 0
    timers.arm('one', from(now, 10), () => {
      fired += 1
    })
    await elapse(10)
    await elapse(30)
    expect(fired).toEqual(1)
  })

  it('never fires early', async ({ timers, now, elapse }) => {
    const early: Array<number> = []
    for (const delay of [1, 2, 5, 10, 15]) {
      const due = from(now, delay)
      timers.arm(`after ${delay}`, due, () => {
        if (now() < due) early.push(delay)
      })
    }
    await elapse(20)
    expect(early).toEqual([])
  })

  it('does not fire while there is time left', async ({ timers, now, elapse }) => {
    let fired = 0
    timers.arm('late', from(now, 3_600_000), () => {
      fired += 1
    })
    await elapse(20)
    expect(fired).toEqual(0)
  })

  it('never fires inside arm, and yet fires what is due already', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    timers.arm('now', now(), () => told.push('fired: now'))
    timers.arm('past', from(now, -1000), () => told.push('fired: past'))
    told.push('armed')
    await elapse(5)
    expect(told[0]).toEqual('armed')
    expect([...told].sort()).toEqual(['armed', 'fired: now', 'fired: past'])
  })

  it('fires in the order of the times, not of the arming', async ({ timers, now, elapse }) => {
    const told: Array<number> = []
    const start = now()
    for (const delay of [12, 4, 8]) timers.arm(`${delay}`, monotonicInstant(start + delay), () => told.push(delay))
    await elapse(15)
    expect(told).toEqual([4, 8, 12])
  })

  it('may be armed again when it fires', async ({ timers, now, elapse }) => {
    let fired = 0
    const fire = () => {
      fired += 1
      if (fired < 3) timers.arm('again', from(now, 5), fire)
    }
    timers.arm('again', from(now, 5), fire)
    for (let turn = 0; turn < 4; turn += 1) await elapse(10)
    expect(fired).toEqual(3)
  })
}

const replacing = (options: TimersCompliance): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('replaces what was armed under the same key, by a later time', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    timers.arm('key', from(now, 5), () => told.push('first'))
    timers.arm('key', from(now, 3_600_000), () => told.push('second'))
    await elapse(20)
    expect(told).toEqual([])
  })

  it('replaces what was armed under the same key, by an earlier time', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    timers.arm('key', from(now, 15), () => told.push('first'))
    timers.arm('key', from(now, 5), () => told.push('second'))
    await elapse(30)
    expect(told).toEqual(['second'])
  })

  it('does not fire what was disarmed', async ({ timers, now, elapse }) => {
    let fired = 0
    timers.arm('key', from(now, 5), () => {
      fired += 1
    })
    timers.disarm('key')
    await elapse(20)
    expect(fired).toEqual(0)
  })

  it('disarms one key and leaves the others armed', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    timers.arm('one', from(now, 5), () => told.push('one'))
    timers.arm('other', from(now, 5), () => told.push('other'))
    timers.disarm('one')
    timers.disarm('never armed')
    await elapse(20)
    expect(told).toEqual(['other'])
  })

  it('lets one timer disarm another that is due with it', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    const due = from(now, 5)
    timers.arm('one', due, () => {
      told.push('one')
      timers.disarm('other')
    })
    timers.arm('other', due, () => {
      told.push('other')
      timers.disarm('one')
    })
    await elapse(20)
    expect(told.length).toEqual(1)
  })

  it('can be armed anew after it was disarmed', async ({ timers, now, elapse }) => {
    const told: Array<string> = []
    timers.arm('key', from(now, 5), () => told.push('first'))
    timers.disarm('key')
    timers.arm('key', from(now, 8), () => told.push('second'))
    await elapse(20)
    expect(told).toEqual(['second'])
  })

  it('forgets all keys when it stops', async ({ timers, now, elapse }) => {
    let fired = 0
    const fire = () => {
      fired += 1
    }
    timers.arm('one', from(now, 5), fire)
    timers.arm('other', from(now, 10), fire)
    timers.stop()
    await elapse(20)
    expect(fired).toEqual(0)
  })
}

const farAway = (options: TimersCompliance): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('takes a delay beyond 2^31 ms and does not fire at once', async ({ timers, now, elapse }) => {
    let fired = 0
    for (const delay of [hostLimitMs + 1, 2 ** 32 + 5, 2 ** 40])
      timers.arm(`${delay}`, from(now, delay), () => {
        fired += 1
      })
    await elapse(20)
    expect(fired).toEqual(0)
  })

  if (options.longest > 2 ** 33)
    it('fires after a delay beyond 2^31 ms, and not before', async ({ timers, now, elapse }) => {
      let fired = 0
      timers.arm('far', from(now, 2 ** 32), () => {
        fired += 1
      })
      await elapse(2 ** 32 - 1)
      expect(fired).toEqual(0)
      await elapse(1)
      expect(fired).toEqual(1)
    })
}

const wallSet = (options: TimersCompliance): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  for (const [direction, step] of [
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ] as const) {
    it(`fires neither sooner nor later when the wall clock is set ${direction}`, async ({
      timers,
      now,
      elapse,
      setWall,
    }) => {
      const told: Array<string> = []
      timers.arm('early', from(now, 30), () => told.push('early'))
      timers.arm('late', from(now, 60_000), () => told.push('late'))
      await elapse(5)
      setWall?.(step)
      timers.arm('afterwards', from(now, 40), () => told.push('afterwards'))
      const before = [...told]
      await elapse(50)
      setWall?.(-step)
      expect([before, told]).toEqual([[], ['early', 'afterwards']])
    })
  }
}
