import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { after, monotonicInstant } from '@smacks/runtime'
import { createTimers } from '@smacks/timers-host'
import { describe, expect, test } from 'vitest'
import { virtualHost } from './virtual-host.js'

const setUp = (early = 0) => {
  const host = virtualHost(early)
  const timers = createTimers(host)
  const fired: string[] = []
  const arm = (key: string, delay: number, mark = key) => timers.arm(key, after(host, delay), () => fired.push(mark))
  return { host, timers, fired, arm }
}

/** Each timer that fires takes so long; what the host was asked to run next waits in `tasks`. */
const slowHost = (milliseconds: number) => {
  let now = 1_000
  const tasks: Array<() => void> = []
  const timers = createTimers({
    monotonic: () => monotonicInstant(now),
    after: (_, callback) => {
      tasks.push(callback)
      return () => void tasks.splice(tasks.indexOf(callback), 1)
    },
  })
  const fired: Array<number> = []
  const arm = (number: number) =>
    timers.arm(`${number}`, monotonicInstant(2_000 + number / 1_000), () => {
      fired.push(number)
      now += milliseconds
    })
  const reach = (at: number): void => {
    now = at
  }
  return { arm, fired, tasks, reach }
}

describe('many timers that are due at once', () => {
  test('fire for 5 ms at a time, in their order, and others run in between', () => {
    const { arm, fired, tasks, reach } = slowHost(3)
    for (let number = 0; number < 100; number += 1) arm(number)
    reach(2_100)
    const rounds: Array<number> = []
    while (tasks.length > 0) {
      const before = fired.length
      tasks.shift()?.()
      rounds.push(fired.length - before)
    }
    expect(rounds).toEqual(Array.from({ length: 50 }, () => 2))
    expect(fired).toEqual(Array.from({ length: 100 }, (_, number) => number))
  })

  test('fire one by one where each takes longer', () => {
    const { arm, fired, tasks, reach } = slowHost(500)
    for (let number = 0; number < 3; number += 1) arm(number)
    reach(2_100)
    for (const expected of [[0], [0, 1], [0, 1, 2]]) {
      tasks.shift()?.()
      expect(fired).toEqual(expected)
    }
    expect(tasks).toEqual([])
  })
})

