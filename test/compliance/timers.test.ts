import { createVirtualHost, timersCompliance } from '@smacks/testkit'
import { createTimers, longestDelay, timerHost } from '@smacks/timers-host'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const runner = { describe, it, expect }

describe('virtual timers', () => {
  timersCompliance({
    ...runner,
    longest: Number.POSITIVE_INFINITY,
    create: () => {
      const { timers, clock, advance } = createVirtualHost(1_700_000_000_000)
      return { timers, now: clock.now, elapse: advance }
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
    create: () => {
      const timers = createTimers()
      return {
        timers,
        now: () => Date.now(),
        elapse: milliseconds => void vi.advanceTimersByTime(milliseconds),
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
      return { timers, now: timerHost.now, elapse: untilReached, end: timers.stop }
    },
  })
})

it('the far away times of the suite are beyond what the host can wait for in one go', () => {
  expect(2 ** 32).toBeGreaterThan(longestDelay)
})

/** Returns when the clock is there and the host's timers of that time had their turn. */
const untilReached = async (milliseconds: number): Promise<void> => {
  const target = Date.now() + milliseconds
  const task = (delay: number) => new Promise<void>(resolve => setTimeout(resolve, delay))
  while (Date.now() < target) await task(target - Date.now())
  await task(2)
  await task(2)
}
