/** Which entries the steps of a session make. What lines see of it is in `integration/session-log.test.ts`. */
import { Stanza } from '@smacks/codec'
import {
  type Account,
  type Config,
  defaultConfig,
  type Event,
  emptyAccount,
  type StreamError,
  step,
} from '@smacks/core'
import type { StepMade, Transport } from '@smacks/runtime'
import { createSessionLog, entriesOf, mayTell } from '@smacks/session-log'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../../apps/server/src/log.js'

const version = 'urn:xmpp:sm:3'
const at = Date.UTC(2026, 0, 1)
const phone = { at, resource: 'phone', connection: 'c1' }
const facts = { name: 'message', type: 'chat', from: 'romeo@example.net/orchard' } as const
const stanza = Stanza.fromXml('<message><body>Hark!</body></message>')
const bind: Event<Stanza> = { _tag: 'SessionBound', ...phone }
const enable: Event<Stanza> = { _tag: 'EnableReceived', ...phone, version, resume: true, freshId: 'sm-1' }
const submit: Event<Stanza> = { _tag: 'StanzaSubmitted', at, resource: 'phone', stanza, facts }
const drop: Event<Stanza> = { _tag: 'ConnectionLost', ...phone }

const stepsOf = (
  events: ReadonlyArray<Event<Stanza>>,
  options: Partial<Config> = {},
): ReadonlyArray<StepMade<Stanza>> => {
  const config = { ...defaultConfig, ...options }
  let account: Account<Stanza> = emptyAccount
  return events.map(event => {
    const before = account
    const [after, effects, ignored] = step(config)(before, event)
    account = after
    return { account: 'juliet@example.org', before, event, after, config, effects, ignored }
  })
}

/** What the events tell, in short: names, with these of the facts. */
const told = (events: ReadonlyArray<Event<Stanza>>, options?: Partial<Config>) =>
  stepsOf(events, options)
    .filter(mayTell)
    .flatMap(entriesOf)
    .map(({ name, resource, connection, facts: of }) => [name, resource, connection, of] as const)

const namesOf = (events: ReadonlyArray<Event<Stanza>>, options?: Partial<Config>) =>
  told(events, options).map(([name]) => name)

