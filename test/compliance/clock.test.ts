import { clockCompliance, createVirtualHost } from '@smacks/testkit'
import { hostClock } from '@smacks/timers-host'
import { describe, expect, it, vi } from 'vitest'

const runner = { describe, it, expect }

describe('the virtual clock', () => {
  clockCompliance({
    ...runner,
    canSetWall: true,
    create: () => {
      const { clock, advance, setWall } = createVirtualHost(1_700_000_000_000)
      return { clock, elapse: advance, setWall }
    },
  })
})

describe("the host's clock, on a host whose time is told", () => {
  clockCompliance({
    ...runner,
    canSetWall: true,
    create: () => {
      vi.useFakeTimers({ now: 1_700_000_000_000 })
      return {
        clock: hostClock,
        elapse: milliseconds => void vi.advanceTimersByTime(milliseconds),
        setWall: milliseconds => void vi.setSystemTime(Date.now() + milliseconds),
        end: () => void vi.useRealTimers(),
      }
    },
  })
})

describe("the host's clock", () => {
  clockCompliance({
    ...runner,
    create: () => ({
      clock: hostClock,
      elapse: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    }),
  })
})
