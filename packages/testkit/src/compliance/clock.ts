/** What every clock must do. */
import type { Clock } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface ClockBench extends Ending {
  readonly clock: Clock
  /** Lets at least so many milliseconds pass. */
  readonly elapse: (milliseconds: number) => Promise<void> | void
  /** Sets the wall clock forward, or back if negative. */
  readonly setWall?: (byMilliseconds: number) => void
}

export interface ClockCompliance extends TestRunner {
  readonly create: () => ClockBench | Promise<ClockBench>
  /** Each bench has `setWall`. */
  readonly canSetWall?: boolean
}

/** Hosts may round both the clock and the wait. */
const roundingMs = 2

export const clockCompliance = (options: ClockCompliance): void => {
  const { describe, expect } = options
  const it = onBench(options, options.create)

  describe('the port Clock', () => {
    it('measures durations with numbers too', async ({ clock, elapse }) => {
      const before = clock.monotonic()
      await elapse(20)
      expect(Number.isFinite(before)).toEqual(true)
      expect(clock.monotonic() - before >= 20 - roundingMs).toEqual(true)
    })

    it('measures no duration below zero', async ({ clock, elapse }) => {
      const asked: Array<number> = []
      for (let times = 0; times < 100; times += 1) asked.push(clock.monotonic())
      await elapse(1)
      asked.push(clock.monotonic())
      expect(asked.every((one, index) => index === 0 || one >= (asked[index - 1] ?? 0))).toEqual(true)
    })

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

    if (options.canSetWall)
      it('measures the same duration while the wall clock is set', async ({ clock, setWall, elapse }) => {
        for (const step of [3_600_000, -3_600_000]) {
          const [wall, before] = [clock.now(), clock.monotonic()]
          setWall?.(step)
          await elapse(20)
          const passed = clock.monotonic() - before
          expect(passed >= 20 - roundingMs && passed < 60_000).toEqual(true)
          expect(Math.abs(clock.now() - wall - step - passed) < 60_000).toEqual(true)
          setWall?.(-step)
        }
      })
  })
}