describe('a session', () => {
  test('that is told of nothing has no entry', () => {
    const quiet: ReadonlyArray<Event<Stanza>> = [
      submit,
      { _tag: 'StanzaReceived', ...phone, stanza },
      { _tag: 'RequestReceived', ...phone, version },
      { _tag: 'AckReceived', ...phone, version, h: 1 },
      { _tag: 'ClientInactive', ...phone },
      { _tag: 'ConnectionDrained', ...phone },
    ]
    expect(namesOf([bind, enable, ...quiet])).toEqual(['bound', 'enabled'])
    expect(stepsOf([bind, enable, ...quiet]).map(mayTell)).toEqual([true, true, ...quiet.map(() => false)])
  })

  test('is bound on a connection that is free, and only there', () => {
    expect(told([bind, { ...bind, resource: 'desk' }])).toEqual([['bound', 'phone', 'c1', {}]])
  })

  test('is refused stream management where there is none any more to be had', () => {
    expect(told([bind, enable, enable]).slice(1)).toEqual([
      ['enabled', 'phone', 'c1', { resumable: true, max: 600 }],
      ['enable refused', 'phone', 'c1', { condition: 'unexpected-request' }],
    ])
    expect(told([bind, enable], { hibernationTime: 0 }).at(-1)).toEqual([
      'enabled',
      'phone',
      'c1',
      { resumable: false },
    ])
  })

  test('that is replaced is told before the one that replaces it, each with its own connection', () => {
    expect(told([bind, { ...bind, connection: 'c2' }]).map(([name, , connection]) => [name, connection])).toEqual([
      ['bound', 'c1'],
      ['replaced', 'c1'],
      ['bound', 'c2'],
    ])
  })

  test('is resumed after so long, with all that is not acked', () => {
    const resume: Event<Stanza> = {
      _tag: 'ResumeReceived',
      ...{ at: at + 90_500, connection: 'c2', version, previd: 'sm-1', h: 1 },
    }
    expect(told([bind, enable, submit, submit, submit, drop, resume]).slice(2)).toEqual([
      [
        'hibernating',
        'phone',
        'c1',
        {
          unacked: 3,
          since: '2026-01-01T00:00:00.000Z',
          until: '2026-01-01T00:10:00.000Z',
          reason: 'the line dropped',
        },
      ],
      ['resumed', 'phone', 'c2', { away: 90.5, resent: 2 }],
    ])
    expect(told([bind, enable, submit, resume]).at(-1)).toEqual(['resumed', 'phone', 'c2', { away: 0, resent: 0 }])
  })

  test.each([
    ['item-not-found', { previd: 'other' }, {}, 'unknown', 'no session of the account has this SM-ID'],
    ['feature-not-implemented', { previd: 'other' }, { hibernationTime: 0 }, 'unknown', 'smacks_hibernation_time = 0'],
    ['undefined-condition', { h: 4 }, {}, 'of a session', 'not between what was acked and what was sent'],
    ['resource-constraint', { h: 0 }, { maxQueueSize: 1 }, 'of a session', 'smacks_max_queue_size = 1'],
    ['unexpected-request', { connection: 'c1' }, {}, 'of a session', 'the connection has a session already'],
  ])('is not resumed, with %s, and why', (condition, differs, options, previd, rule) => {
    const isThere = previd === 'of a session'
    const before = condition === 'unexpected-request' ? [bind, enable] : [bind, enable, submit, submit, drop]
    const asked = { at, connection: 'c2', version, previd: 'sm-1', h: 0, ...differs } as const
    const entry = told([...before, { _tag: 'ResumeReceived', ...asked }], options).at(-1)
    expect(entry).toEqual([
      'resume refused',
      isThere ? 'phone' : undefined,
      asked.connection,
      { condition, previd, h: asked.h, rule: expect.stringContaining(rule) },
    ])
  })

  test('that is over is known by what is kept of it', () => {
    const expire: Event<Stanza> = {
      _tag: 'TimerFired',
      ...{ at: at + 600_000, resource: 'phone', timer: 'hibernation', due: at + 600_000 },
    }
    const late: Event<Stanza> = { _tag: 'ResumeReceived', at, connection: 'c2', version, previd: 'sm-1', h: 0 }
    expect(told([bind, enable, submit, drop, expire, late]).slice(3)).toEqual([
      [
        'expired',
        'phone',
        undefined,
        {
          reason: 'hibernation took too long',
          rule: expect.stringContaining('smacks_hibernation_time = 600'),
          unacked: 1,
        },
      ],
      ['settled', 'phone', undefined, { stored: 1, returned: 0, rerouted: 0, discarded: 0 }],
      ['resume refused', undefined, 'c2', expect.objectContaining({ previd: 'of an ended session' })],
    ])
  })

  test('of the initiating side is told in the same words', () => {
    const resumed: Event<Stanza> = {
      _tag: 'ResumedReceived',
      ...{ at: at + 5_000, resource: 'phone', connection: 'c2', previd: 'sm-9', h: 0 },
    }
    expect(
      told([
        bind,
        { _tag: 'EnableRequested', ...phone, version, resume: true },
        { _tag: 'EnabledReceived', ...phone, resume: true, id: 'sm-9', max: 300 },
        submit,
        drop,
        { _tag: 'ResumeRequested', at, resource: 'phone', connection: 'c2' },
        resumed,
      ]).map(([name, , connection, { away }]) => [name, connection, away]),
    ).toEqual([
      ['bound', 'c1', undefined],
      ['enabled', 'c1', undefined],
      ['hibernating', 'c1', undefined],
      ['resumed', 'c2', 5],
    ])
  })
})

