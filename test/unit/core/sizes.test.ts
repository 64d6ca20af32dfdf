/** The bytes of what is unacked, where no other test looks closely. */
import {
  type Account,
  type Config,
  chunksOf,
  defaultConfig,
  describeAccount,
  type Effect,
  type Event,
  emptyAccount,
  needsWhole,
  type StanzaFacts,
  sessionOf,
  step,
  unload,
} from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, type Happening, sm3 } from '../../spec/driver.js'

const driven = (options: Partial<Config> = {}) => {
  const config: Config = { ...defaultConfig, requestHold: 0, ...options }
  let account: Account<string> = emptyAccount
  let now = 1_000
  const happen = (...happenings: ReadonlyArray<Happening>): ReadonlyArray<Effect<string>> => {
    let made: ReadonlyArray<Effect<string>> = []
    for (const happening of happenings) {
      now += 1
      const [after, effects] = step(config)(account, { ...happening, at: now } as Event<string>)
      account = unload(after)
      made = effects
    }
    return made
  }
  const sizesOf = (resource = 'phone') => {
    const session = sessionOf(account, resource)
    const sizes = session !== undefined && 'outbound' in session ? session.outbound.sizes : undefined
    return sizes && { total: sizes.total, chunks: chunksOf(sizes) }
  }
  return { happen, sizesOf, config, account: () => account }
}

const submitted = (id: string, size?: number, resource = 'phone'): Happening => ({
  _tag: 'StanzaSubmitted',
  resource,
  stanza: id,
  facts: chat(id),
  ...(size === undefined ? {} : { size }),
})
const bound = (resource: string): ReadonlyArray<Happening> => [
  { _tag: 'SessionBound', resource, connection: `to ${resource}` },
  {
    _tag: 'EnableReceived',
    resource,
    connection: `to ${resource}`,
    version: sm3,
    resume: true,
    freshId: `SM-ID of ${resource}`,
  },
]
const acked = (h: number): Happening => ({
  _tag: 'AckReceived',
  resource: 'phone',
  connection: 'to phone',
  version: sm3,
  h,
})
const ids = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => `m${n}`)

describe('chunks', () => {
  test('there are none as long as no size is told, and none once all is acked', () => {
    const { happen, sizesOf } = driven()
    happen(...bound('phone'), submitted('m1'), submitted('m2', 0))
    expect(sizesOf()).toBeUndefined()
    happen(submitted('m3', 7), submitted('m4'))
    expect(sizesOf()).toEqual({ total: 7, chunks: [{ count: 4, size: 7 }] })
    happen(acked(1))
    expect(sizesOf()).toEqual({ total: 7, chunks: [{ count: 3, size: 7 }] })
    happen(acked(4))
    expect(sizesOf()).toBeUndefined()
  })

  test('have 64 stanzas or 64 KiB, or one stanza that is larger', () => {
    const { happen, sizesOf } = driven()
    happen(...bound('phone'), ...ids(100).map(id => submitted(id, 10)))
    expect(sizesOf()).toEqual({ total: 1000, chunks: [64, 36].map(count => ({ count, size: 10 * count })) })
    happen(submitted('large', 65_000), submitted('larger', 100_000), submitted('small', 1))
    expect(sizesOf()?.chunks.slice(1)).toEqual([
      { count: 37, size: 65_360 },
      { count: 1, size: 100_000 },
      { count: 1, size: 1 },
    ])
    happen(acked(64))
    expect(sizesOf()?.total).toBe(165_361)
    happen(acked(101))
    expect(sizesOf()?.chunks).toEqual([
      { count: 1, size: 100_000 },
      { count: 1, size: 1 },
    ])
  })

  test('count for as long as one of their stanzas is left', () => {
    const { happen, sizesOf, account } = driven()
    happen(...bound('phone'), ...ids(100).map(id => submitted(id, 10)), acked(63))
    expect(sizesOf()).toEqual({
      total: 1000,
      chunks: [
        { count: 1, size: 640 },
        { count: 36, size: 360 },
      ],
    })
    expect(describeAccount(account())).toContain('and 32 more, at most 1000 bytes')
  })

  test('are forgotten once only stanzas of no known size are left, however many chunks these are', () => {
    for (const sizeless of [1, 100]) {
      const { happen, sizesOf } = driven()
      happen(...bound('phone'), ...ids(64).map(id => submitted(id, 10)), ...ids(sizeless).map(id => submitted(id)))
      expect(sizesOf()?.total).toBe(640)
      happen(acked(64))
      expect(sizesOf()).toBeUndefined()
    }
  })

  test('of a thousand stanzas take less than 2 kB of a snapshot', () => {
    const { happen, sizesOf } = driven()
    happen(...bound('phone'), ...ids(1000).map(id => submitted(id, 300)))
    expect(JSON.stringify(sizesOf()).length).toBeLessThan(2000)
  })

  test('go on with counts that have a name, and are not left behind by them', () => {
    const { happen, sizesOf } = driven()
    const recipient = (resource: string) => ({ resource, stanza: 'g', facts: chat('g'), size: 5 })
    happen(...bound('phone'), ...bound('tablet'), {
      _tag: 'MessageSubmitted',
      recipients: [recipient('phone'), recipient('tablet')],
    })
    expect([sizesOf()?.total, sizesOf('tablet')?.total]).toEqual([5, 5])
    happen(acked(1))
    expect([sizesOf(), sizesOf('tablet')?.total]).toEqual([undefined, 5])
  })
})

