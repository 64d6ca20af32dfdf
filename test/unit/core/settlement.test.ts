/** What ended sessions leave in storage, page by page, where others come between, and what is said of it. */
import {
  type Account,
  type Config,
  defaultConfig,
  describeAccount,
  describeEffect,
  describeEvent,
  type Effect,
  type Event,
  emptyAccount,
  fromArray,
  isBehindSettlements,
  isVacant,
  load,
  loadFor,
  nextToSettle,
  positionAt,
  type Session,
  type StanzaFacts,
  spilledPositions,
  step,
  type Unacked,
  unload,
} from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, type Happening, sm3 } from '../../spec/driver.js'

const config: Config = { ...defaultConfig, requestHold: 0, queueStorage: true, maxQueueSize: 2 }

/** An account with its storage, and pages that are settled when told. */
const world = (options: Partial<Config> = {}) => {
  const all = { ...config, ...options }
  const rows = new Map<string, Unacked<string>>()
  let account: Account<string> = emptyAccount
  let now = 1_000
  const read = (resource: string, from: number, count: number): ReadonlyArray<Unacked<string>> =>
    Array.from({ length: count }, (_, index) => {
      const row = rows.get(`${resource} ${from + index}`)
      if (row === undefined) throw new Error(`nothing lies at ${resource} ${from + index}`)
      return row
    })
  const make = (event: Event<string>): ReadonlyArray<Effect<string>> => {
    const [after, effects] = step(all)(loadFor(all, account, event, read), event)
    account = unload(after)
    for (const effect of effects) {
      if (effect._tag === 'KeepUnacked')
        effect.unacked.forEach((one, index) => {
          rows.set(`${effect.resource} ${effect.from + index}`, one)
        })
      if (effect._tag === 'ForgetKept')
        for (let index = 0; index < effect.count; index += 1)
          if (!rows.delete(`${effect.resource} ${effect.from + index}`))
            throw new Error(`nothing lies at ${effect.resource} ${effect.from + index}`)
    }
    return effects
  }
  const happen = (happening: Happening): ReadonlyArray<Effect<string>> => {
    now += 1
    return make({ ...happening, at: now } as Event<string>)
  }
  const page = (count = 1): ReadonlyArray<Effect<string>> => {
    let taken = 0
    const hasRoom = (): boolean => {
      taken += 1
      return taken <= count
    }
    const next = nextToSettle(account, now, hasRoom, read)
    return next === undefined ? [] : make(next)
  }
  return {
    rows,
    happen,
    page,
    at: (time: number): void => {
      now = time
    },
    account: () => account,
    begin: (resource: string) => {
      const where = { resource, connection: `to ${resource}` }
      happen({ _tag: 'SessionBound', ...where })
      happen({ _tag: 'EnableReceived', ...where, version: sm3, resume: true, freshId: `SM-ID of ${resource}` })
    },
    lose: (resource: string) => happen({ _tag: 'ConnectionLost', resource, connection: `to ${resource}` }),
    close: (resource: string) => happen({ _tag: 'CloseRequested', resource }),
    submit: (resource: string, ...stanzas: ReadonlyArray<string>) => {
      for (const stanza of stanzas) happen({ _tag: 'StanzaSubmitted', resource, stanza, facts: chat(stanza) })
    },
    share: (stanza: string, ...resources: ReadonlyArray<string>) =>
      happen({
        _tag: 'MessageSubmitted',
        recipients: resources.map(resource => ({ resource, stanza, facts: chat(stanza) })),
      }),
  }
}

const dispositions = (effects: ReadonlyArray<Effect<string>>): ReadonlyArray<string> =>
  effects.flatMap(effect =>
    effect._tag === 'StoreOffline' || effect._tag === 'ReturnToSender' || effect._tag === 'Redeliver'
      ? [`${effect._tag} ${effect.stanza}`]
      : effect._tag === 'Discard'
        ? [`${effect._tag} ${effect.stanza} (${effect.reason})`]
        : [],
  )

