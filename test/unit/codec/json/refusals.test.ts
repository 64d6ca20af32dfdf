import {
  accountCodec,
  configCodec,
  describeErrors,
  effectCodec,
  eventCodec,
  type JsonCodec,
  jsonPayload,
} from '@smacks/codec'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { account, effect, event } from './arbitraries.js'

const events = eventCodec(jsonPayload)
const effects = effectCodec(jsonPayload)
const accounts = accountCodec(jsonPayload)

/** What is said of a value; nothing if it is taken. */
const complaint = <A>(codec: t.Decoder<unknown, A>, value: unknown): string => {
  const decoded = codec.decode(value)
  return Either.isLeft(decoded) ? describeErrors(decoded.left) : ''
}

const bound = { _tag: 'SessionBound', at: 0, resource: 'r', connection: 'c' }
const ack = { ...bound, _tag: 'AckReceived', version: 'urn:xmpp:sm:3', h: 0 }
const submitted = { _tag: 'StanzaSubmitted', at: 0, resource: 'r', stanza: 'm1', facts: { name: 'iq', type: 'get' } }
const allEvents =
  'AckReceived, ArchiveQueried, ClientActive, ClientInactive, ClockStepped, CloseRequested, ConfigChanged, ConnectionDrained, ConnectionFailed, ConnectionLost, ConnectionSilent, ConnectionWanted, EnableReceived, EnableRequested, EnabledReceived, FailedReceived, IqAnswered, MalformedAckReceived, MessageSubmitted, QueueSettled, RequestReceived, ResumeReceived, ResumeRequested, ResumedReceived, ServerRestarted, ServerStopping, SessionBound, StanzaReceived, StanzaSubmitted, StreamClosed, StreamRefused, TimerFired'

