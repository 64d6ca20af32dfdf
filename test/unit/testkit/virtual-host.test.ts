import { after, monotonicInstant } from '@smacks/runtime'
import { createVirtualHost, formatElapsed, recordingTransport, seededEntropy } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

describe('a virtual host', () => {
  it('fires each timer at its time, in the order of the times, then in the order of the arming', () => {
    const { timers, clock, advance } = createVirtualHost(1000)
    const told: Array<readonly [string, number]> = []
    for (const [key, due] of [
      ['late', 4000],
      ['early', 1000],
      ['with early', 1000],
    ] as const)
      timers.arm(key, monotonicInstant(due), () => void told.push([key, clock.now()]))
    advance(10_000)
    expect(told).toEqual([
      ['early', 2000],
      ['with early', 2000],
      ['late', 5000],
    ])
    expect(clock.now()).toBe(11_000)
  })

  it('ends the turn of one timer before the next fires', () => {
    const { timers, turns, advance } = createVirtualHost()
    const told: Array<string> = []
    for (const key of ['one', 'two'])
      timers.arm(key, monotonicInstant(10), () => {
        told.push(`${key} fires`)
        turns.atEnd(() => void told.push(`${key} ends`))
      })
    advance(10)
    expect(told).toEqual(['one fires', 'one ends', 'two fires', 'two ends'])
  })

  it('fires what is armed on the way, if it is due within the time', () => {
    const { timers, clock, advance } = createVirtualHost()
    const told: Array<number> = []
    const fire = () => {
      told.push(clock.now())
      timers.arm('again', after(clock, 40), fire)
    }
    timers.arm('again', after(clock, 40), fire)
    advance(100)
    expect(told).toEqual([40, 80])
  })

  it('says when the next timer is due', () => {
    const { timers, nextDue } = createVirtualHost()
    expect(nextDue()).toBeUndefined()
    timers.arm('late', monotonicInstant(20), () => undefined)
    timers.arm('early', monotonicInstant(10), () => undefined)
    expect(nextDue()).toBe(10)
  })

  it('sets its wall clock while no time passes', () => {
    const { timers, clock, advance, setWall, stamp } = createVirtualHost(1_700_000_000_000)
    const told: Array<number> = []
    timers.arm('one', after(clock, 10_000), () => void told.push(clock.now()))
    setWall(3_600_000)
    expect([clock.now(), clock.monotonic(), stamp()]).toEqual([1_700_003_600_000, 0, '+0:00:00.000'])
    advance(9_999)
    setWall(-7_200_000)
    expect(told).toEqual([])
    advance(1)
    expect(told).toEqual([1_699_996_410_000])
  })

  it('notices what never ends', () => {
    const { turns, settle, timers, advance, clock } = createVirtualHost()
    const again = () => turns.atEnd(again)
    again()
    expect(settle).toThrow('10000 turns')
    const fire = () => timers.arm('now', clock.monotonic(), fire)
    const other = createVirtualHost()
    const endless = () => other.timers.arm('now', other.clock.monotonic(), endless)
    endless()
    expect(() => other.advance(1)).toThrow('100000 timers')
    expect(() => advance(-1)).toThrow('time passes forward only, not by -1 ms')
    fire()
  })

  it('prints the time since its start', () => {
    const { advance, stamp } = createVirtualHost(1_700_000_000_000)
    expect(stamp()).toBe('+0:00:00.000')
    advance(3_723_004)
    expect(stamp()).toBe('+1:02:03.004')
    expect(formatElapsed(360_000_000)).toBe('+100:00:00.000')
  })
})

describe('seeded entropy', () => {
  it('is the same for the same seed and another for another', () => {
    const ids = (seed: number) => {
      const { freshId } = seededEntropy(seed)
      return [freshId(), freshId(), freshId()]
    }
    expect(ids(1)).toEqual(ids(1))
    expect(ids(1)).not.toEqual(ids(2))
  })
})

describe('the recording transport', () => {
  it('shows what was written as lines', () => {
    const transport = recordingTransport<string>(text => text)
    const connection = transport.connect()
    transport.sendNonza(connection, { _tag: 'Resumed', version: 'urn:xmpp:sm:3', h: 4, previd: 'sm-1' })
    transport.sendStanza(connection, 'm1', { name: 'message', type: 'chat' }, 0)
    expect(transport.lines(connection)).toEqual([])
    transport.flush()
    transport.sendStanza(connection, 'm2', { name: 'message', type: 'chat' })
    transport.close(connection, { condition: 'conflict' })
    transport.flush()
    expect(transport.writes(connection)).toEqual([
      ['Resumed h=4 previd=sm-1', 'm1 (since 1970-01-01T00:00:00.000Z)'],
      ['m2', 'close with conflict'],
    ])
  })
})
