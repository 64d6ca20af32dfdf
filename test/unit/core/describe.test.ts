import {
  type Account,
  type Active,
  defaultConfig,
  describeAccount,
  describeByFacts,
  describeEffect,
  describeEndReason,
  describeEvent,
  describeHappening,
  describeNonza,
  describeSession,
  type Effect,
  type EffectName,
  type Event,
  type EventName,
  emptyAccount,
  type Nonza,
  type StanzaFacts,
} from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, drive, enabled, initiated, sm3 } from '../../spec/driver.js'

const facts: StanzaFacts = { name: 'message', type: 'chat', id: 'm1', to: 'juliet@example.org' }
const here = { at: 0, resource: 'phone', connection: 'c1' }
const session = { resource: 'phone', stanza: 'x', facts }
const tooHigh = { h: 10, sendCount: 8 }

const events: { readonly [E in EventName]: readonly [Extract<Event<string>, { _tag: E }>, string] } = {
  AckReceived: [{ _tag: 'AckReceived', ...here, version: sm3, h: 3 }, "phone on c1: <a h='3'/> came"],
  ArchiveQueried: [{ _tag: 'ArchiveQueried', ...here }, 'phone on c1: the client queried its archive'],
  ClientActive: [{ _tag: 'ClientActive', ...here }, 'phone on c1: the client became active'],
  ClientInactive: [{ _tag: 'ClientInactive', ...here }, 'phone on c1: the client became inactive'],
  ClockStepped: [{ _tag: 'ClockStepped', at: 0, by: -3_600_000 }, 'the clock was set back by 3600 s'],
  CloseRequested: [{ _tag: 'CloseRequested', at: 0, resource: 'phone' }, 'phone: the stream is to be closed'],
  ConfigChanged: [
    { _tag: 'ConfigChanged', at: 0, config: { ...defaultConfig, maxQueueSize: 10, offlineStorage: false } },
    'the options are others: maxQueueSize 10, offlineStorage false',
  ],
  ConnectionDrained: [
    { _tag: 'ConnectionDrained', ...here },
    'phone on c1: the connection took all that waited for it',
  ],
  ConnectionFailed: [
    { _tag: 'ConnectionFailed', at: 0, resource: 'phone', condition: 'remote-server-timeout' },
    'phone: no connection could be made (remote-server-timeout)',
  ],
  ConnectionLost: [{ _tag: 'ConnectionLost', ...here }, 'phone on c1: the line dropped'],
  ConnectionSilent: [{ _tag: 'ConnectionSilent', ...here }, 'phone on c1: the connection is silent'],
  ConnectionWanted: [
    { _tag: 'ConnectionWanted', at: 0, resource: 'phone' },
    'phone: a connection is being made, and stanzas wait for it',
  ],
  EnableReceived: [
    { _tag: 'EnableReceived', ...here, version: sm3, resume: true, max: 60, freshId: 's1' },
    "phone on c1: <enable resume='true' max='60'/> came; s1 is a fresh SM-ID",
  ],
  EnableRequested: [
    { _tag: 'EnableRequested', ...here, version: sm3, resume: true },
    'phone on c1: stream management is wanted, with resumption',
  ],
  EnabledReceived: [
    { _tag: 'EnabledReceived', ...here, resume: true, id: 's1', max: 60 },
    "phone on c1: <enabled resume='true' id='s1' max='60'/> came",
  ],
  FailedReceived: [
    { _tag: 'FailedReceived', ...here, condition: 'item-not-found', h: 4 },
    "phone on c1: <failed h='4'/> (item-not-found) came",
  ],
  IqAnswered: [
    { _tag: 'IqAnswered', at: 0, resource: 'phone', id: 'q1', to: 'romeo@example.net' },
    'phone: the iq q1 of romeo@example.net was answered',
  ],
  MalformedAckReceived: [
    { _tag: 'MalformedAckReceived', ...here, version: sm3, reason: 'An <a/> needs an h.' },
    'phone on c1: a malformed <a/> came: An <a/> needs an h.',
  ],
  MessageSubmitted: [
    {
      _tag: 'MessageSubmitted',
      at: 0,
      recipients: [session, { resource: 'desk', stanza: 'y', facts: { ...facts, copy: true } }],
    },
    'message m1 to juliet@example.org was submitted to phone, desk as a copy',
  ],
  QueueSettled: [
    { _tag: 'QueueSettled', at: 0, queues: [{ resource: 'phone', count: 2 }] },
    'of what ended, 2 stanzas of phone are settled',
  ],
  RequestReceived: [{ _tag: 'RequestReceived', ...here, version: sm3 }, 'phone on c1: <r/> came'],
  ResumeReceived: [
    { _tag: 'ResumeReceived', at: 0, connection: 'c1', version: sm3, previd: 's1', h: 2 },
    "c1: <resume previd='s1' h='2'/> came",
  ],
  ResumeRequested: [{ _tag: 'ResumeRequested', ...here }, 'phone on c1: resumption is wanted'],
  ResumedReceived: [
    { _tag: 'ResumedReceived', ...here, previd: 's1', h: 2 },
    "phone on c1: <resumed previd='s1' h='2'/> came",
  ],
  ServerRestarted: [{ _tag: 'ServerRestarted', at: 0 }, 'the server began again; all connections are gone'],
  ServerStopping: [{ _tag: 'ServerStopping', at: 0 }, 'the server is about to stop'],
  SessionBound: [{ _tag: 'SessionBound', ...here }, 'phone on c1: the resource was bound'],
  StanzaReceived: [{ _tag: 'StanzaReceived', ...here, stanza: 'x' }, 'phone on c1: a stanza came'],
  StanzaSubmitted: [
    { _tag: 'StanzaSubmitted', at: 0, ...session },
    'phone: message m1 to juliet@example.org was submitted',
  ],
  StreamClosed: [{ _tag: 'StreamClosed', ...here }, 'phone on c1: the peer closed the stream'],
  StreamRefused: [
    { _tag: 'StreamRefused', ...here, error: { condition: 'policy-violation', text: 'Too fast.' } },
    'phone on c1: the stream is ended with the stream error policy-violation (Too fast.)',
  ],
  TimerFired: [
    { _tag: 'TimerFired', at: 0, resource: 'phone', timer: 'ackDelay', due: 30_000 },
    'phone: the timer ackDelay fired, due 1970-01-01T00:00:30.000Z',
  ],
}

