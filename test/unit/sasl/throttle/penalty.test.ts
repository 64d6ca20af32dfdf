import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterFailure,
  delayAfter,
  noPenalty,
  type Penalty,
  type PenaltyRules,
  penaltyAt,
  waitOf,
} from '../../../../packages/sasl/src/throttle/penalty.js'

const rules: PenaltyRules = { free: 3, longest: 60_000, forgetAfter: 600_000 }

describe('the wait', () => {
  test('is nothing for the free failures, then a second, and doubles up to the longest', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(failures => delayAfter(rules, failures))
    expect(delays).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  test('stays the longest, however often one fails', () => {
    for (const failures of [100, 10_000, Number.MAX_SAFE_INTEGER]) expect(delayAfter(rules, failures)).toBe(60_000)
  })

  test('never shrinks with a further failure', () =>
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(100), fc.integer({ min: 1, max: 10_000_000 }), (failures, free, longest) => {
        const one = { free, longest, forgetAfter: 1 }
        expect(delayAfter(one, failures + 1)).toBeGreaterThanOrEqual(delayAfter(one, failures))
        expect(delayAfter(one, failures)).toBeLessThanOrEqual(longest)
      }),
    ))
})

describe('a penalty', () => {
  const failing = (times: number, every: number): Penalty => {
    let penalty: Penalty = noPenalty
    for (let n = 0; n < times; n += 1) penalty = afterFailure(rules, penalty, n * every)
    return penalty
  }

  test('begins with the failure after the free ones, and is over when the wait is', () => {
    const penalty = failing(4, 0)
    expect([0, 400, 999, 1_000, 5_000].map(now => waitOf(penalty, now))).toEqual([1_000, 600, 1, 0, 0])
  })

  test('is forgotten after a time without failures, and not before', () => {
    const penalty = failing(5, 0)
    expect(penaltyAt(rules, penalty, 2_000 + 599_999)).toBe(penalty)
    expect(penaltyAt(rules, penalty, 2_000 + 600_000)).toBe(noPenalty)
    expect(afterFailure(rules, penalty, 602_000)).toMatchObject({ failures: 1, blockedUntil: 602_000 })
  })

  test('grows by failures that come again and again, however slowly', () => {
    const slowly = failing(8, 590_000)
    expect(slowly.failures).toBe(8)
  })
})

test('whoever tries as soon as it may gets few attempts in a day', () => {
  let penalty: Penalty | undefined
  let attempts = 0
  for (let now = 0; now < 86_400_000; ) {
    attempts += 1
    penalty = afterFailure(rules, penalty, now)
    now += Math.max(1, waitOf(penalty, now))
  }
  expect(attempts).toBeLessThan(86_400_000 / rules.longest + 15)
})
