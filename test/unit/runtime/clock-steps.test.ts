/** The wall clock is set, by an hour both ways: while sessions wait, while a commit is slow, while nobody is there. */
import { type Account, defaultConfig, type Event, emptyAccount, type Instant } from '@smacks/core'
import {
  type Change,
  createRuntime,
  type Journal,
  type Journalled,
  type RuntimeOptions,
  type StoredRecord,
} from '@smacks/runtime'
import { createVirtualHost, type VirtualHost } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { events } from './world.js'

const romeo = 'romeo@example.org'
const hour = 3_600_000
const start = 1_700_000_000_000
const c1 = events('orchard', 'c1')

/** What outlives the processes that follow each other. */
const createDisk = () => {
  const entries: Array<Journalled<string>> = []
  const records = new Map<string, StoredRecord>()
  const waiting: Array<() => void> = []
  const disk = { isSlow: false }
  const apply = (batch: ReadonlyArray<Change<string>>): void => {
    for (const change of batch) {
      if (change._tag === 'EventLogged' || change._tag === 'Baseline') entries.push(change)
      if (change._tag === 'PutRecord') records.set(`${change.kind}\n${change.account}\n${change.name}`, change)
    }
  }
  const journal: Journal<string> = {
    commit: batch => {
      if (!disk.isSlow) {
        apply(batch)
        return undefined
      }
      return new Promise(resolve => {
        waiting.push(() => {
          apply(batch)
          resolve()
        })
      })
    },
    oldSessions: () => [],
    records: kind => [...records].filter(([key]) => key.startsWith(`${kind}\n`)).map(([, record]) => record),
    sessions: { recover: () => entries, kept: () => [], countKept: () => 0, wanted: () => [] },
    close: async () => {},
  }
  return { disk, journal, entries, records, waiting }
}

type Disk = ReturnType<typeof createDisk>

const run = (host: VirtualHost, { journal }: Disk, options: Partial<RuntimeOptions<string>> = {}) => {
  const told: Array<string> = []
  const runtime = createRuntime<string>({
    config: { ...defaultConfig, maxUnackedStanzas: 100 },
    ports: {
      transport: {
        sendStanza: () => {},
        sendNonza: () => {},
        close: () => {},
        drop: () => {},
        awaitDrain: () => {},
        adopt: () => {},
        flush: () => {},
      },
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      journal,
      bus: { publish: () => {} },
    },
    application: () => ({
      deliver: () => {},
      returnToSender: () => {},
      redeliver: () => {},
      sessionEnded: (_, resource, reason) => told.push(`${resource} ended ${reason} at ${host.stamp()}`),
    }),
    onFault: (error, where) => told.push(`${where}: ${error}`),
    onStall: () => {},
    onRecovery: () => {},
    onClockStep: by => told.push(`clock set by ${by / 1000} s at ${host.stamp()}`),
    ...options,
  })
  const happen = (event: Event<string>, account = romeo): void =>
    runtime.dispatch(account, { ...event, at: host.clock.now() })
  const hibernate = (): void => {
    for (const event of [c1.bound(), c1.enable(), c1.lost()]) happen(event)
    host.settle()
  }
  return { runtime, told, happen, hibernate }
}

const deadlineOf = ({ sessions }: Account<string>): Instant | undefined => {
  const [session] = sessions
  return session?._tag === 'Hibernating' ? session.deadlines.hibernation : undefined
}

/** The process is gone; another begins after so long, by a clock that was set by so much meanwhile. */
const reboot = (host: VirtualHost, { after, set }: { readonly after: number; readonly set: number }): VirtualHost =>
  createVirtualHost(host.clock.now() + after + set)

