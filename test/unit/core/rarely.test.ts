/** Branches that the larger suites come by only now and then. */
import {
  type Account,
  configOfReducer,
  defaultConfig,
  describeEvent,
  type Event,
  emptyAccount,
  isSameConfig,
  recount,
  type StanzaFacts,
  step,
} from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, enabled, sm3 } from '../../spec/driver.js'

describe('options', () => {
  test('are the same as themselves and as equal ones, and not as others', () => {
    expect(isSameConfig(defaultConfig, defaultConfig)).toBe(true)
    expect(isSameConfig(defaultConfig, { ...defaultConfig })).toBe(true)
    expect(isSameConfig(defaultConfig, { ...defaultConfig, maxQueueSize: 1 })).toBe(false)
  })

  test('of this reducer mean what they say; those of the first decide as it did', () => {
    expect(configOfReducer(2, defaultConfig)).toBe(defaultConfig)
    expect(configOfReducer(1, defaultConfig)).toMatchObject({ limitsAlwaysHold: false, rememberBroken: false })
  })
})

describe('in a few words', () => {
  const facts: StanzaFacts = { name: 'message', type: 'chat', id: 'm1' }
  test.each<readonly [Event<string>, string]>([
    [{ _tag: 'ConfigChanged', at: 0, config: defaultConfig }, 'the options are others: the defaults'],
    [{ _tag: 'ClockStepped', at: 0, by: 3_600_000 }, 'the clock was set forward by 3600 s'],
    [
      { _tag: 'ServerRestarted', at: 60_000, lastAlive: 0 },
      'the server began again; all connections are gone, and the time since 1970-01-01T00:00:00.000Z does not count',
    ],
    [{ _tag: 'MessageSubmitted', at: 0, recipients: [] }, 'nothing was submitted to '],
    [
      {
        _tag: 'MessageSubmitted',
        at: 0,
        recipients: [
          { resource: 'phone', stanza: 'x', facts },
          { resource: 'desk', stanza: 'x', facts: { ...facts, copy: true } },
        ],
      },
      'message m1 was submitted to phone, desk as a copy',
    ],
  ])('%j', (event, said) => expect(describeEvent(event)).toBe(said))
})

test('what is in storage is counted, also where that was known', () => {
  const driven = enabled()
  driven.happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza: 'm1', facts: chat('m1') })
  const account = driven.account()
  expect(recount(account, () => 0)).toEqual(account)
  expect(recount(account, () => 1).sessions).toMatchObject([{ outbound: { spilled: 1, unacked: { unloaded: 1 } } }])
})

const bind = (resource: string): ReadonlyArray<Event<string>> => [
  { _tag: 'SessionBound', at: 0, resource, connection: resource },
  { _tag: 'EnableReceived', at: 0, resource, connection: resource, version: sm3, resume: true, freshId: resource },
]
const share = (...resources: ReadonlyArray<string>): Event<string> => ({
  _tag: 'MessageSubmitted',
  at: 0,
  recipients: resources.map(resource => ({ resource, stanza: 'm1', facts: chat('m1') })),
})
const close = (resource: string): Event<string> => ({ _tag: 'CloseRequested', at: 0, resource })
const after = (events: ReadonlyArray<Event<string>>): Account<string> =>
  events.reduce<Account<string>>((state, event) => step(defaultConfig)(state, event)[0], emptyAccount)

test('of those that a message was shared with, a hundred last acks are kept: the latest', () => {
  const names = Array.from({ length: 105 }, (_, index) => `r${index}`)
  const { lastAcks = [] } = after([
    ...bind('stays'),
    ...names.flatMap(name => [...bind(name), share('stays', name), close(name)]),
  ])
  expect(lastAcks).toHaveLength(100)
  expect(Math.min(...lastAcks.map(({ serial }) => serial))).toBe(7)
})

test('a session that nobody shares anything with leaves no last ack', () => {
  const account = after([...['a', 'b', 'c', 'd'].flatMap(bind), share('a', 'b'), close('a'), close('c')])
  expect(account.lastAcks).toHaveLength(1)
  expect(account.sessions.map(({ resource }) => resource)).toEqual(['b', 'd'])
})

test('fewer sessions may hibernate: those that have done so longest end together, and the rest go on', () => {
  const lost = (resource: string): Event<string> => ({ _tag: 'ConnectionLost', at: 0, resource, connection: resource })
  const names = ['a', 'b', 'c', 'd']
  const { sessions } = after([
    ...names.flatMap(bind),
    ...['a', 'b', 'c'].map(lost),
    { _tag: 'ConfigChanged', at: 1, config: { ...defaultConfig, maxHibernatingSessions: 1 } },
  ])
  expect(sessions.map(({ resource, _tag }) => [resource, _tag])).toEqual([
    ['c', 'Hibernating'],
    ['d', 'Active'],
  ])
})