describe('an event is refused', () => {
  test.each<[value: unknown, said: string]>([
    [5, 'found 5, allowed: an event'],
    [[bound], 'found [{"_tag":"SessionBound","at":0,"resource":"r","connection":"c"}], allowed: an event'],
    [undefined, 'missing, allowed: an event'],
    [{ at: 0 }, `_tag: missing; allowed: ${allEvents}`],
    [{ _tag: 7 }, `_tag: found 7; allowed: ${allEvents}`],
    [{ _tag: 'StanzaSubmited' }, `_tag: found "StanzaSubmited", did you mean StanzaSubmitted?; allowed: ${allEvents}`],
    [{ _tag: 'toString' }, `_tag: found "toString"; allowed: ${allEvents}`],
    [{ ...bound, at: 'noon' }, 'at: found "noon", allowed: a finite number of milliseconds since 1970'],
    [{ ...bound, at: Number.NaN }, 'at: found NaN, allowed: a finite number of milliseconds since 1970'],
    [{ ...bound, resource: undefined }, 'resource: missing, allowed: a text'],
    [{ ...bound, resource: null }, 'resource: found null, allowed: a text'],
    [
      { ...bound, conection: 'c' },
      'conection: unknown key, did you mean connection?; allowed: _tag, at, resource, connection',
    ],
    [{ ...bound, x: 1 }, 'x: unknown key; allowed: _tag, at, resource, connection'],
    [
      JSON.parse('{"__proto__":{"h":1},"_tag":"ServerStopping","at":0}'),
      '__proto__: unknown key; allowed: _tag, at, journalled',
    ],
    [{ ...ack, h: -1 }, 'h: found -1, allowed: an integer from 0 to 4294967295'],
    [{ ...ack, h: 2 ** 32 }, 'h: found 4294967296, allowed: an integer from 0 to 4294967295'],
    [{ ...ack, h: '5' }, 'h: found "5", allowed: an integer from 0 to 4294967295'],
    [{ ...ack, version: 'urn:xmpp:sm:4' }, 'version: found "urn:xmpp:sm:4", allowed: "urn:xmpp:sm:2", "urn:xmpp:sm:3"'],
    [
      { ...ack, h: 0.5, at: null, resource: 1 },
      'at: found null, allowed: a finite number of milliseconds since 1970 (and 2 more)',
    ],
    [
      { ...bound, _tag: 'TimerFired', connection: undefined, timer: 'noon', due: 0 },
      'connection: unknown key; allowed: _tag, at, resource, timer, due (and 1 more)',
    ],
    [
      { _tag: 'TimerFired', at: 0, resource: 'r', timer: 'noon', due: 0 },
      'timer: found "noon", allowed: "ackDelay", "ackHold", "hibernation", "readProbe"',
    ],
    [
      { ...bound, _tag: 'EnableRequested', version: 'urn:xmpp:sm:3', resume: 'yes' },
      'resume: found "yes", allowed: true or false',
    ],
    [
      { ...bound, _tag: 'EnableRequested', version: 'urn:xmpp:sm:3', resume: true, max: -1 },
      'max: found -1, allowed: a finite number of seconds, 0 or more',
    ],
    [{ ...submitted, facts: undefined }, 'facts: missing, allowed: the facts of a stanza'],
    [{ ...submitted, facts: { name: 'iq' } }, 'facts.type: missing, allowed: a text'],
    [{ ...submitted, facts: { ...submitted.facts, copy: false } }, 'facts.copy: found false, allowed: true, or absent'],
    [
      { ...submitted, facts: { name: 'body', type: '' } },
      'facts.name: found "body", allowed: "message", "presence", "iq"',
    ],
    [{ ...submitted, stanza: undefined }, 'stanza: missing, allowed: any JSON value, nested at most 256 levels deep'],
    [
      { ...submitted, stanza: new Date(0) },
      'stanza: found {}, allowed: any JSON value, nested at most 256 levels deep',
    ],
    [
      { ...bound, _tag: 'StreamRefused', error: { condition: 'bored' } },
      expect.stringMatching(/^error\.condition: found "bored", allowed: "bad-format", /),
    ],
    [
      {
        ...bound,
        _tag: 'StreamRefused',
        error: { condition: 'reset', tooHigh: { h: 0, sendCount: -1, version: 'urn:xmpp:sm:3' } },
      },
      'error.tooHigh.sendCount: found -1, allowed: an integer from 0 to 4294967295',
    ],
    [
      { ...bound, _tag: 'FailedReceived', condition: 'gone' },
      expect.stringMatching(/^condition: found "gone", allowed: "bad-request", /),
    ],
  ])('%j', (value, said) => expect(complaint(events, value)).toEqual(said))
})

describe('an effect is refused', () => {
  test.each<[value: unknown, said: string]>([
    [
      { _tag: 'SendNonza', connection: 'c', nonza: { _tag: 'Ack', version: 'urn:xmpp:sm:3' } },
      'nonza.h: missing, allowed: an integer from 0 to 4294967295',
    ],
    [
      { _tag: 'SendNonza', connection: 'c', nonza: { _tag: 'a' } },
      'nonza._tag: found "a"; allowed: Ack, Enable, Enabled, Failed, Request, Resume, Resumed',
    ],
    [
      {
        _tag: 'Notify',
        resource: 'r',
        notice: { _tag: 'AckDelayed', unacked: [{ stanza: 1, facts: submitted.facts, at: 0 }, 5] },
      },
      'notice.unacked.1: found 5, allowed: an unacked stanza',
    ],
    [
      {
        _tag: 'Notify',
        resource: 'r',
        notice: { _tag: 'HibernationStanzaQueued', stanza: 1, facts: submitted.facts, queueLength: 1.5 },
      },
      'notice.queueLength: found 1.5, allowed: an integer, 0 or more',
    ],
    [
      { _tag: 'Notify', resource: 'r', notice: { _tag: 'HibernationEnded', outcome: 'lunch', hibernatedSince: 0 } },
      'notice.outcome: found "lunch", allowed: "resumed", "closed", "evicted", "expired", "failed", "lost", "refused", "remote-server-not-found", "remote-server-timeout", "replaced", "stopped"',
    ],
  ])('%j', (value, said) => expect(complaint(effects, value)).toBe(said))
})