describe('superseded presence', () => {
  const presence = (from: string, size: number): Happening => ({
    _tag: 'StanzaSubmitted',
    resource: 'phone',
    stanza: from,
    facts: { name: 'presence', type: 'available', state: true, from, to: 'b' } satisfies StanzaFacts,
    size,
  })
  const lost: Happening = { _tag: 'ConnectionLost', resource: 'phone', connection: 'to phone' }

  test('takes its bytes along, from whatever chunk', () => {
    const { happen, sizesOf } = driven()
    happen(...bound('phone'), lost, presence('a', 40_000), presence('b', 30_000), presence('c', 5))
    happen(presence('b', 3))
    expect(sizesOf()).toEqual({
      total: 40_008,
      chunks: [
        { count: 1, size: 40_000 },
        { count: 2, size: 8 },
      ],
    })
    happen(presence('a', 0))
    expect(sizesOf()).toEqual({ total: 8, chunks: [{ count: 3, size: 8 }] })
    happen(presence('b', 0), presence('c', 0))
    expect(sizesOf()).toBeUndefined()
  })

  test('of unknown size takes nothing along', () => {
    const { happen, sizesOf } = driven()
    const { size: _, ...sizeless } = { ...presence('a', 0), size: 0 }
    happen(...bound('phone'), lost, sizeless as Happening, submitted('m1', 9), presence('a', 2))
    expect(sizesOf()).toEqual({ total: 11, chunks: [{ count: 2, size: 11 }] })
  })
})

describe('too many bytes', () => {
  test('of a link that is being made end what has most of them, and it is closed', () => {
    const { happen, account } = driven({ maxAccountQueueBytes: 100 })
    const enabling: ReadonlyArray<Happening> = [
      { _tag: 'SessionBound', resource: 'link', connection: 'to link' },
      { _tag: 'EnableRequested', resource: 'link', connection: 'to link', version: sm3, resume: true },
    ]
    happen(...enabling, ...bound('phone'), submitted('m1', 60, 'link'))
    const effects = happen(submitted('m2', 50))
    expect(effects.map(({ _tag }) => _tag)).toContain('SendStanza')
    expect(effects).toContainEqual(
      expect.objectContaining({
        _tag: 'CloseConnection',
        connection: 'to link',
        error: {
          condition: 'resource-constraint',
          text: 'More than 100 bytes are unacknowledged by all your sessions together; acknowledge what you receive.',
        },
      }),
    )
    expect(account().sessions.map(({ resource }) => resource)).toEqual(['phone'])
  })

  test('end several sessions together, if one is not enough', () => {
    const { happen, account } = driven({ maxAccountQueueBytes: 100, maxQueueBytes: 100 })
    const resources = ['phone', 'tablet', 'desktop']
    for (const resource of resources)
      happen(
        ...bound(resource),
        { _tag: 'ConnectionLost', resource, connection: `to ${resource}` },
        submitted(`for ${resource}`, 30, resource),
      )
    const effects = happen(submitted('more', 70, 'desktop'))
    expect(account().sessions.map(({ resource }) => resource)).toEqual(['desktop'])
    expect(effects.flatMap(effect => (effect._tag === 'EndSession' ? [effect.resource] : []))).toEqual([
      'phone',
      'tablet',
    ])
    expect(effects.some(({ _tag }) => _tag === 'Notify')).toBe(true)
  })

  test('of one session in bytes are told as such', () => {
    const { happen } = driven({ maxQueueBytes: 10 })
    happen(...bound('phone'))
    expect(happen(submitted('m1', 11))).toContainEqual(
      expect.objectContaining({
        error: {
          condition: 'resource-constraint',
          text: 'More than 10 bytes are unacknowledged; acknowledge what you receive.',
        },
      }),
    )
  })
})

describe('a connected session with storage', () => {
  const stored = (changed: Partial<Config> = {}) => {
    const one = driven({ queueStorage: true, maxQueueBytesInMemory: 100_000, maxQueueBytes: 250_000, ...changed })
    one.happen(...bound('phone'))
    return one
  }

  test('has so many bytes in memory, and half of these once it had more', () => {
    const { happen, account } = stored()
    happen(...ids(2).map(id => submitted(id, 40_000)))
    const kept = happen(submitted('m3', 40_000)).flatMap(effect =>
      effect._tag === 'KeepUnacked' ? effect.unacked.map(({ stanza }) => stanza) : [],
    )
    expect(kept).toEqual(['m0', 'm1'])
    const [session] = account().sessions
    expect(session !== undefined && 'outbound' in session && session.outbound.unacked.unloaded).toBe(2)
  })

  test('ends where a stanza more is too much for it, by numbers alone', () => {
    const ended = (happening: Happening, changed: Partial<Config> = {}): boolean => {
      const { happen, account, config } = stored(changed)
      happen(...ids(5).map(id => submitted(id, 45_000)), happening)
      expect(needsWhole(config, account(), { ...happening, at: 1 } as Event<string>)).toBe(false)
      return account().sessions.length === 0
    }
    expect([submitted('m', 25_000), submitted('m', 25_001), submitted('m')].map(one => ended(one))).toEqual([
      false,
      true,
      false,
    ])
    expect(ended(submitted('m', 25_001, 'nobody'))).toBe(false)
    const together = { maxAccountQueueBytes: 225_010 }
    expect([submitted('m', 11), submitted('m', 10)].map(one => ended(one, together))).toEqual([true, false])
  })

  test('keeps all where the last stanza alone is more than half', () => {
    const { happen, account } = stored()
    happen(submitted('m1', 60_000), submitted('m2', 60_000))
    const [session] = account().sessions
    expect(session !== undefined && 'outbound' in session && session.outbound.unacked.unloaded).toBe(2)
  })
})