const effects: { readonly [E in EffectName]: readonly [Extract<Effect<string>, { _tag: E }>, string] } = {
  AdoptConnection: [
    { _tag: 'AdoptConnection', connection: 'c2', resource: 'phone' },
    'let c2 be the connection of phone',
  ],
  ArmTimer: [
    { _tag: 'ArmTimer', resource: 'phone', timer: 'hibernation', due: 0 },
    'arm the timer hibernation of phone, due 1970-01-01T00:00:00.000Z',
  ],
  AwaitDrain: [{ _tag: 'AwaitDrain', connection: 'c1' }, 'tell when c1 has taken all of this'],
  DropConnection: [{ _tag: 'DropConnection', connection: 'c1' }, 'drop c1 without closing its stream'],
  CloseConnection: [
    {
      _tag: 'CloseConnection',
      connection: 'c1',
      error: { condition: 'undefined-condition', tooHigh: { ...tooHigh, version: sm3 } },
    },
    "close c1 with the stream error undefined-condition, <handled-count-too-high h='10' send-count='8'/>",
  ],
  Deliver: [{ _tag: 'Deliver', resource: 'phone', stanza: 'x' }, 'deliver a stanza from phone'],
  Discard: [
    { _tag: 'Discard', ...session, reason: 'presence' },
    'discard message m1 to juliet@example.org: a presence is never answered',
  ],
  DisarmTimer: [{ _tag: 'DisarmTimer', resource: 'phone', timer: 'ackHold' }, 'disarm the timer ackHold of phone'],
  EndSession: [
    { _tag: 'EndSession', resource: 'phone', reason: 'expired' },
    'end the session of phone: hibernation took too long',
  ],
  ForgetKept: [
    { _tag: 'ForgetKept', resource: 'phone', from: 3, count: 2 },
    'forget 2 kept stanzas of phone, from position 3 on',
  ],
  KeepUnacked: [
    { _tag: 'KeepUnacked', resource: 'phone', from: 3, unacked: [{ stanza: 'x', facts, at: 0 }] },
    'keep of phone, from position 3 on, 1 unacked: message m1 to juliet@example.org',
  ],
  ForgetOldSession: [{ _tag: 'ForgetOldSession', smId: 's1' }, 'forget the h of s1'],
  Notify: [
    {
      _tag: 'Notify',
      resource: 'phone',
      notice: { _tag: 'HibernationStanzaQueued', stanza: 'x', facts, queueLength: 2 },
    },
    'tell of phone: message m1 to juliet@example.org waits for the hibernating client, 2 unacked',
  ],
  Redeliver: [{ _tag: 'Redeliver', ...session, submittedAt: 0 }, 'route message m1 to juliet@example.org anew'],
  RememberOldSession: [{ _tag: 'RememberOldSession', smId: 's1', h: 4, at: 0 }, 'remember h=4 of s1'],
  ReturnToSender: [
    { _tag: 'ReturnToSender', ...session, submittedAt: 0 },
    'return message m1 to juliet@example.org to its sender',
  ],
  SendNonza: [
    { _tag: 'SendNonza', connection: 'c1', nonza: { _tag: 'Ack', version: sm3, h: 3 } },
    "send <a h='3'/> on c1",
  ],
  SendStanza: [
    { _tag: 'SendStanza', connection: 'c1', stanza: 'x', facts },
    'send message m1 to juliet@example.org on c1',
  ],
  StoreOffline: [
    { _tag: 'StoreOffline', ...session, submittedAt: 0 },
    'store message m1 to juliet@example.org offline',
  ],
}