describe('an account is refused', () => {
  const unmanaged = { _tag: 'Unmanaged', resource: 'r', connection: 'c' }
  const counting = {
    resource: 'r',
    role: 'receiving',
    version: 'urn:xmpp:sm:3',
    inbound: { handled: 0 },
    outbound: { acked: 0, unacked: [] },
    usesArchive: false,
  }
  const hibernating = { ...counting, _tag: 'Hibernating', resumption: { smId: 's', seconds: 600 }, since: 0 }
  const request = { awaiting: false, heldUntil: 0 }
  const active = { ...counting, _tag: 'Active', connection: 'c', request, client: 'active' }
  test.each<[value: unknown, said: string]>([
    [
      { sessions: unmanaged, oldSessions: [] },
      'sessions: found {"_tag":"Unmanaged","resource":"r","connection":"c"}, allowed: a list, each a session',
    ],
    [
      { sessions: [unmanaged, { ...unmanaged, _tag: 'Asleep' }], oldSessions: [] },
      'sessions.1._tag: found "Asleep"; allowed: Active, Connecting, Enabling, Hibernating, Negotiating, Resuming, Unmanaged',
    ],
    [
      { sessions: [{ ...unmanaged, h: 5 }], oldSessions: [] },
      'sessions.0.h: unknown key; allowed: _tag, resource, connection, serial',
    ],
    [
      { sessions: [unmanaged, { ...unmanaged, connection: 'd' }], oldSessions: [] },
      'sessions: two sessions of the resource "r"; allowed: one of each',
    ],
    [
      {
        sessions: [
          { ...unmanaged, _tag: 'Enabling', version: 'urn:xmpp:sm:3', outbound: { acked: 0, unacked: [1, 2] } },
        ],
        oldSessions: [],
      },
      'sessions.0.outbound.unacked.0: found 1, allowed: an unacked stanza',
    ],
    [
      { sessions: [], oldSessions: [{ smId: 's', h: 0 }] },
      'oldSessions.0.at: missing, allowed: a finite number of milliseconds since 1970',
    ],
    [
      { sessions: [{ ...active, deadlines: { hibernation: 5 } }], oldSessions: [] },
      'sessions.0.deadlines.hibernation: unknown key; allowed: ackDelay, ackHold, readProbe',
    ],
    [
      { sessions: [{ ...hibernating, deadlines: {} }], oldSessions: [] },
      'sessions.0.deadlines.hibernation: missing, allowed: a finite number of milliseconds since 1970',
    ],
    [
      { sessions: [{ ...hibernating, deadlines: { hibernation: 5, ackDelay: 5 } }], oldSessions: [] },
      'sessions.0.deadlines.ackDelay: unknown key; allowed: hibernation',
    ],
    [{ sessions: [] }, 'oldSessions: missing, allowed: a list, each a timed-out session'],
  ])('%j', (value, said) => expect(complaint(accounts, value)).toBe(said))
})

describe('a configuration is refused', () => {
  test.each<[value: unknown, said: string]>([
    [null, 'found null, allowed: a configuration'],
    [
      { hibernationtime: 5 },
      expect.stringMatching(
        /^hibernationtime: unknown key, did you mean hibernationTime\?; allowed: hibernationTime, maxQueueSize, /,
      ),
    ],
    [{ maxQueueSize: 'many' }, 'maxQueueSize: found "many", allowed: an integer, 0 or more'],
    [{ maxQueueSize: null }, 'maxQueueSize: found null, allowed: an integer, 0 or more'],
    [
      { requestHold: Number.POSITIVE_INFINITY },
      'requestHold: found Infinity, allowed: a finite number of seconds, 0 or more',
    ],
  ])('%j', (value, said) => expect(complaint(configCodec, value)).toEqual(said))
})

