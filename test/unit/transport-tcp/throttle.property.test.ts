import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createThrottle } from '../../../packages/transport-tcp/src/throttle.js'

test('a throttled reader that waits as told never reads more than its rate, its burst and one piece', () => {
  const piece = fc.record({ bytes: fc.integer({ min: 1, max: 5000 }), idle: fc.integer({ min: 0, max: 3000 }) })
  const bytes = fc.integer({ min: 1, max: 100_000 })
  fc.assert(
    fc.property(bytes, bytes, fc.array(piece, { maxLength: 50 }), (rate, burst, pieces) => {
      let clock = 0
      const throttle = createThrottle(rate, burst, () => clock)
      const reads: Array<{ readonly at: number; readonly bytes: number }> = []
      for (const { bytes, idle } of pieces) {
        clock += idle
        reads.push({ at: clock, bytes })
        clock += throttle.take(bytes)
      }
      for (const [index, first] of reads.entries()) {
        let sum = 0
        for (const { at, bytes } of reads.slice(index)) {
          const allowed = burst + ((at - first.at) / 1000) * rate
          expect(sum).toBeLessThanOrEqual(allowed + 1e-6)
          sum += bytes
        }
      }
    }),
  )
})

test('a reader below its rate never waits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), fc.integer({ min: 1, max: 100 }), (rate, rounds) => {
      let clock = 0
      const throttle = createThrottle(rate, rate, () => clock)
      for (let round = 0; round < rounds; round += 1) {
        expect(throttle.take(rate / 10)).toBe(0)
        clock += 100
      }
    }),
  )
})
