import { createVirtualHost, timersCompliance } from '@smacks/testkit'
import { createTimers, hostClock, longestDelay } from '@smacks/timers-host'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const runner = { describe, it, expect }

describe('virtual timers', () => {
  timersCompliance({
    ...runner,
    longest: Number.POSITIVE_INFINITY,
    canSetWall: true,
    create: () => {
      const { timers, clock, advance, setWall } = createVirtualHost(1_700_000_000_000)
      return { timers, now: clock.monotonic, elapse: advance, setWall }
    },
  })
})

describe('host timers, on a host whose time is told', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  timersCompliance({
    ...runner,
    longest: Number.POSITIVE_INFINITY,
    canSetWall: true,
    create: () => {
      const timers = createTimers()
      return {
        timers,
        now: hostClock.monotonic,
        elapse: milliseconds => void vi.advanceTimersByTime(milliseconds),
        setWall: milliseconds => void vi.setSystemTime(Date.now() + milliseconds),
        end: timers.stop,
      }
    },
  })
})

describe('host timers, in real time', () => {
  timersCompliance({
    ...runner,
    longest: 1000,
    create: () => {
      const timers = createTimers()
      return { timers, now: hostClock.monotonic, elapse: untilReached, end: timers.stop }
    },
  })
})

it('the far away times of the suite are beyond what the host can wait for in one go', () => {
  expect(2 ** 32).toBeGreaterThan(longestDelay)
})

/** Returns when the clock is there and the host's timers of that time had their turn. */
const untilReached = async (milliseconds: number): Promise<void> => {
  const target = hostClock.monotonic() + milliseconds
  const task = (delay: number) => new Promise<void>(resolve => setTimeout(resolve, delay))
  while (hostClock.monotonic() < target) await task(target - hostClock.monotonic())
  await task(2)
  await task(2)
}
