/** A run is its events, one after the other: whatever the account, and whatever is in it. */
import {
  type Account,
  type AccountStep,
  type Config,
  connectionOf,
  defaultConfig,
  type Event,
  emptyAccount,
  isOfSameRun,
  type Run,
  type StanzaFacts,
  type StanzaReceived,
  type StanzaSubmitted,
  step,
  stepRun,
} from '@smacks/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runProgram } from './model.js'
import { type Program, program } from './program.js'
import { runs } from './runs.js'

const oneByOne = (config: Config, account: Account<string>, run: Run<string>): AccountStep<string> => {
  const make = step(config)
  let [after, effects]: [Account<string>, AccountStep<string>[1]] = [account, []]
  for (const event of run) {
    const [next, more] = make(after, event)
    after = next
    effects = [...effects, ...more]
  }
  return [after, effects]
}

const facts: fc.Arbitrary<StanzaFacts> = fc.constantFrom<StanzaFacts>(
  { name: 'message', type: 'chat' },
  { name: 'presence', type: 'available', state: true, from: 'juliet@capulet.example/balcony' },
  { name: 'iq', type: 'get', id: 'q', from: 'juliet@capulet.example/balcony' },
)

const submission = fc.record({
  after: fc.constantFrom(0, 0, 1, 40, 2_000),
  facts,
  size: fc.constantFrom<number | undefined>(undefined, 100, 100, 30_000),
})

interface Traffic {
  readonly isReceived: boolean
  readonly isOnItsConnection: boolean
  readonly stanzas: ReadonlyArray<{
    readonly after: number
    readonly facts: StanzaFacts
    readonly size?: number | undefined
  }>
}

const traffic: fc.Arbitrary<Traffic> = fc.record({
  isReceived: fc.boolean(),
  isOnItsConnection: fc.oneof(
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  stanzas: fc.array(submission, { minLength: 1, maxLength: 9 }),
})

const runFor = (resource: string, connection: string, now: number, { isReceived, stanzas }: Traffic): Run<string> => {
  let at = now
  const timed = stanzas.map(({ after, facts, size }, index) => {
    at += after
    return { at, stanza: `run ${index}`, facts, size }
  })
  if (isReceived)
    return timed.map(
      ({ at, stanza }): StanzaReceived<string> => ({ _tag: 'StanzaReceived', at, resource, connection, stanza }),
    )
  return timed.map(
    ({ at, stanza, facts, size }): StanzaSubmitted<string> => ({
      _tag: 'StanzaSubmitted',
      at,
      resource,
      stanza,
      facts,
      ...(size === undefined ? {} : { size }),
    }),
  )
}

describe('a run that is stepped as one', () => {
  test('comes to what its events come to one by one, in all phases and at all limits', () => {
    const made = new Map<string, number>()
    fc.assert(
      fc.property(program(40), fc.boolean(), fc.boolean(), traffic, (one, queueStorage, limitsAlwaysHold, said) => {
        for (const { after: account, config: given, event } of runProgram(one).slice(-12)) {
          const config = { ...given, queueStorage, limitsAlwaysHold }
          for (const session of account.sessions) {
            const connection = said.isOnItsConnection ? (connectionOf(session) ?? 'none') : 'another'
            const run = runFor(session.resource, connection, event.at, said)
            const stepped = stepRun(config)(account, run)
            if (stepped === undefined) continue
            expect(stepped).toEqual(oneByOne(config, account, run))
            const kind = `${session._tag} ${said.isReceived ? 'received' : 'submitted'}`
            made.set(kind, (made.get(kind) ?? 0) + 1)
          }
        }
      }),
      runs(400),
    )
    expect([...made.keys()].sort()).toEqual(['Active received', 'Active submitted'])
  })

  test('is of somebody who is there, or nothing is made', () => {
    const { config } = fc.sample(program(1), { numRuns: 1, seed: 1 })[0] as Program
    const said: Traffic = { isReceived: true, isOnItsConnection: true, stanzas: [] }
    expect(stepRun(config)(emptyAccount, runFor('desk', 'c1', 0, said))).toBeUndefined()
    const stanzas = [{ after: 0, facts: { name: 'message', type: 'chat' } }] as const
    expect(stepRun(config)(emptyAccount, runFor('desk', 'c1', 0, { ...said, stanzas }))).toBeUndefined()
  })
})

test('a run behind what is still to be sent again is stepped one by one', () => {
  const [at, resource, version] = [0, 'desk', 'urn:xmpp:sm:3'] as const
  const submitted = (stanza: string): StanzaSubmitted<string> => ({
    _tag: 'StanzaSubmitted',
    at,
    resource,
    stanza,
    facts: { name: 'message', type: 'chat' },
  })
  const events: ReadonlyArray<Event<string>> = [
    { _tag: 'SessionBound', at, resource, connection: 'c1' },
    { _tag: 'EnableReceived', at, resource, connection: 'c1', version, resume: true, freshId: 'sm' },
    ...['1', '2', '3'].map(submitted),
    { _tag: 'ConnectionLost', at, resource, connection: 'c1' },
    { _tag: 'ResumeReceived', at, connection: 'c2', version, previd: 'sm', h: 0, room: 1 },
  ]
  const account = events.reduce(
    (before, event) => step(defaultConfig)(before, event)[0],
    emptyAccount as Account<string>,
  )
  const run = [submitted('4'), submitted('5')]
  expect(stepRun(defaultConfig)(account, run)).toBeUndefined()
  const [drained] = step(defaultConfig)(account, { _tag: 'ConnectionDrained', at, resource, connection: 'c2' })
  expect(stepRun(defaultConfig)(drained, run)).toEqual(oneByOne(defaultConfig, drained, run))
})

test('what can be in one run', () => {
  const received = { _tag: 'StanzaReceived', at: 0, resource: 'desk', connection: 'c1', stanza: '1' } as const
  const submitted = {
    _tag: 'StanzaSubmitted',
    at: 0,
    resource: 'desk',
    stanza: '1',
    facts: { name: 'iq', type: 'get' },
  } as const
  const pairs: ReadonlyArray<readonly [Event<string>, Event<string>, boolean]> = [
    [received, { ...received, at: 1, stanza: '2' }, true],
    [received, { ...received, connection: 'c2' }, false],
    [received, { ...received, resource: 'phone' }, false],
    [received, submitted, false],
    [submitted, { ...submitted, at: 1 }, true],
    [submitted, { ...submitted, resource: 'phone' }, false],
    [submitted, received, false],
    [{ _tag: 'ServerStopping', at: 0 }, { _tag: 'ServerStopping', at: 0 }, false],
  ]
  for (const [one, other, expected] of pairs) expect(isOfSameRun(one, other)).toBe(expected)
})