describe('whatever is decoded', () => {
  /** Puts something else in one place of a value. */
  const spoiled = (value: unknown, path: ReadonlyArray<number>, other: unknown): unknown => {
    const [first, ...rest] = path
    if (first === undefined || typeof value !== 'object' || value === null) return other
    const keys = Object.keys(value)
    const key = keys[first % (keys.length + 1)] ?? 'other'
    const copy: Record<string, unknown> | Array<unknown> = Array.isArray(value) ? [...value] : { ...value }
    Reflect.set(copy, key, spoiled(Reflect.get(value, key), rest, other))
    return copy
  }

  const isOneBoundedLine = (said: string): boolean => said.length < 1_600 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(said)

  test('is taken, or refused with one bounded line, and nothing is thrown', () => {
    const path = fc.array(fc.nat(12), { maxLength: 6 })
    const any = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, withNullPrototype: true })
    const values = fc.oneof(
      any,
      ...[
        event.map(value => events.encode(value)),
        effect.map(value => effects.encode(value)),
        account.map(value => accounts.encode(value)),
      ].map(valid => fc.tuple(valid, path, any).map(([value, where, other]) => spoiled(value, where, other))),
    )
    fc.assert(
      fc.property(values, value => {
        for (const codec of [events, effects, accounts, configCodec] as ReadonlyArray<JsonCodec<unknown>>) {
          const decoded = codec.decode(value)
          if (Either.isRight(decoded)) expect(codec.is(decoded.right)).toBe(true)
          else expect(describeErrors(decoded.left)).toSatisfy(isOneBoundedLine)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

  test('may be as deep as JSON gets', () => {
    const deep = nested(5_000)
    expect(complaint(events, deep)).toBe('found [[[...]]], allowed: an event')
    expect(
      complaint(accounts, { sessions: [{ _tag: 'Unmanaged', resource: deep, connection: 'c' }], oldSessions: [] }),
    ).toBe('sessions.0.resource: found [[[...]]], allowed: a text')
    expect(complaint(events, { ...submitted, stanza: deep })).toBe(
      'stanza: found [[[...]]], allowed: any JSON value, nested at most 256 levels deep',
    )
    expect(complaint(events, { ...submitted, stanza: nested(256) })).toBe('')
    expect(complaint(events, { ...submitted, stanza: nested(257) })).not.toBe('')
  })

  test('may go round', () => {
    const round: Record<string, unknown> = { ...bound }
    round.resource = round
    expect(complaint(events, round)).toBe(
      'resource: found {"_tag":"SessionBound","at":0,"resource":{"_tag":"SessionBound","at":0,"resource..., allowed: a text',
    )
    expect(complaint(events, { ...submitted, stanza: round })).toMatch(/^stanza: found \{/)
  })

  test('may be huge, with one problem told for each list and one for all unknown keys', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]))
    expect(complaint(events, { ...bound, ...many })).toBe('key0: unknown key; allowed: _tag, at, resource, connection')
    expect(complaint(accounts, { sessions: new Array(100_000).fill(7), oldSessions: [] })).toBe(
      'sessions.0: found 7, allowed: a session',
    )
    const long = 'long'.repeat(1_000_000)
    expect(complaint(events, { ...bound, at: long })).toBe(
      `at: found "${'long'.repeat(19)}lon..., allowed: a finite number of milliseconds since 1970`,
    )
    expect(complaint(events, { ...bound, [long]: 0 })).toBe(
      `"${'long'.repeat(10)}"...: unknown key; allowed: _tag, at, resource, connection`,
    )
    expect(complaint(events, { _tag: long })).toMatch(/^_tag: found "(long){19}lon\.\.\.; allowed: AckReceived, /)
  })

  test('shows nothing that a terminal would obey', () =>
    expect(complaint(events, { ...bound, at: '\u001b[2J\u009b2J\u202e\u2028', 'a\nb': 1 })).toBe(
      '"a\\nb": unknown key; allowed: _tag, at, resource, connection (and 1 more)',
    ))
  test('shows it escaped', () =>
    expect(complaint(events, { ...bound, at: '\u001b[2J\u009b2J\u202e\u2028' })).toBe(
      'at: found "\\u001b[2J\\u009b2J\\u202e\\u2028", allowed: a finite number of milliseconds since 1970',
    ))
})