describe('timers', () => {
  test('fire at their time and not a millisecond before', () => {
    const { host, fired, arm } = setUp()
    arm('a', 100)
    host.pass(99)
    expect(fired).toEqual([])
    host.pass(1)
    expect(fired).toEqual(['a'])
  })

  test('are never early, even when the host is', () => {
    const { host, fired, arm } = setUp(3)
    arm('a', 100)
    host.pass(99)
    expect(fired).toEqual([])
    host.pass(1)
    expect(fired).toEqual(['a'])
  })

  test('fire once', () => {
    const { host, fired, arm } = setUp()
    arm('a', 10)
    host.pass(1000)
    expect(fired).toEqual(['a'])
    expect(host.pending()).toBe(0)
  })

  test('that are due already fire soon, but not inside arm', () => {
    const { host, fired, arm } = setUp()
    arm('past', -5000)
    arm('now', 0)
    expect(fired).toEqual([])
    host.pass(0)
    expect(fired).toEqual(['past', 'now'])
  })

  test('armed again under the same key replace what was armed, whether later, earlier or for the same time', () => {
    for (const delay of [5, 10, 20]) {
      const { host, fired, arm } = setUp()
      arm('a', 10, 'first')
      arm('a', delay, 'second')
      host.pass(delay - 1)
      expect(fired).toEqual([])
      host.pass(100)
      expect(fired).toEqual(['second'])
    }
  })

  test('that were disarmed do not fire, and unknown keys can be disarmed', () => {
    const { host, timers, fired, arm } = setUp()
    arm('a', 10)
    arm('b', 10)
    timers.disarm('a')
    timers.disarm('a')
    timers.disarm('nobody')
    host.pass(10)
    expect(fired).toEqual(['b'])
  })

  test('wait for longer than 2^31 ms', () => {
    const { host, fired, arm } = setUp()
    const days = 24 * 3600 * 1000
    arm('a', 60 * days)
    host.pass(60 * days - 1)
    expect(fired).toEqual([])
    host.pass(1)
    expect(fired).toEqual(['a'])
    expect(host.asked().longest).toBe(2 ** 31 - 1)
  })

  test('can wait for ever', () => {
    const { host, timers, fired } = setUp()
    timers.arm('never', monotonicInstant(Number.POSITIVE_INFINITY), () => fired.push('never'))
    host.pass(2 ** 33)
    expect(fired).toEqual([])
  })

  test('that are due at no number are refused', () => {
    const { timers } = setUp()
    expect(() => timers.arm('a', monotonicInstant(Number.NaN), () => {})).toThrow('The timer "a" is due at NaN')
  })

  test('of the same time fire in the order in which they were armed', () => {
    const { host, fired, arm } = setUp()
    for (const key of ['c', 'a', 'b', 'd']) arm(key, 10)
    arm('c', 10)
    host.pass(10)
    expect(fired).toEqual(['a', 'b', 'd', 'c'])
  })

  test('may be disarmed by another one that fires just before', () => {
    const { host, timers, fired, arm } = setUp()
    timers.arm('a', after(host, 10), () => timers.disarm('b'))
    arm('b', 10)
    host.pass(10)
    expect(fired).toEqual([])
  })

  test('that arm themselves for now do not starve the host', () => {
    const { host, timers, fired, arm } = setUp()
    let rounds = 0
    const again = () => {
      rounds += 1
      if (rounds > 1000) throw new Error('starved')
      if (rounds < 3) timers.arm('again', host.monotonic(), again)
    }
    timers.arm('again', after(host, 10), again)
    arm('other', 10)
    const before = host.asked().count
    host.pass(10)
    expect(fired).toEqual(['other'])
    expect(rounds).toBe(3)
    expect(host.asked().count - before).toBe(2)
  })

  test('go on when one of them throws, and the host hears of it', () => {
    const { host, timers, fired, arm } = setUp()
    timers.arm('bad', after(host, 10), () => {
      throw new Error('bad')
    })
    arm('good', 10)
    arm('later', 20)
    expect(() => host.pass(10)).toThrow('bad')
    host.pass(10)
    expect(fired).toEqual(['good', 'later'])
  })

  test('are all forgotten by stop, which leaves the host nothing to wait for', () => {
    const { host, timers, fired, arm } = setUp()
    arm('a', 10)
    arm('b', 20)
    timers.stop()
    expect(host.pending()).toBe(0)
    arm('c', 30)
    host.pass(100)
    expect(fired).toEqual(['c'])
  })

  test('may be stopped by one that fires', () => {
    const { host, timers, fired, arm } = setUp()
    timers.arm('a', after(host, 10), () => timers.stop())
    arm('b', 10)
    host.pass(100)
    expect(fired).toEqual([])
    expect(host.pending()).toBe(0)
  })

  test('cost no host timer each: a hundred thousand armings and disarmings of a few keys set but one', () => {
    const { host, timers, arm } = setUp()
    for (let round = 0; round < 100_000; round += 1) {
      arm(`key ${round % 10}`, 30_000 + round)
      timers.disarm(`key ${round % 10}`)
    }
    expect(host.asked().count).toBe(1)
  })

  test('wake the host once for what was disarmed, not once each', () => {
    const { host, timers, fired, arm } = setUp()
    for (let round = 0; round < 10_000; round += 1) {
      arm(`key ${round}`, 500 + round)
      timers.disarm(`key ${round}`)
    }
    arm('kept', 20_000)
    host.pass(20_000)
    expect(fired).toEqual(['kept'])
    expect(host.pending()).toBe(0)
    expect(host.asked().count).toBeLessThan(5)
  })

  test('take no memory once they are disarmed, also under ever new keys', () => {
    const { timers, arm } = setUp()
    arm('kept', 1000)
    const before = usedBytes()
    for (let round = 0; round < 300_000; round += 1) {
      arm(`key ${round}`, 500_000 + round)
      timers.disarm(`key ${round}`)
    }
    expect((usedBytes() - before) / 1e6).toBeLessThan(10)
    timers.stop()
  })
})

const usedBytes = (): number => {
  setFlagsFromString('--expose_gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