describe('events', () => {
  for (const [name, [event, prose]] of Object.entries(events))
    test(name, () => expect(describeEvent(event)).toBe(prose))

  test('without resumption nothing is said of it', () => {
    expect(describeEvent({ _tag: 'EnableRequested', ...here, version: sm3, resume: false })).toBe(
      'phone on c1: stream management is wanted',
    )
    expect(describeEvent({ _tag: 'EnableReceived', ...here, version: sm3, resume: false, freshId: 's1' })).toContain(
      '<enable/> came',
    )
    expect(describeEvent({ _tag: 'EnabledReceived', ...here, resume: false })).toBe('phone on c1: <enabled/> came')
  })

  test('what is held until the answer is told', () => {
    expect(describeEvent({ _tag: 'EnableRequested', ...here, version: sm3, resume: false, hold: true })).toBe(
      'phone on c1: stream management is wanted; what waits is held until the answer',
    )
  })
})

describe('effects', () => {
  for (const [name, [effect, prose]] of Object.entries(effects))
    test(name, () => expect(describeEffect(effect)).toBe(prose))

  test('a clean close and a stanza that is sent again', () => {
    expect(describeEffect({ _tag: 'CloseConnection', connection: 'c1' })).toBe('close c1')
    expect(describeEffect({ _tag: 'SendStanza', connection: 'c1', stanza: 'x', facts, delayedSince: 0 })).toBe(
      'send message m1 to juliet@example.org again on c1, delayed since 1970-01-01T00:00:00.000Z',
    )
  })

  test('each notice', () => {
    const unacked = [{ stanza: 'x', facts, at: 0 }]
    const said = (notice: Extract<Effect<string>, { _tag: 'Notify' }>['notice']) =>
      describeEffect({ _tag: 'Notify', resource: 'phone', notice })
    expect(said({ _tag: 'AckDelayed', unacked })).toBe(
      'tell of phone: the ack is delayed, 1 unacked: message m1 to juliet@example.org',
    )
    expect(said({ _tag: 'HibernationStarted', unacked: [], deadline: 0 })).toBe(
      'tell of phone: hibernating until 1970-01-01T00:00:00.000Z, nothing unacked',
    )
    expect(said({ _tag: 'HibernationEnded', outcome: 'resumed', hibernatedSince: 0 })).toBe(
      'tell of phone: resumed; it hibernated since 1970-01-01T00:00:00.000Z',
    )
    expect(said({ _tag: 'HibernationEnded', outcome: 'evicted', hibernatedSince: 0 })).toBe(
      'tell of phone: over, since it held more than is allowed; it hibernated since 1970-01-01T00:00:00.000Z',
    )
  })
})

