import {
  type Account,
  defaultConfig,
  describeIgnored,
  type Event,
  type EventName,
  emptyAccount,
  type Ignored,
  type IgnoredReason,
  isMisuse,
  step,
} from '@smacks/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../property/model.js'
import { program } from '../../property/program.js'
import { runs } from '../../property/runs.js'
import { type Drive, drive, enabled, type Happening, initiated, sm3 } from '../../spec/driver.js'

const phone = { resource: 'phone', connection: 'to phone' }
const elsewhere = { resource: 'phone', connection: 'gone' }
const fresh = { resource: 'phone', connection: 'new' }

/** What `step` says of an event that comes to this account. */
const said = (account: Account<string>, happening: Happening): Ignored | undefined => {
  const [after, effects, ignored] = step(defaultConfig)(account, { ...happening, at: 2_000_000 } as Event<string>)
  if (ignored !== undefined) {
    expect(after).toBe(account)
    expect(effects).toEqual([])
  }
  return ignored
}

const after = (prepare: (drive: Drive) => void, start: Account<string> = emptyAccount): Account<string> => {
  const one = drive({}, start)
  prepare(one)
  return one.account()
}

const unmanaged = after(one => one.bind())
const active = enabled().account()
const hibernating = after(one => one.lose(), active)
const connecting = after(one => one.want())
const negotiating = after(
  one => one.happen({ _tag: 'EnableRequested', ...phone, version: sm3, resume: true, hold: true }),
  connecting,
)
const resuming = after(one => {
  one.lose()
  one.requestResume('new')
}, initiated().account())

const ask = { _tag: 'EnableRequested', version: sm3, resume: true } as const
const ack = { _tag: 'AckReceived', version: sm3, h: 0 } as const

/** Where, what comes, and why that is void. */
const cases: ReadonlyArray<readonly [string, Account<string>, Happening, IgnoredReason]> = [
  ['an ack of a connection that was left', hibernating, { ...ack, ...phone }, 'late-connection'],
  [
    'a stanza on a line that another took over',
    active,
    { _tag: 'StanzaReceived', ...elsewhere, stanza: 'm1' },
    'late-connection',
  ],
  ['a line that drops before there is one', connecting, { _tag: 'ConnectionLost', ...elsewhere }, 'late-connection'],
  [
    'a timer of a session that goes on',
    active,
    { _tag: 'TimerFired', resource: 'phone', timer: 'ackDelay', due: 1 },
    'late-timer',
  ],
  [
    'one of hibernation, for another time',
    hibernating,
    { _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due: 1 },
    'late-timer',
  ],
  [
    'one of hibernation, of a client that is back',
    active,
    { _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due: 1 },
    'late-timer',
  ],
  [
    'one while the answer to <resume/> is awaited',
    resuming,
    { _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due: 1 },
    'late-timer',
  ],
  ['an ack after the end', emptyAccount, { ...ack, ...phone }, 'session-over'],
  [
    'a timer after the end',
    emptyAccount,
    { _tag: 'TimerFired', resource: 'phone', timer: 'readProbe', due: 1 },
    'session-over',
  ],
  ['a second close', emptyAccount, { _tag: 'CloseRequested', resource: 'phone' }, 'session-over'],
  ['a client that sleeps without stream management', unmanaged, { _tag: 'ClientInactive', ...phone }, 'nothing-to-do'],
  ['a drained line while the answer is awaited', negotiating, { _tag: 'ConnectionDrained', ...phone }, 'nothing-to-do'],
  ['a connection that is wanted twice', connecting, { _tag: 'ConnectionWanted', resource: 'phone' }, 'nothing-to-do'],
  ['nothing that ended is to be settled', active, { _tag: 'QueueSettled', queues: [] }, 'nothing-to-do'],
  [
    'a resource that is bound on its own connection again',
    active,
    { _tag: 'SessionBound', ...phone },
    'connection-in-use',
  ],
  [
    'another resource on that connection',
    active,
    { _tag: 'SessionBound', ...phone, resource: 'desktop' },
    'connection-in-use',
  ],
  ['stream management without a session', emptyAccount, { ...ask, ...phone }, 'no-session'],
  ['resumption without a session', emptyAccount, { _tag: 'ResumeRequested', ...phone }, 'no-session'],
  ['stream management on another connection', unmanaged, { ...ask, ...elsewhere }, 'wrong-connection'],
  [
    'a first connection that failed, for a client that is there',
    active,
    { _tag: 'ConnectionFailed', resource: 'phone', condition: 'remote-server-timeout' },
    'not-in-phase',
  ],
  ['<enabled/> that nobody asked for', active, { _tag: 'EnabledReceived', ...phone, resume: false }, 'not-in-phase'],
  ['an ack before the answer to <enable/>', negotiating, { ...ack, ...phone }, 'not-in-phase'],
  ['stream management a second time', active, { ...ask, ...phone }, 'not-in-phase'],
  ['resumption of what is connected', active, { _tag: 'ResumeRequested', ...fresh }, 'not-in-phase'],
  ['resumption by the server', hibernating, { _tag: 'ResumeRequested', ...fresh }, 'wrong-role'],
]

