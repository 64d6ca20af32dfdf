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
    const bytes = Uint8Array.from({ length: 18 }, (_, index) => 255 - index * 13)
    const entropy = createEntropy(target => target.set(bytes))
    expect(entropy.freshId()).toBe(Buffer.from(bytes).toString('base64url'))
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