describe('an end', () => {
  test('settles nothing itself of what is in storage, and a page as much as there is room for, but one in any case', () => {
    const server = world()
    server.begin('phone')
    server.lose('phone')
    server.submit('phone', 'm1', 'm2', 'm3', 'm4')
    expect(dispositions(server.close('phone'))).toEqual([])
    expect(server.account().sessions).toEqual([])
    expect(isVacant(server.account())).toBe(false)
    expect(dispositions(server.page(2))).toEqual(['StoreOffline m1', 'StoreOffline m2'])
    expect([...server.rows.keys()]).toEqual(['phone 3', 'phone 4'])
    expect(dispositions(server.page(0))).toEqual(['StoreOffline m3'])
    expect(dispositions(server.page(2))).toEqual(['StoreOffline m4'])
    expect(server.account()).toEqual({ sessions: [], oldSessions: [] })
    expect(isVacant(server.account())).toBe(true)
    expect(server.page()).toEqual([])
  })

  test('settles all itself where all is in memory', () => {
    const server = world()
    server.begin('phone')
    server.submit('phone', 'm1', 'm2')
    expect(dispositions(server.close('phone'))).toEqual(['StoreOffline m1', 'StoreOffline m2'])
    expect(server.account()).not.toHaveProperty('settlements')
  })

  test('of a connected session leaves what is in memory behind what is in storage', () => {
    const server = world()
    server.begin('phone')
    server.submit('phone', 'm1', 'm2', 'm3')
    expect(dispositions(server.close('phone'))).toEqual([])
    expect([dispositions(server.page(2)), dispositions(server.page(2))]).toEqual([
      ['StoreOffline m1', 'StoreOffline m2'],
      ['StoreOffline m3'],
    ])
  })

  test('leaves what was not acked by the last word of a peer', () => {
    const server = world({ s2sResend: true })
    const where = { resource: 'phone', connection: 'c1' }
    server.happen({ _tag: 'SessionBound', ...where })
    server.happen({ _tag: 'EnableRequested', ...where, version: sm3, resume: true })
    server.happen({ _tag: 'EnabledReceived', ...where, resume: true, id: 'sm-1' })
    server.submit('phone', 'm1', 'm2', 'm3')
    server.happen({ _tag: 'ConnectionLost', ...where })
    server.happen({ _tag: 'ResumeRequested', resource: 'phone', connection: 'c2' })
    const failed = server.happen({
      _tag: 'FailedReceived',
      resource: 'phone',
      connection: 'c2',
      condition: 'item-not-found',
      h: 1,
    })
    expect(failed.at(-1)).toEqual({ _tag: 'ForgetKept', resource: 'phone', from: 1, count: 1 })
    expect(dispositions(server.page(9))).toEqual(['Redeliver m2', 'Redeliver m3'])
    expect(server.rows.size).toBe(0)
  })

  test('of several sessions at once settles them in the order of time, and what came in one millisecond together', () => {
    const server = world()
    server.begin('phone')
    server.begin('desktop')
    server.lose('phone')
    server.lose('desktop')
    const submitted = (resource: string, stanza: string, at: number): void => {
      server.at(at - 1)
      server.submit(resource, stanza)
    }
    submitted('phone', 'p1', 2_000)
    submitted('desktop', 'd1', 2_001)
    submitted('phone', 'p2', 2_002)
    submitted('desktop', 'd2', 2_002)
    server.happen({ _tag: 'ServerStopping' })
    expect(server.account().settlements).toMatchObject([{ isLast: true, ended: [{}, {}] }])
    expect(dispositions(server.page(2))).toEqual(['StoreOffline p1', 'StoreOffline d1'])
    expect(dispositions(server.page(1))).toEqual(['StoreOffline p2', 'StoreOffline d2'])
    expect(server.rows.size).toBe(0)
  })

  test('that comes while another is being settled is settled behind it, also where all of it is in memory', () => {
    const server = world()
    server.begin('desktop')
    server.submit('desktop', 'd1')
    server.begin('phone')
    server.lose('phone')
    server.submit('phone', 'm1', 'm2')
    server.close('phone')
    expect(dispositions(server.close('desktop'))).toEqual([])
    expect(dispositions(server.page(9))).toEqual(['ReturnToSender m1', 'ReturnToSender m2'])
    expect(dispositions(server.page(9))).toEqual(['StoreOffline d1'])
    server.begin('tablet')
    server.begin('desktop')
    server.submit('desktop', 'd1', 'd2', 'd3')
    server.close('desktop')
    // One that leaves nothing leaves nothing to settle.
    server.close('tablet')
    expect(server.account().settlements).toHaveLength(1)
  })
})

