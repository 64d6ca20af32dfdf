/** What is kept in storage of a session, step by step, with the storage that a loop would have. */
import {
  type Account,
  advance,
  type Config,
  defaultConfig,
  type Effect,
  type Event,
  emptyAccount,
  load,
  loadFor,
  needsWhole,
  nextToSettle,
  step,
  toArray,
  type Unacked,
  unload,
} from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, deepFreeze, type Happening, sm3 } from '../../spec/driver.js'

/** An account whose unacked stanzas lie in rows, driven as the loop drives it. */
const stored = (options: Partial<Config> = {}, start: Account<string> = emptyAccount) => {
  let config: Config = { ...defaultConfig, requestHold: 0, queueStorage: true, ...options }
  const rows = new Map<string, Unacked<string>>()
  const reads: Array<string> = []
  let account = deepFreeze(start)
  let now = 1_000_000
  const read = (resource: string, from: number, count: number): ReadonlyArray<Unacked<string>> => {
    reads.push(`${resource} ${from}+${count}`)
    return Array.from({ length: count }, (_, index) => {
      const row = rows.get(`${resource} ${advance(from, index)}`)
      if (row === undefined) throw new Error(`${resource} ${advance(from, index)} is not in storage`)
      return row
    })
  }
  const store = (effect: Effect<string>): void => {
    if (effect._tag === 'KeepUnacked')
      effect.unacked.forEach((one, index) => {
        rows.set(`${effect.resource} ${advance(effect.from, index)}`, one)
      })
    if (effect._tag === 'ForgetKept')
      for (let index = 0; index < effect.count; index += 1)
        if (!rows.delete(`${effect.resource} ${advance(effect.from, index)}`))
          throw new Error(`${effect.resource} ${advance(effect.from, index)} was not in storage`)
  }
  const happen = (happening: Happening): ReadonlyArray<Effect<string>> => {
    now += 1
    const event = deepFreeze({ ...happening, at: now } as Event<string>)
    return [...makeStep(event), ...settle()]
  }
  const makeStep = (event: Event<string>): ReadonlyArray<Effect<string>> => {
    const whole = deepFreeze(loadFor(config, account, event, read))
    const [after, effects] = step(config)(whole, event)
    if (event._tag === 'ConfigChanged') config = event.config
    account = deepFreeze(unload(after))
    effects.forEach(store)
    return effects
  }
  /** What ended sessions leave, two stanzas at a time. */
  const settle = (): ReadonlyArray<Effect<string>> => {
    let count = 0
    const hasRoom = (): boolean => {
      count += 1
      return count <= 2
    }
    const next = nextToSettle(account, now, hasRoom, read)
    return next === undefined ? [] : [...makeStep(deepFreeze(next)), ...settle()]
  }
  return {
    rows: () => [...rows].map(([key, { stanza }]) => `${key}: ${stanza}`),
    reads,
    happen,
    account: () => account,
    needsWhole: (happening: Happening) => needsWhole(config, account, { ...happening, at: now } as Event<string>),
    begin: (resource = 'phone') => {
      const where = { resource, connection: `to ${resource}` }
      happen({ _tag: 'SessionBound', ...where })
      happen({ _tag: 'EnableReceived', ...where, version: sm3, resume: true, freshId: `SM-ID of ${resource}` })
    },
    submit: (...stanzas: ReadonlyArray<string>) => {
      for (const stanza of stanzas) happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza, facts: chat(stanza) })
    },
    lose: () => happen({ _tag: 'ConnectionLost', resource: 'phone', connection: 'to phone' }),
    ack: (h: number) => happen({ _tag: 'AckReceived', resource: 'phone', connection: 'to phone', version: sm3, h }),
    resume: (h: number, previd = 'SM-ID of phone') =>
      happen({ _tag: 'ResumeReceived', connection: 'new', version: sm3, previd, h }),
    /** How many stanzas wait, how many of them in storage, and which are in memory. */
    queue: () => {
      const session = account.sessions.find(({ resource }) => resource === 'phone')
      if (session === undefined || !('outbound' in session)) throw new Error('the phone has no queue')
      const { unacked, spilled } = session.outbound
      expect(unacked.unloaded).toBe(spilled)
      return { length: unacked.length, spilled, here: toArray(unacked).map(({ stanza }) => stanza) }
    },
  }
}

const phone = { resource: 'phone', connection: 'to phone' }
const sentAgain = (effects: ReadonlyArray<Effect<string>>): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'SendStanza' ? [effect.stanza] : []))

