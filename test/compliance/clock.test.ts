import { clockCompliance, createVirtualHost } from '@smacks/testkit'
import { hostClock } from '@smacks/timers-host'
import { describe, expect, it } from 'vitest'

const runner = { describe, it, expect }

describe('the virtual clock', () => {
  clockCompliance({
    ...runner,
    create: () => {
      const { clock, advance } = createVirtualHost(1_700_000_000_000)
      return { clock, elapse: advance }
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