describe('a message that several sessions were given', () => {
  test('is settled by one of them, if they end together in pages', () => {
    const server = world()
    server.begin('phone')
    server.begin('desktop')
    server.lose('phone')
    server.lose('desktop')
    server.share('m1', 'phone', 'desktop')
    server.happen({ _tag: 'ServerStopping' })
    expect(dispositions(server.page(1))).toEqual(['StoreOffline m1', 'Discard m1 (held)'])
    expect(server.account()).not.toHaveProperty('lastAcks')
  })

  test('is settled by the one that ended first and holds it yet, if the other ends meanwhile', () => {
    const server = world()
    server.begin('phone')
    server.begin('desktop')
    server.lose('phone')
    server.submit('phone', 'm0')
    server.share('m1', 'phone', 'desktop')
    server.close('phone')
    server.close('desktop')
    const settled = [server.page(1), server.page(1), server.page(1)].map(dispositions)
    expect(settled).toEqual([['ReturnToSender m0'], ['Discard m1 (held)'], ['StoreOffline m1']])
  })

  test('is settled by the other one, if the first is behind it', () => {
    const server = world()
    server.begin('phone')
    server.begin('desktop')
    server.lose('phone')
    server.lose('desktop')
    server.share('m1', 'phone', 'desktop')
    server.submit('phone', 'm2')
    server.close('phone')
    expect(dispositions(server.page(1))).toEqual(['Discard m1 (held)'])
    server.close('desktop')
    expect([server.page(1), server.page(1)].map(dispositions)).toEqual([['ReturnToSender m2'], ['StoreOffline m1']])
  })

  test('is delivered where an ended session had acked it', () => {
    const server = world()
    server.begin('phone')
    server.begin('desktop')
    server.share('m1', 'phone', 'desktop')
    server.happen({ _tag: 'AckReceived', resource: 'phone', connection: 'to phone', version: sm3, h: 1 })
    server.submit('phone', 'm2', 'm3', 'm4')
    server.close('phone')
    server.close('desktop')
    server.page(9)
    expect(dispositions(server.page(9))).toEqual(['Discard m1 (delivered)'])
  })

  test('has a holder with a name of its own after one that is not settled', () => {
    const server = world()
    for (const resource of ['phone', 'desktop', 'tablet']) server.begin(resource)
    server.lose('phone')
    server.share('m1', 'phone', 'desktop')
    server.happen({ _tag: 'AckReceived', resource: 'desktop', connection: 'to desktop', version: sm3, h: 1 })
    server.close('phone')
    server.share('m2', 'desktop', 'tablet')
    const serials = server.account().sessions.map(session => ('outbound' in session ? session.outbound.serial : 0))
    expect(serials).toEqual([2, 3])
  })

  test('was given to one that counted nothing, which has nothing to settle', () => {
    const server = world()
    server.begin('phone')
    server.happen({ _tag: 'SessionBound', resource: 'old', connection: 'to old' })
    server.lose('phone')
    server.share('m1', 'phone', 'old')
    server.happen({ _tag: 'ServerStopping' })
    expect(server.account().settlements).toMatchObject([{ ended: [{}, { session: { _tag: 'Unmanaged' } }] }])
    expect(describeAccount(server.account())).toBe(
      'no session; 1 stanza of phone, which ended, to be settled; 1 old session: SM-ID of phone with h=0',
    )
    expect(dispositions(server.page())).toEqual(['Discard m1 (delivered)'])
  })
})