describe.each([
  ['forward', hour],
  ['back', -hour],
])('the clock is set %s by an hour', (_, by) => {
  it('while a session waits: it ends when its time has passed, neither sooner nor later', () => {
    const host = createVirtualHost(start)
    const { told, hibernate } = run(host, createDisk())
    hibernate()
    host.advance(1_000)
    host.setWall(by)
    host.advance(598_999)
    expect(told).toEqual([])
    host.advance(1)
    expect(told.at(-1)).toBe(`orchard ended expired at +0:10:00.000`)
  })

  it('and something happens before the timer fires: the session has moved along, its deadline is journalled', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const { runtime, told, hibernate, happen } = run(host, stored)
    hibernate()
    host.advance(1_000)
    host.setWall(by)
    host.advance(100)
    happen(c1.submitted('m1'))
    host.settle()
    expect(told).toEqual([`clock set by ${by / 1000} s at +0:00:01.100`])
    expect(deadlineOf(runtime.account(romeo))).toBe(start + by + 600_000)
    expect(stored.entries.slice(-2)).toMatchObject([
      { event: { _tag: 'ClockStepped', by, at: start + by + 1_100 } },
      { event: { _tag: 'StanzaSubmitted' } },
    ])
    host.advance(598_899)
    expect(told).toHaveLength(1)
    host.advance(1)
    expect(told.at(-1)).toBe('orchard ended expired at +0:10:00.000')
  })

  it('in the middle of a turn: what comes next is told by its own time', () => {
    const host = createVirtualHost(start)
    const { runtime, told, happen } = run(host, createDisk())
    happen(c1.bound())
    happen(c1.enable())
    host.setWall(by)
    happen(c1.lost())
    host.settle()
    expect(told).toEqual([`clock set by ${by / 1000} s at +0:00:00.000`])
    expect(deadlineOf(runtime.account(romeo))).toBe(start + by + 600_000)
    host.advance(600_000)
    expect(told.at(-1)).toBe('orchard ended expired at +0:10:00.000')
  })

  it('between a step and its commit: the timer is due when it would have been', async () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const { told, hibernate } = run(host, stored)
    stored.disk.isSlow = true
    hibernate()
    host.setWall(by)
    host.advance(60_000)
    for (const done of stored.waiting.splice(0)) done()
    stored.disk.isSlow = false
    await new Promise(resolve => setImmediate(resolve))
    host.advance(539_999)
    expect(told).toEqual([])
    host.advance(1)
    expect(told.at(-1)).toBe('orchard ended expired at +0:10:00.000')
  })

  it('while the journal cannot be written: the next attempt comes as soon as it would have', async () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    let attempts = 0
    const journal: Journal<string> = {
      ...stored.journal,
      commit: () => {
        attempts += 1
        return Promise.reject(new Error('disk full'))
      },
    }
    const { hibernate } = run(host, { ...stored, journal })
    hibernate()
    await new Promise(resolve => setImmediate(resolve))
    host.setWall(by)
    host.advance(999)
    expect(attempts).toBe(1)
    host.advance(1)
    expect(attempts).toBe(2)
  })

  it('while <r/> is held back: that takes no longer', () => {
    const host = createVirtualHost(start)
    const { runtime, happen } = run(host, createDisk(), { config: { ...defaultConfig, maxUnackedStanzas: 0 } })
    for (const event of [c1.bound(), c1.enable(), c1.submitted('m1')]) happen(event)
    host.settle()
    host.setWall(by)
    happen(c1.submitted('m2'))
    expect(runtime.account(romeo).sessions).toMatchObject([{ request: { awaiting: false } }])
    host.advance(20)
    expect(runtime.account(romeo).sessions).toMatchObject([{ request: { awaiting: true } }])
  })

  it.each(['a kill', 'a stop'])('between %s and the next start: the rest of the deadline is left', async ending => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const first = run(host, stored)
    first.runtime.recover()
    first.hibernate()
    host.advance(150_000)
    if (ending === 'a stop') await first.runtime.stop()

    const later = reboot(host, { after: 30_000, set: by })
    const { runtime, told } = run(later, stored)
    runtime.recover()
    later.settle()
    // A heartbeat comes every 30 seconds, at 1, 3, 7, 15, 31, 61, 91, 121 seconds and so on.
    const rest = ending === 'a stop' ? 450_000 : 479_000
    expect(deadlineOf(runtime.account(romeo))).toBe(later.clock.now() + rest)
    later.advance(rest - 1)
    expect(told).toEqual([])
    later.advance(1)
    expect(told).toHaveLength(1)
  })

  it('between two starts that follow each other: neither is the time anew, nor is it over', () => {
    let host = createVirtualHost(start)
    const stored = createDisk()
    run(host, stored).hibernate()
    let left = 600_000
    for (let round = 0; round < 20; round += 1) {
      host = reboot(host, { after: 5_000, set: round % 2 === 0 ? by : -by })
      const { runtime } = run(host, stored)
      runtime.recover()
      host.advance(2_500)
      const deadline = deadlineOf(runtime.account(romeo)) ?? 0
      // A crash after 2.5 seconds gives back 1.5, since the last heartbeat came after one.
      const rest = deadline - host.clock.now() + 2_500
      expect(rest).toBe(left)
      left -= 1_000
    }
  })

  it('while nobody waits, and then the process is killed: who came meanwhile has the full time', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const first = run(host, stored)
    first.runtime.recover()
    host.advance(100_000)
    host.setWall(by)
    first.hibernate()
    host.advance(500)
    const later = reboot(host, { after: 1_000, set: 0 })
    const { runtime } = run(later, stored)
    runtime.recover()
    later.settle()
    expect(deadlineOf(runtime.account(romeo))).toBe(later.clock.now() + 600_000)
  })
})