describe('an event that means nothing is void, and `step` says why', () => {
  test.each(cases)('%s', (_, account, happening, reason) => {
    const phase =
      'resource' in happening ? account.sessions.find(one => one.resource === happening.resource)?._tag : undefined
    expect(said(account, happening)).toEqual({
      event: happening._tag,
      ...(phase === undefined ? {} : { phase }),
      reason,
    })
  })

  test('a connection that one session has is none for another', () => {
    const two = after(one => one.want('desktop'), active)
    const taken = { ...ask, resource: 'desktop', connection: 'to phone' }
    expect(said(two, taken)).toEqual({ event: 'EnableRequested', phase: 'Connecting', reason: 'connection-in-use' })
  })

  test('a page for a session that is not to be settled', () => {
    const stored = drive({ queueStorage: true, maxQueueSize: 1, hibernationTime: 0 }, active)
    stored.submit('m1', 'm2', 'm3')
    stored.lose()
    const page: Happening = { _tag: 'QueueSettled', queues: [{ resource: 'another', count: 1 }] }
    expect(said(stored.account(), page)).toMatchObject({ reason: 'nothing-to-do' })
  })
})

test('each reason is said in words of its own, with the phase, and misuse is called that', () => {
  const event: EventName = 'AckReceived'
  const all = [...new Set(cases.map(([, , , reason]) => reason))]
  const words = all.map(reason => describeIgnored({ event, reason }))
  expect(new Set(words).size).toBe(all.length)
  expect(words.filter(text => text.endsWith('(misuse)'))).toHaveLength(5)
  expect(describeIgnored({ event, phase: 'Hibernating', reason: 'late-connection' })).toBe(
    "void while hibernating: the connection is not the session's any more",
  )
  expect(describeIgnored({ event, reason: 'no-session' })).toBe('void: there is no session that could do it (misuse)')
})

test('races are no misuse', () => {
  const races = cases.map(([, , , reason]) => reason).filter(reason => !isMisuse({ reason }))
  expect(new Set(races)).toEqual(new Set(['late-connection', 'late-timer', 'session-over', 'nothing-to-do']))
})

/** Heard, and taken: the account may be as before for all that. */
const heard: ReadonlySet<EventName> = new Set<EventName>([
  'AckReceived',
  'ClientActive',
  'ConnectionDrained',
  'ConnectionSilent',
  'IqAnswered',
  'ServerRestarted',
  'ServerStopping',
  'ClockStepped',
  'MessageSubmitted',
  'TimerFired',
])

test('whatever happens, what is void changes nothing, and what changes nothing is void or was heard', () => {
  fc.assert(
    fc.property(program(40), one => {
      for (const { before, event, after, effects, config } of runProgram(one)) {
        const [, , ignored] = step(config)(before, event)
        const isNothing = after === before && effects.length === 0
        if (ignored === undefined) expect(isNothing && !heard.has(event._tag)).toBe(false)
        else expect([isNothing, ignored.event]).toEqual([true, event._tag])
      }
    }),
    runs(100),
  )
})