describe('what comes while a session is being settled', () => {
  const settling = () => {
    const server = world()
    server.begin('desktop')
    server.begin('phone')
    server.lose('phone')
    server.submit('phone', 'm1', 'm2')
    server.close('phone')
    return server
  }
  const submitted = (resource: string): Event<string> => ({
    _tag: 'StanzaSubmitted',
    at: 0,
    resource,
    stanza: 'm',
    facts: chat('m'),
  })
  const shared = (resource: string): Event<string> => ({
    _tag: 'MessageSubmitted',
    at: 0,
    recipients: [{ resource, stanza: 'm', facts: chat('m') }],
  })
  const where = { at: 0, resource: 'phone', connection: 'new' }

  test.each<[string, boolean, Event<string>]>([
    ['a stanza for it', true, submitted('phone')],
    ['a stanza for another', false, submitted('desktop')],
    ['a message for it', true, shared('phone')],
    ['a message for another', false, shared('desktop')],
    ['a binding', true, { _tag: 'SessionBound', ...where, resource: 'tablet' }],
    ['stream management of the same name', true, { _tag: 'EnableRequested', ...where, version: sm3, resume: true }],
    [
      'stream management that the client wants',
      true,
      { _tag: 'EnableReceived', ...where, version: sm3, resume: true, freshId: 'new' },
    ],
    ['a restart', false, { _tag: 'ServerRestarted', at: 0 }],
  ])('%s comes behind it: %s', (_, expected, event) => {
    expect(isBehindSettlements(settling().account(), event)).toBe(expected)
    expect(isBehindSettlements(emptyAccount, event)).toBe(false)
  })

  test('goes on with the other sessions as ever', () => {
    const server = settling()
    server.submit('desktop', 'd1')
    expect(server.account().settlements).toHaveLength(1)
    expect(server.account().sessions).toMatchObject([{ resource: 'desktop', outbound: { unacked: { length: 1 } } }])
  })

  test('lies in storage behind it, if the same waits for a connection anew', () => {
    const server = world({ s2sResend: true })
    const wanted: Happening = { _tag: 'ConnectionWanted', resource: 'out' }
    server.happen(wanted)
    server.submit('out', 'm1', 'm2', 'm3')
    server.happen({ _tag: 'ConnectionFailed', resource: 'out', condition: 'remote-server-timeout' })
    server.happen(wanted)
    server.submit('out', 'm4', 'm5', 'm6')
    const [session] = server.account().sessions
    if (session?._tag !== 'Connecting') throw new Error('it does not wait')
    expect(spilledPositions(session.outbound)).toEqual([{ from: 4, count: 2 }])
    expect(positionAt(session.outbound, 0)).toBe(4)
    expect(dispositions(server.page(9))).toEqual(['ReturnToSender m1', 'ReturnToSender m2', 'ReturnToSender m3'])
    expect([...server.rows.values()].map(({ stanza }) => stanza)).toEqual(['m4', 'm5'])
  })

  test('begins anew where the one before counted nothing', () => {
    const unmanaged: Session<string> = { _tag: 'Unmanaged', resource: 'out', connection: 'c1' }
    const account: Account<string> = {
      ...emptyAccount,
      settlements: [{ isLast: true, ended: [{ session: unmanaged, reason: 'lost', settled: 0 }] }],
    }
    const [after] = step(config)(account, { _tag: 'ConnectionWanted', at: 0, resource: 'out' })
    expect(after.sessions).toMatchObject([{ outbound: { layout: { skipped: 0 } } }])
  })
})