describe('the wall clock', () => {
  it('that drifts by less than a second moves nothing', () => {
    const host = createVirtualHost(start)
    const { runtime, told, hibernate, happen } = run(host, createDisk())
    hibernate()
    host.setWall(999)
    happen(c1.submitted('m1'))
    expect(told).toEqual([])
    expect(deadlineOf(runtime.account(romeo))).toBe(start + 600_000)
    // Once it has come to more, it moves by all of it.
    host.setWall(1)
    host.settle()
    happen(c1.submitted('m2'))
    expect(told).toEqual(['clock set by 1 s at +0:00:00.000'])
    expect(deadlineOf(runtime.account(romeo))).toBe(start + 601_000)
  })

  it('may be told twice: each step is told once', () => {
    const host = createVirtualHost(start)
    const { told, hibernate, happen } = run(host, createDisk())
    hibernate()
    for (const by of [hour, hour, -3 * hour]) {
      host.setWall(by)
      happen(c1.submitted('m'))
      happen(c1.submitted('m'))
      host.settle()
    }
    expect(told.map(line => line.split(' at ')[0])).toEqual([
      'clock set by 3600 s',
      'clock set by 3600 s',
      'clock set by -10800 s',
    ])
  })

  it('is nothing that an event may be late by', () => {
    const host = createVirtualHost(start)
    const { runtime, told } = run(host, createDisk())
    runtime.dispatch(romeo, { ...c1.bound(), at: start - 10_000 })
    runtime.dispatch(romeo, { ...c1.enable(), at: start - 5_000 })
    runtime.dispatch(romeo, { ...c1.lost(), at: start })
    expect(told).toEqual([])
  })
})

describe('heartbeats', () => {
  const beats = (host: VirtualHost, stored: Disk, milliseconds: number) => {
    const seen: Array<number> = []
    for (let passed = 0; passed < milliseconds; passed += 500) {
      host.advance(500)
      const [record] = [...stored.records.values()]
      const at = Number(record?.text) - start
      if (seen.at(-1) !== at) seen.push(at)
    }
    return seen
  }

  it('come soon after the start and then every 30 seconds, while a session waits', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const { runtime, hibernate } = run(host, stored)
    runtime.recover()
    hibernate()
    expect(beats(host, stored, 130_000)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000])
  })

  it('do not come while nobody waits', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const { runtime } = run(host, stored)
    runtime.recover()
    runtime.dispatch(romeo, { ...c1.bound(), at: start })
    expect(beats(host, stored, 130_000)).toEqual([0])
  })

  it('that were never written leave every session its full time, as for what an earlier version journalled', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    run(host, stored).hibernate()
    expect(stored.records.size).toBe(0)
    const later = reboot(host, { after: 10_000_000, set: 0 })
    const { runtime } = run(later, stored)
    runtime.recover()
    later.settle()
    expect(deadlineOf(runtime.account(romeo))).toBe(later.clock.now() + 600_000)
    expect(stored.entries.at(-1)).toEqual({
      _tag: 'EventLogged',
      account: romeo,
      event: { _tag: 'ServerRestarted', at: later.clock.now() },
    })
  })

  it.each(['', 'yesterday', 'Infinity'])('that say %j are told, and count as none', text => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    run(host, stored).hibernate()
    stored.records.set('heartbeat\n\n', { account: '', name: '', text })
    const { runtime, told } = run(host, stored)
    runtime.recover()
    expect(told).toEqual([
      `reading the last heartbeat: Error: the record of the last heartbeat is ${JSON.stringify(text)}; a number is needed`,
    ])
    expect(deadlineOf(runtime.account(romeo))).toBe(start + 600_000)
  })

  it('are none where sessions do not outlive the process', () => {
    const host = createVirtualHost(start)
    const stored = createDisk()
    const { sessions: _, ...journal } = stored.journal
    const { runtime, hibernate, told } = run(host, { ...stored, journal })
    runtime.recover()
    hibernate()
    host.setWall(hour)
    host.advance(60_000)
    expect(stored.records.size).toBe(0)
    expect(told).toEqual([])
  })
})

it('a listener that fails does not keep the clock from being set', () => {
  const host = createVirtualHost(start)
  const { runtime, told, hibernate, happen } = run(host, createDisk(), {
    onClockStep: () => {
      throw new Error('deaf')
    },
  })
  hibernate()
  host.setWall(hour)
  happen(c1.submitted('m1'))
  expect(told).toEqual(['onClockStep: Error: deaf'])
  expect(deadlineOf(runtime.account(romeo))).toBe(start + hour + 600_000)
})

it('an account that nobody is bound to learns nothing of it', () => {
  const host = createVirtualHost(start)
  const stored = createDisk()
  const { runtime, happen } = run(host, stored)
  const lease = runtime.hold(romeo)
  happen(c1.bound())
  happen(c1.lost())
  host.settle()
  host.setWall(hour)
  happen(events('balcony', 'c2').bound(), 'juliet@example.org')
  host.settle()
  expect(runtime.account(romeo)).toEqual(emptyAccount)
  expect(stored.entries.some(entry => 'event' in entry && entry.event._tag === 'ClockStepped')).toBe(false)
  lease.release()
})
