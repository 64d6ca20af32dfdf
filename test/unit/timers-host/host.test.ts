import type { MessagePort } from 'node:worker_threads'
import { after } from '@smacks/runtime'
import { createEntropy, createTimers, createTurns, type DeferHost, hostClock, hostDefer } from '@smacks/timers-host'
import { afterAll, describe, expect, test } from 'vitest'

describe('the end of a turn', () => {
  const channels: Array<MessagePort> = []
  class ClosableChannel extends MessageChannel {
    constructor() {
      super()
      channels.push(this.port1)
    }
  }
  afterAll(() => {
    for (const port of channels) port.close()
  })

  const hosts: ReadonlyArray<readonly [string, unknown]> = [
    ['a host with setImmediate', globalThis],
    ['a host with MessageChannel alone', { MessageChannel: ClosableChannel, setTimeout }],
    ['a host with setTimeout alone', { setTimeout }],
  ]
  test.each(hosts)('comes once, later, and in order on %s', async (_, host) => {
    const turns = createTurns(hostDefer(host as DeferHost))
    const seen: string[] = []
    await new Promise<void>(resolve => {
      turns.atEnd(() => seen.push('first'))
      turns.atEnd(() => {
        seen.push('second')
        resolve()
      })
      seen.push('now')
      queueMicrotask(() => seen.push('microtask'))
    })
    expect(seen).toEqual(['now', 'microtask', 'first', 'second'])
  })
})

describe('a fresh SM-ID', () => {
  test('is 24 characters that XML need not escape', () => {
    expect(createEntropy().freshId()).toMatch(/^[A-Za-z0-9_-]{24}$/)
  })

  test('is all of the random bytes, as base64url', () => {
    const given: Array<string> = []
    const entropy = createEntropy(target => {
      const bytes = Uint8Array.from(target, (_, index) => (255 - index * 13 - given.length) & 0xff)
      for (let at = 0; at < bytes.length; at += 18)
        given.push(Buffer.from(bytes.subarray(at, at + 18)).toString('base64url'))
      target.set(bytes)
    })
    const ids = Array.from({ length: 200 }, entropy.freshId)
    expect(ids).toEqual(given.slice(0, 200))
  })

  test('does not ask the source for each: that takes longer than all else', () => {
    let asked = 0
    const entropy = createEntropy(target => {
      asked += 1
      globalThis.crypto.getRandomValues(target)
    })
    for (let number = 0; number < 128; number += 1) entropy.freshId()
    expect(asked).toBe(2)
  })

  test('is not made of less when the source fails', () => {
    let fails = true
    const entropy = createEntropy(target => {
      if (fails) throw new Error('no entropy')
      target.fill(255)
    })
    expect(entropy.freshId).toThrow('no entropy')
    fails = false
    expect(entropy.freshId()).toBe('_'.repeat(24))
  })

  test('is new each time', () => {
    const entropy = createEntropy()
    expect(new Set(Array.from({ length: 1000 }, entropy.freshId)).size).toBe(1000)
  })
})

test('timers fire on the real host', async () => {
  const timers = createTimers()
  const due = after(hostClock, 5)
  const firedAt = await new Promise<number>(resolve => timers.arm('a', due, () => resolve(hostClock.monotonic())))
  expect(firedAt).toBeGreaterThanOrEqual(due)
  timers.stop()
})
