import { monotonicInstant } from '@smacks/runtime'
import { describe, expect, test } from 'vitest'
import {
  type Attempts,
  attempted,
  delivered,
  established,
  noAttempts,
  planned,
  stableAfterMs,
} from '../../../packages/stream-s2s/src/reconnect.js'

const at = monotonicInstant
const longest = 60_000
/** Milliseconds from the beginning of an attempt to that of the next. */
const pauseAfter = (attempts: Attempts, longestMs = longest): number => {
  const [, next] = planned(attempts, attempts.lastAt, longestMs)
  return next - attempts.lastAt
}
const failures = (count: number): Attempts => {
  let attempts = noAttempts
  for (let done = 0; done < count; done += 1) attempts = attempted(attempts, at(1000))
  return attempts
}

describe('the next attempt of a link', () => {
  test('begins at once where there was none', () => expect(planned(noAttempts, at(7), longest)[1]).toBe(7))

  test('begins after growing pauses where nothing comes of them', () =>
    expect([1, 2, 3, 4, 5, 6, 7, 100].map(count => pauseAfter(failures(count)))).toEqual(
      [1, 2, 4, 8, 15, 30, 30, 30].map(seconds => seconds * 1000),
    ))

  test('waits no longer than it may', () => expect(pauseAfter(failures(100), 5_000)).toBe(5_000))

  test('does not wait where the pause is over', () => expect(planned(failures(3), at(90_000), longest)[1]).toBe(90_000))

  test('is the first again once something got over the link', () => {
    const [attempts, next] = planned(delivered(established(failures(5), at(2000))), at(2001), longest)
    expect(next).toBe(2001)
    expect(attempts.count).toBe(0)
  })

  test('is the first again once the link was stable, and not before', () => {
    const since = established(failures(5), at(2000))
    expect(planned(since, at(2000 + stableAfterMs), longest)[0].count).toBe(5)
    expect(planned(since, at(2001 + stableAfterMs), longest)[0].count).toBe(0)
  })

  test('knows nothing of earlier streams', () => {
    const [attempts] = planned(delivered(established(failures(5), at(2000))), at(2001), longest)
    const again = attempted(attempted(attempts, at(3000)), at(4000))
    expect(planned(again, at(90_000), longest)[0].count).toBe(2)
  })
})