describe('a connected session', () => {
  test('has all in memory up to its share', () => {
    const server = stored({ maxQueueSize: 4 })
    server.begin()
    server.submit('m1', 'm2', 'm3', 'm4')
    expect(server.queue()).toEqual({ length: 4, spilled: 0, here: ['m1', 'm2', 'm3', 'm4'] })
    expect(server.rows()).toEqual([])
  })

  test('that has more keeps all but half of its share, under the numbers on the wire', () => {
    const server = stored({ maxQueueSize: 4 })
    server.begin()
    server.submit('m1', 'm2', 'm3', 'm4', 'm5')
    expect(server.queue()).toEqual({ length: 5, spilled: 3, here: ['m4', 'm5'] })
    expect(server.rows()).toEqual(['phone 1: m1', 'phone 2: m2', 'phone 3: m3'])
    server.submit('m6', 'm7')
    expect(server.queue()).toMatchObject({ length: 7, spilled: 3 })
    server.submit('m8')
    expect(server.queue()).toEqual({ length: 8, spilled: 6, here: ['m7', 'm8'] })
    expect(server.rows().slice(3)).toEqual(['phone 4: m4', 'phone 5: m5', 'phone 6: m6'])
  })

  test('forgets what is acked of what it keeps, and reads none of it for that', () => {
    const server = stored({ maxQueueSize: 4 })
    server.begin()
    server.submit('m1', 'm2', 'm3', 'm4', 'm5')
    server.ack(2)
    expect(server.rows()).toEqual(['phone 3: m3'])
    server.ack(4)
    expect(server.rows()).toEqual([])
    expect(server.queue()).toEqual({ length: 1, spilled: 0, here: ['m5'] })
    expect(server.reads).toEqual([])
  })

  test('keeps across 2^32 what the wire counts across it', () => {
    const before = stored({ maxQueueSize: 2 })
    before.begin()
    const start = {
      ...before.account(),
      sessions: before
        .account()
        .sessions.map(session =>
          'outbound' in session ? { ...session, outbound: { ...session.outbound, acked: 2 ** 32 - 3 } } : session,
        ),
    }
    const server = stored({ maxQueueSize: 2 }, start)
    server.submit('m1', 'm2', 'm3', 'm4', 'm5')
    expect(server.rows()).toEqual([
      `phone ${2 ** 32 - 2}: m1`,
      `phone ${2 ** 32 - 1}: m2`,
      'phone 0: m3',
      'phone 1: m4',
    ])
    server.ack(0)
    expect(server.rows()).toEqual(['phone 1: m4'])
  })
})

describe('a session that hibernates', () => {
  test('keeps all, also what comes meanwhile, and has nothing in memory', () => {
    const server = stored()
    server.begin()
    server.submit('m1', 'm2')
    server.lose()
    server.submit('m3')
    expect(server.queue()).toEqual({ length: 3, spilled: 3, here: [] })
    expect(server.rows()).toEqual(['phone 1: m1', 'phone 2: m2', 'phone 3: m3'])
    expect(server.reads).toEqual([])
  })

  test('sends what was not handled again in order when it is resumed, and forgets what was', () => {
    const server = stored()
    server.begin()
    server.submit('m1', 'm2', 'm3')
    server.lose()
    const effects = server.resume(1)
    expect(server.reads).toEqual(['phone 2+2'])
    expect(sentAgain(effects)).toEqual(['m2', 'm3'])
    expect(server.rows()).toEqual(['phone 2: m2', 'phone 3: m3'])
    expect(server.queue()).toEqual({ length: 2, spilled: 2, here: [] })
  })

  test('settles what it keeps when its time is over, and keeps no more', () => {
    const server = stored()
    server.begin()
    server.submit('m1', 'm2')
    server.lose()
    const [session] = server.account().sessions
    const due = session?._tag === 'Hibernating' ? session.deadlines.hibernation : undefined
    if (due === undefined) throw new Error('nothing ends its hibernation')
    const effects = server.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due })
    expect(effects.flatMap(one => (one._tag === 'StoreOffline' ? [one.stanza] : []))).toEqual(['m1', 'm2'])
    expect(effects.at(-1)).toEqual({ _tag: 'ForgetKept', resource: 'phone', from: 1, count: 2 })
    expect(server.account()).not.toHaveProperty('settlements')
    expect(server.rows()).toEqual([])
  })

  test('is forgotten with what it keeps when another is bound in its place, and that one begins with nothing', () => {
    const server = stored()
    server.begin()
    server.submit('m1', 'm2')
    server.lose()
    server.happen({ _tag: 'SessionBound', resource: 'phone', connection: 'to another phone' })
    expect(server.rows()).toEqual([])
    expect(server.account().sessions).toMatchObject([{ _tag: 'Unmanaged', connection: 'to another phone' }])
  })

  test('goes on hibernating after a restart, and nothing of it is read for that', () => {
    const server = stored()
    server.begin()
    server.submit('m1')
    server.lose()
    server.happen({ _tag: 'ServerRestarted' })
    expect(server.queue()).toMatchObject({ length: 1, spilled: 1 })
    expect([server.rows(), server.reads]).toEqual([['phone 1: m1'], []])
  })
})