test.each<readonly [Nonza, string]>([
  [{ _tag: 'Enable', version: sm3, resume: false }, '<enable/>'],
  [{ _tag: 'Enable', version: sm3, resume: true, max: 5 }, "<enable resume='true' max='5'/>"],
  [{ _tag: 'Enabled', version: sm3, resume: false }, '<enabled/>'],
  [
    { _tag: 'Enabled', version: sm3, resume: true, id: 's1', location: 'example.org' },
    "<enabled resume='true' id='s1' location='example.org'/>",
  ],
  [{ _tag: 'Failed', version: sm3, condition: 'unexpected-request' }, '<failed/> (unexpected-request)'],
  [
    { _tag: 'Failed', version: sm3, condition: 'undefined-condition', tooHigh },
    "<failed/> (undefined-condition, <handled-count-too-high h='10' send-count='8'/>)",
  ],
  [{ _tag: 'Request', version: sm3 }, '<r/>'],
  [{ _tag: 'Resume', version: sm3, previd: 's1', h: 0 }, "<resume previd='s1' h='0'/>"],
  [{ _tag: 'Resumed', version: sm3, previd: 's1', h: 0 }, "<resumed previd='s1' h='0'/>"],
])('a nonza looks as on the wire: %j', (nonza, prose) => {
  expect(describeNonza(nonza)).toBe(prose)
})

