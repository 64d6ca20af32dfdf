import {
  accountCodec,
  configCodec,
  effectCodec,
  eventCodec,
  type Json,
  type JsonCodec,
  jsonPayload,
} from '@smacks/codec'
import { type Account, defaultConfig, freshOutbound, push, type Session, step, toArray } from '@smacks/core'
import { configArbitrary, programArbitrary, runProgram } from '@smacks/testkit'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { account, effect, event } from './arbitraries.js'

const events = eventCodec(jsonPayload)
const effects = effectCodec(jsonPayload)
const accounts = accountCodec(jsonPayload)

const right = <A>(decoded: Either.Either<unknown, A>): A => {
  if (Either.isLeft(decoded)) throw new Error(JSON.stringify(decoded.left))
  return decoded.right
}

/** There and back, through text, with nothing lost on the way to the text. */
const back = <A>(codec: JsonCodec<A>, value: A): A => {
  const json = codec.encode(value)
  const read: unknown = JSON.parse(JSON.stringify(json))
  expect(read).toStrictEqual(json)
  return right(codec.decode(read))
}

/** Queues hold the same, whichever way they came to hold it. */
const listed = ({ sessions, oldSessions }: Account<Json>) => ({
  sessions: sessions.map((session: Session<Json>) =>
    'outbound' in session
      ? {
          ...session,
          outbound: {
            ...session.outbound,
            unacked: [
              session.outbound.unacked.unloaded,
              session.outbound.unacked.page,
              ...toArray(session.outbound.unacked),
            ],
          },
        }
      : session,
  ),
  oldSessions,
})

const program = fc.oneof(
  programArbitrary({ rude: true }),
  programArbitrary({ role: 'initiating', rude: true, maxLength: 30 }),
)

describe('as JSON and back', () => {
  test('any event is the same', () =>
    fc.assert(
      fc.property(event, any => void expect(back(events, any)).toStrictEqual(any)),
      { numRuns: 500 },
    ))

  test('any effect is the same', () =>
    fc.assert(
      fc.property(effect, any => void expect(back(effects, any)).toStrictEqual(any)),
      { numRuns: 500 },
    ))

  test('any account is the same', () =>
    fc.assert(fc.property(account, any => void expect(listed(back(accounts, any))).toStrictEqual(listed(any)))))

  test('any configuration is the same', () =>
    fc.assert(fc.property(configArbitrary(), any => void expect(back(configCodec, any)).toStrictEqual(any))))

  test('whatever comes up in sessions is the same', () =>
    fc.assert(
      fc.property(configArbitrary(), program, (config, lines) => {
        for (const made of runProgram(config, lines)) {
          expect(back(events, made.event)).toStrictEqual(made.event)
          for (const each of made.effects) expect(back(effects, each)).toStrictEqual(each)
          expect(listed(back(accounts, made.after))).toStrictEqual(listed(made.after))
        }
      }),
    ))

  test('a state goes on as the state that it was', () =>
    fc.assert(
      fc.property(configArbitrary(), program, (config, lines) => {
        for (const made of runProgram(config, lines)) {
          const [after, caused] = step(config)(back(accounts, made.before), back(events, made.event))
          expect(listed(after)).toStrictEqual(listed(made.after))
          expect(caused).toStrictEqual(made.effects)
        }
      }),
      { numRuns: 50 },
    ))

  test('what may be absent and is undefined is left out', () =>
    expect(
      events.encode({
        _tag: 'EnabledReceived',
        at: 0,
        resource: 'r',
        connection: 'c',
        resume: false,
        id: undefined,
        max: undefined,
      }),
    ).toStrictEqual({ _tag: 'EnabledReceived', at: 0, resource: 'r', connection: 'c', resume: false }))

  test('a configuration that says nothing is the default one, of the time when nothing more could be said', () =>
    expect(configCodec.decode({})).toStrictEqual(
      Either.right({ ...defaultConfig, acksCoverSentOnly: false, limitsAlwaysHold: false, rememberBroken: false }),
    ))
})