describe('the log of sessions', () => {
  const silent: Transport<Stanza> = {
    sendStanza: () => {},
    sendNonza: () => {},
    close: () => {},
    awaitDrain: () => {},
    drop: () => {},
    adopt: () => {},
    flush: () => {},
  }
  const untouchable = <T extends object>(what: string): T =>
    new Proxy({} as T, {
      get: (_, name) => {
        throw new Error(`${what}: ${String(name)} was asked for`)
      },
    })

  test('puts nothing together for a level that is off', () => {
    const log = createLog({ level: 'warn', out: { write: () => true } })
    const sessions = createSessionLog(log, untouchable('the transport'))
    sessions.observe(untouchable('a step'))
    sessions.logged(silent).close('c1', untouchable<StreamError>('an error'))
    const life = createLog({ level: 'info', out: { write: () => true } })
    const [made] = stepsOf([{ _tag: 'StanzaReceived', ...phone, stanza }])
    if (made === undefined) throw new Error('a step is needed')
    const event = { _tag: made.event._tag } as Event<Stanza>
    createSessionLog(life, untouchable('the transport')).observe({ ...made, event })
  })

  test('has one entry for all that hibernate after a restart, which is not its own, and tells who ends then', () => {
    const lines: Array<string> = []
    const log = createLog({ level: 'info', out: { write: line => lines.push(line) } })
    const sessions = createSessionLog(log, { find: () => undefined })
    const plain: Event<Stanza> = { _tag: 'SessionBound', at, resource: 'desk', connection: 'c3' }
    const steps = stepsOf([bind, enable, plain, { _tag: 'ServerRestarted', at: at + 1000 }])
    for (const made of steps.slice(-1)) sessions.observe(made)
    expect(steps.at(-1)?.after.sessions).toMatchObject([{ _tag: 'Hibernating' }])
    expect(lines.map(line => JSON.parse(line)).map(({ msg, resource }) => [msg, resource])).toEqual([['ended', 'desk']])
  })

  test('knows the last address of who hibernates, until that is over or nobody listens', () => {
    const lines: Array<string> = []
    const log = createLog({ level: 'info', out: { write: line => lines.push(line) } })
    const line = { id: 'c1', remoteAddress: '192.0.2.7' } as never
    const find = (id: string) => (id === 'c1' ? line : undefined)
    const sessions = createSessionLog(log, { find })
    const over: Event<Stanza> = { _tag: 'CloseRequested', at: at + 2000, resource: 'phone' }
    const seen = (events: ReadonlyArray<Event<Stanza>>, between = (): void => {}) => {
      lines.length = 0
      for (const [index, made] of stepsOf(events).entries()) {
        if (index === events.length - 1) between()
        sessions.observe(made)
      }
      return lines.map(line => JSON.parse(line)).map(({ msg, address }) => [msg, address])
    }
    const ofLine = '192.0.2.7'
    expect(seen([bind, enable, drop, over])).toEqual([
      ['bound', ofLine],
      ['enabled', ofLine],
      ['hibernating', ofLine],
      ['ended', ofLine],
    ])
    const unheard = seen([bind, enable, drop, over], () => {
      log.level = 'warn'
      sessions.observe(stepsOf([submit])[0] as StepMade<Stanza>)
      log.level = 'info'
    })
    expect(unheard.at(-1)).toEqual(['ended', undefined])
    sessions.logged(silent).close('c1', { condition: 'conflict' })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ account: 'juliet@example.org', resource: 'phone' })
  })

  test('knows no address of a line that is gone, and tells of no error that nobody got', () => {
    const lines: Array<string> = []
    const log = createLog({ level: 'info', out: { write: line => lines.push(line) } })
    const sessions = createSessionLog(log, { find: () => undefined })
    for (const made of stepsOf([bind])) sessions.observe(made)
    sessions.logged(silent).close('c1', { condition: 'conflict' })
    sessions.logged(silent).close('c1')
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        ...{ connection: 'c1', account: 'juliet@example.org', resource: 'phone', msg: 'bound' },
      },
    ])
  })
})