describe('a page', () => {
  test('of nothing, or of what is not there, is void', () => {
    const server = world()
    const queues = [{ resource: 'phone', count: 1 }]
    expect(step(config)(emptyAccount, { _tag: 'QueueSettled', at: 0, queues }).slice(0, 2)).toEqual([emptyAccount, []])
    expect(loadFor(config, emptyAccount, { _tag: 'QueueSettled', at: 0, queues }, () => [])).toBe(emptyAccount)
    server.begin('phone')
    server.lose('phone')
    server.submit('phone', 'm1')
    server.close('phone')
    const account = server.account()
    for (const other of [[], [{ resource: 'nobody', count: 1 }], [{ resource: 'phone', count: 0 }]])
      expect(step(config)(account, { _tag: 'QueueSettled', at: 0, queues: other }).slice(0, 2)).toEqual([account, []])
    expect(load(account, () => [])).toBe(account)
  })

  test('is told in one line', () => {
    const settled = (...queues: ReadonlyArray<{ resource: string; count: number }>): string =>
      describeEvent({ _tag: 'QueueSettled', at: 0, queues })
    expect(settled({ resource: 'phone', count: 1 })).toBe('of what ended, 1 stanza of phone is settled')
    expect(settled({ resource: 'phone', count: 2 })).toBe('of what ended, 2 stanzas of phone are settled')
    expect(settled({ resource: 'phone', count: 1 }, { resource: 'desktop', count: 2 })).toBe(
      'of what ended, 1 stanza of phone and 2 stanzas of desktop are settled',
    )
  })
})

test('a notice tells of what is in memory, and how much lies in storage', () => {
  const server = world()
  server.begin('phone')
  server.submit('phone', 'm1', 'm2', 'm3')
  const notices = server.lose('phone').flatMap(effect => (effect._tag === 'Notify' ? [effect] : []))
  expect(notices).toMatchObject([{ notice: { _tag: 'HibernationStarted', unacked: [{ stanza: 'm3' }], inStorage: 2 } }])
  expect(notices.map(effect => describeEffect(effect))).toEqual([
    'tell of phone: hibernating until 1970-01-01T00:10:01.006Z, 1 unacked: message m3 to juliet@example.org/phone, behind 2 in storage',
  ])
})

test('an answered iq is not returned, whichever page it is on', () => {
  const server = world()
  const facts: StanzaFacts = { name: 'iq', type: 'get', id: 'i1', from: 'juliet@example.org/balcony' }
  server.begin('phone')
  server.submit('phone', 'm1')
  server.happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza: 'i1', facts })
  server.happen({ _tag: 'IqAnswered', resource: 'phone', id: 'i1', to: 'juliet@example.org/balcony' })
  server.submit('phone', 'm2')
  server.close('phone')
  expect([server.page(1), server.page(1)].map(dispositions)).toEqual([['StoreOffline m1'], ['Discard i1 (answered)']])
})

test('what is loaded for a page is unloaded after it, also where nothing came of it', () => {
  const queue = { ...fromArray<Unacked<string>>([]), length: 1, unloaded: 1 }
  const page = { index: 0, values: [{ stanza: 'm1', facts: chat('m1'), at: 0 }] }
  const server = world()
  server.begin('phone')
  const [session] = server.account().sessions
  if (session?._tag !== 'Active') throw new Error('it is not active')
  const ended = { session: { ...session, outbound: { ...session.outbound, spilled: 1, unacked: { ...queue, page } } } }
  const account: Account<string> = {
    ...emptyAccount,
    settlements: [{ isLast: true, ended: [{ ...ended, reason: 'closed', settled: 0 }] }],
  }
  expect(unload(account)).toMatchObject({ settlements: [{ ended: [{ session: { outbound: { unacked: queue } } }] }] })
  expect(JSON.stringify(unload(account))).not.toContain('page')
})