describe('the type that a codec tells', () => {
  test('is that of all its values', () =>
    fc.assert(
      fc.property(event, effect, account, (anEvent, anEffect, anAccount) => {
        expect(events.is(anEvent)).toBe(true)
        expect(effects.is(anEffect)).toBe(true)
        expect(accounts.is(anAccount)).toBe(true)
      }),
    ))

  test('is that of all states of sessions, however their queues came about', () =>
    fc.assert(
      fc.property(configArbitrary(), program, (config, lines) => {
        for (const { after } of runProgram(config, lines)) expect(accounts.is(after)).toBe(true)
      }),
      { numRuns: 30 },
    ))

  const unacked = { stanza: null, facts: { name: 'iq', type: 'get' }, at: 0 } as const
  const withQueue = (queue: unknown) => ({
    sessions: [
      {
        _tag: 'Enabling',
        resource: 'r',
        connection: 'c',
        version: 'urn:xmpp:sm:3',
        outbound: { ...freshOutbound, unacked: queue },
      },
    ],
    oldSessions: [],
  })
  const queue = push({ front: [unacked], offset: 0, back: undefined, length: 1, unloaded: 0 }, unacked)
  interface Round {
    value: unknown
    older?: Round
  }
  const round: Round = { value: unacked }
  round.older = round

  test('knows a queue by what is in it', () => expect(accounts.is(withQueue(queue))).toBe(true))

  test.each<[what: string, queue: unknown]>([
    ['no object', 5],
    ['a list', [unacked]],
    ['without a front', { ...queue, front: undefined }],
    ['of a wrong offset', { ...queue, offset: -1 }],
    ['of no length', { ...queue, length: '2' }],
    ['shorter than it says', { ...queue, length: 3 }],
    ['longer than it says', { ...queue, length: 1 }],
    ['that goes round', { ...queue, back: round }],
    ['of something else', { ...queue, front: [{ ...unacked, at: 'noon' }] }],
  ])('takes no queue for one that is %s', (_, wrong) => expect(accounts.is(withQueue(wrong))).toBe(false))

  test.each<[what: string, is: boolean]>([
    ['an event of another name', events.is({ _tag: 'Nothing', at: 0 })],
    ['an event without one', events.is({ at: 0 })],
    ['no object', events.is('ServerStopping')],
    ['an event with a wrong time', events.is({ _tag: 'ServerStopping', at: 'noon' })],
    [
      'an event with a wrong optional member',
      events.is({ _tag: 'EnabledReceived', at: 0, resource: 'r', connection: 'c', resume: true, id: 5 }),
    ],
    ['a list of sessions that is none', accounts.is({ sessions: {}, oldSessions: [] })],
    ['a list of old sessions with something else', accounts.is({ sessions: [], oldSessions: [5] })],
  ])('is not that of %s', (_, is) => expect(is).toBe(false))

  test('tells an Option from what is none', () => {
    const active = (resumption: unknown, requestedFor: unknown) => ({
      sessions: [
        {
          ...withQueue(queue).sessions[0],
          _tag: 'Active',
          role: 'receiving',
          resumption,
          inbound: { handled: 0 },
          unwritten: 0,
          request: { awaiting: false, requestedFor, heldUntil: 0 },
          deadlines: {},
          client: 'active',
          usesArchive: false,
        },
      ],
      oldSessions: [],
    })
    const none = { _tag: 'None' }
    expect(accounts.is(active(none, none))).toBe(true)
    expect(accounts.is(active(none, { _tag: 'Some', value: 5 }))).toBe(true)
    expect(accounts.is(active(none, { _tag: 'Some', value: -5 }))).toBe(false)
    expect(accounts.is(active(none, 5))).toBe(false)
    expect(accounts.is(active({ _tag: 'Other' }, none))).toBe(false)
  })
})