describe('states', () => {
  test('nobody is there', () => {
    expect(describeAccount(emptyAccount)).toBe('no session')
  })

  test('each phase', () => {
    const client = drive({ maxAckDelay: 30 })
    client.bind()
    expect(describeSession(client.session())).toBe('phone is unmanaged on to phone')
    client.requestEnable()
    expect(describeSession(client.session())).toBe('phone is enabling on to phone, sent 0, nothing unacked')
    client.enabled({ resume: true, id: 's1', max: 1 })
    expect(describeSession(client.session())).toBe(
      'phone is active on to phone, resumable by s1 for 1 second, h=0, sent 0, nothing unacked',
    )
    client.lose()
    expect(describeSession(client.session())).toBe(
      'phone is hibernating, resumable by s1 for 1 second, h=0, sent 0, nothing unacked, ' +
        'disconnected since 1970-01-01T00:16:40.000Z, hibernation due 1970-01-01T00:16:41.000Z',
    )
    client.requestResume()
    expect(describeSession(client.session())).toContain('phone is resuming on new, resumable by s1')
  })

  test('what is remarkable of an active session', () => {
    const client = drive()
    client.bind()
    client.enable({ resume: false })
    client.receive('n1')
    client.submit('m1')
    client.inactive()
    client.queryArchive()
    expect(describeSession(client.session())).toBe(
      'phone is active on to phone, not resumable, h=1, sent 1, 1 unacked: message m1 to juliet@example.org/phone, ' +
        'an <r/> is unanswered, the client is inactive, the client uses its archive, ackDelay due 1970-01-01T00:17:10.000Z',
    )
  })

  test('of a long queue only the first stanzas are named', () => {
    const client = initiated()
    client.submit('m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7')
    const said = describeSession(client.session(), stanza => stanza)
    expect(said).toContain('7 unacked: m1, m2, m3, m4, m5 and 2 more')
  })

  test('of a queue in storage only the length is told', () => {
    const client = drive({ queueStorage: true }, initiated().account())
    client.submit('m1', 'm2')
    client.lose()
    expect(describeSession(client.session())).toContain('sent 2, 2 unacked, 2 of them in storage')
  })

  test('a server that stops says what becomes of its sessions', () => {
    expect(describeEvent({ _tag: 'ServerStopping', at: 0, journalled: true })).toBe(
      'the server is about to stop, and sessions outlive it',
    )
  })

  test('a session that waits for its first connection says what waits', () => {
    const link = drive()
    link.want()
    link.submit('m1')
    expect(describeSession(link.session())).toBe(
      'phone is not connected yet, since 1970-01-01T00:16:40.000Z, nothing sent, ' +
        '1 unacked: message m1 to juliet@example.org/phone',
    )
  })

  test('a stanza that goes back says why, if there never was a connection', () => {
    expect(
      describeEffect({
        _tag: 'ReturnToSender',
        ...session,
        submittedAt: 0,
        condition: 'remote-server-not-found',
      }),
    ).toBe('return message m1 to juliet@example.org to its sender with remote-server-not-found')
  })

  test('what there is room for is said, and what is not written yet', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.lose()
    client.happen({ _tag: 'ResumeReceived', connection: 'new', version: sm3, previd: 'SM-ID of phone', h: 0, room: 1 })
    expect(describeSession(client.session())).toContain('1 of them not written to it yet')
    expect(describeEvent({ _tag: 'ConnectionDrained', ...here, room: 1 })).toBe(
      'phone on c1: the connection took all that waited for it; there is room for 1 stanza',
    )
  })

  test('an account is its sessions and its old ones', () => {
    const client = enabled()
    client.bind('desktop')
    const account: Account<string> = {
      ...client.account(),
      oldSessions: [
        { smId: 's1', h: 0, at: 5 },
        { smId: 's0', h: 4, at: 0 },
      ],
    }
    expect(describeAccount(account)).toBe(
      '2 sessions: phone is active on to phone, resumable by SM-ID of phone for 600 seconds, h=0, sent 0, ' +
        'nothing unacked; desktop is unmanaged on to desktop; 2 old sessions: s1 with h=0, s0 with h=4',
    )
  })

  test('a time without a date is a number', () => {
    const client = enabled()
    const active = client.session() as Active<string>
    const strange = { ...active, deadlines: { ...active.deadlines, ackDelay: 9e15 } }
    expect(describeSession(strange)).toContain('ackDelay due 9000000000000000')
    const last = { ...active, deadlines: { ...active.deadlines, ackDelay: 8.64e15 } }
    expect(describeSession(last)).toContain('ackDelay due +275760-09-13T00:00:00.000Z')
  })
})

test('whoever knows the payload may say more of it', () => {
  const event: Event<string> = { _tag: 'StanzaReceived', ...here, stanza: '<iq/>' }
  expect(describeEvent(event, stanza => stanza)).toBe('phone on c1: <iq/> came')
  expect(describeByFacts('x', chat('m9'))).toBe('message m9 to juliet@example.org/phone')
  expect(describeByFacts('x', { name: 'presence', type: 'available' })).toBe('presence')
})

test('what happened and why something ended are told without where, too', () => {
  expect(describeHappening({ _tag: 'ConnectionLost', ...here })).toBe('the line dropped')
  expect(describeHappening({ _tag: 'StanzaSubmitted', at: 0, ...session })).toBe(
    'message m1 to juliet@example.org was submitted',
  )
  expect(describeEndReason('expired')).toBe('hibernation took too long')
})