test('a session that was connected keeps all of it after a restart', () => {
  const server = stored({ maxQueueSize: 2 })
  server.begin()
  server.submit('m1', 'm2', 'm3')
  server.happen({ _tag: 'ServerRestarted' })
  expect(server.reads).toEqual([])
  expect(server.rows()).toEqual(['phone 1: m1', 'phone 2: m2', 'phone 3: m3'])
  expect(server.queue()).toEqual({ length: 3, spilled: 3, here: [] })
})

test('other sessions of the account are what they were, whether they keep anything or not', () => {
  const server = stored({ maxQueueSize: 1 })
  server.happen({ _tag: 'SessionBound', resource: 'tablet', connection: 'to tablet' })
  server.begin('desktop')
  server.begin()
  const others = () => server.account().sessions.filter(({ resource }) => resource !== 'phone')
  const before = others()
  server.submit('m1', 'm2', 'm3')
  server.lose()
  server.resume(3)
  expect(server.rows()).toEqual([])
  expect(others()).toEqual(before)
  expect(others().map((session, index) => session === before[index])).toEqual([true, true])
})

describe('no step needs all that is kept', () => {
  const keeping = () => {
    const server = stored({ maxQueueSize: 2, queueCeiling: 4 })
    server.begin()
    server.submit('m1', 'm2', 'm3')
    return server
  }
  const acked = (h: number): Happening => ({ _tag: 'AckReceived', ...phone, version: sm3, h })
  const submitted: Happening = { _tag: 'StanzaSubmitted', resource: 'phone', stanza: 'm', facts: chat('m') }

  test.each<[string, Happening]>([
    ['not an ack of too many, though the session ends', acked(4)],
    ['not an ack that goes backwards', acked(2 ** 32 - 1)],
    ['not the end of the stream', { _tag: 'StreamClosed', ...phone }],
    ['not the end of the process', { _tag: 'ServerStopping' }],
    ['not a restart', { _tag: 'ServerRestarted' }],
    ['not one that binds the resource anew', { _tag: 'SessionBound', resource: 'phone', connection: 'new' }],
    ['not new options', { _tag: 'ConfigChanged', config: { ...defaultConfig, queueStorage: true } }],
  ])('%s', (_, event) => expect(keeping().needsWhole(event)).toBe(false))

  test('not the stanza that is one too many', () => {
    const server = keeping()
    server.submit('m4')
    expect(server.needsWhole(submitted)).toBe(false)
  })

  test('but options that keep nothing in storage', () => {
    const event: Happening = { _tag: 'ConfigChanged', config: defaultConfig }
    expect(keeping().needsWhole(event)).toBe(true)
    expect(stored().needsWhole(event)).toBe(false)
  })

  test('and what was waiting for a first connection that is there now', () => {
    const client = stored({ maxQueueSize: 2 })
    client.happen({ _tag: 'ConnectionWanted', resource: 'phone' })
    client.submit('m1', 'm2')
    const bound: Happening = { _tag: 'SessionBound', ...phone }
    expect(client.needsWhole(bound)).toBe(false)
    client.submit('m3')
    expect(client.needsWhole(bound)).toBe(true)
    expect(client.needsWhole({ _tag: 'EnableRequested', ...phone, version: sm3, resume: true })).toBe(true)
    expect(sentAgain(client.happen(bound))).toEqual(['m1', 'm2', 'm3'])
    expect(client.rows()).toEqual([])
  })
})

test('an account of which nothing is spilled is whole, and none of it has to be let go', () => {
  const server = stored()
  server.happen({ _tag: 'SessionBound', resource: 'tablet', connection: 'to tablet' })
  server.begin()
  server.submit('m1')
  const account = server.account()
  expect(load(account, () => expect.fail('nothing is to be read'))).toBe(account)
  expect(unload(account)).toBe(account)
})

