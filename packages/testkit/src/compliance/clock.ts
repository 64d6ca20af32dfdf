/** What every clock must do. */
import type { Clock } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface ClockBench extends Ending {
  readonly clock: Clock
  /** Lets at least so many milliseconds pass. */
  readonly elapse: (milliseconds: number) => Promise<void> | void
}

export interface ClockCompliance extends TestRunner {
  readonly create: () => ClockBench | Promise<ClockBench>
}

/** Hosts may round both the clock and the wait. */
const roundingMs = 2

export const clockCompliance = (options: ClockCompliance): void => {
  const { describe, expect } = options
  const it = onBench(options, options.create)

  describe('the port Clock', () => {
    it('tells a time that arithmetic can be done with', ({ clock }) => {
      expect(Number.isFinite(clock.now()) && clock.now() >= 0).toEqual(true)
    })

    it('counts milliseconds', async ({ clock, elapse }) => {
      const before = clock.now()
      await elapse(20)
      expect(clock.now() - before >= 20 - roundingMs).toEqual(true)
    })

    it('does not make time pass by being asked', ({ clock }) => {
      const asked = Array.from({ length: 100 }, () => clock.now())
      const first = asked[0] ?? 0
      const last = asked[99] ?? 0
      expect(last - first < 1000).toEqual(true)
    })
  })
}