test('a page is read of the session that resumes, and of no other; what is in memory is not read', () => {
  const server = stored({ maxQueueSize: 4 })
  server.begin('desktop')
  server.happen({ _tag: 'ConnectionLost', resource: 'desktop', connection: 'to desktop' })
  server.begin()
  server.happen({ _tag: 'StanzaSubmitted', resource: 'desktop', stanza: 'd1', facts: chat('d1') })
  server.submit('m1', 'm2', 'm3')
  const resumed = { _tag: 'ResumeReceived', version: sm3, previd: 'SM-ID of phone', h: 0, room: 2 } as const
  expect(sentAgain(server.happen({ ...resumed, connection: 'new' }))).toEqual(['m1', 'm2'])
  expect(server.reads).toEqual([])
  server.happen({ _tag: 'ConnectionLost', resource: 'phone', connection: 'new' })
  server.reads.length = 0
  expect(sentAgain(server.happen({ ...resumed, connection: 'newer' }))).toEqual(['m1', 'm2'])
  expect(server.reads).toEqual(['phone 1+2'])
})

test('where options change, what is kept around superseded presence goes and comes by its positions', () => {
  const server = stored()
  const facts = { name: 'presence', type: 'available', state: true, from: 'a@b/c', to: 'd@e' } as const
  const presence = (stanza: string) => server.happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza, facts })
  const change = (options: Partial<Config>) =>
    server
      .happen({ _tag: 'ConfigChanged', config: { ...defaultConfig, ...options } })
      .flatMap(effect => (effect._tag === 'ForgetKept' ? [`${effect.from}+${effect.count}`] : []))
  server.begin()
  server.lose()
  server.submit('m1')
  presence('p1')
  server.submit('m2')
  presence('p2')
  const kept = ['phone 1: m1', 'phone 3: m2', 'phone 4: p2']
  expect(server.rows()).toEqual(kept)
  expect(change({ queueStorage: false })).toEqual(['1+1', '3+2'])
  expect(server.rows()).toEqual([])
  expect(change({ queueStorage: true })).toEqual([])
  expect(server.rows()).toEqual(kept)
  expect(change({ queueStorage: true, queueCeiling: 3 })).toEqual([])
  expect(sentAgain(server.resume(0))).toEqual(['m1', 'm2', 'p2'])
  server.happen({ _tag: 'ConnectionLost', resource: 'phone', connection: 'new' })
  expect(change({ queueStorage: true, queueCeiling: 2 })).toEqual(['1+1', '3+1', '4+1'])
  expect(server.account().sessions).toEqual([])
  expect(server.rows()).toEqual([])
})

test('where events of an earlier reducer are folded, a resumption may cover what was never sent, presence included', () => {
  const server = stored({ acksCoverSentOnly: false })
  server.begin()
  server.lose()
  server.submit('m1')
  const facts = { name: 'presence', type: 'available', state: true, from: 'a@b/c', to: 'd@e' } as const
  server.happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza: 'p1', facts })
  server.submit('m2')
  expect(sentAgain(server.resume(2))).toEqual(['m2'])
  expect(server.account().sessions).toMatchObject([{ outbound: { unsent: { count: 0, presences: [] } }, unwritten: 0 }])
})

test('a resumption of ours that is answered rightly needs a page, and one that is not ends the session and needs nothing', () => {
  const resuming = () => {
    const client = stored()
    const where = { resource: 'phone', connection: 'c1' }
    client.happen({ _tag: 'SessionBound', ...where })
    client.happen({ _tag: 'EnableRequested', ...where, version: sm3, resume: true })
    client.happen({ _tag: 'EnabledReceived', ...where, resume: true, id: 'sm-1' })
    client.submit('m1', 'm2', 'm3')
    client.happen({ _tag: 'ConnectionLost', ...where })
    client.happen({ _tag: 'ResumeRequested', resource: 'phone', connection: 'c2' })
    return client
  }
  const resumed = { _tag: 'ResumedReceived', resource: 'phone', connection: 'c2', previd: 'sm-1', h: 0 } as const
  const returned = (effects: ReadonlyArray<Effect<string>>): ReadonlyArray<string> =>
    effects.flatMap(effect => (effect._tag === 'ReturnToSender' ? [effect.stanza] : []))
  for (const event of [resumed, { ...resumed, previd: 'another' }, { ...resumed, h: 4 }])
    expect(resuming().needsWhole(event)).toBe(false)
  expect(returned(resuming().happen({ ...resumed, previd: 'another' }))).toEqual(['m1', 'm2', 'm3'])
  expect(returned(resuming().happen({ ...resumed, h: 4 }))).toEqual(['m1', 'm2', 'm3'])
  expect(sentAgain(resuming().happen({ ...resumed, h: 1 }))).toEqual(['m2', 'm3'])
})
