/**
 * A client and a server over lines that break: as long as resumption succeeds, what each of them handled is the
 * beginning of what the other submitted, exactly once and in order; and all of it once the line holds.
 */
import { type Account, type Config, defaultConfig } from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drive, enabled, initiated, withCounts } from '../spec/driver.js'
import { createLink, type Link, otherSide, type Side } from './link.js'
import { runs } from './runs.js'

type Move =
  | { readonly _tag: 'arrive'; readonly side: Side; readonly count: number }
  | { readonly _tag: 'cut' | 'reconnect' }
  | { readonly _tag: 'notice' | 'submit'; readonly side: Side }

const side = fc.constantFrom<Side>('client', 'server')
const moves: fc.Arbitrary<ReadonlyArray<Move>> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ _tag: fc.constant('submit' as const), side }) },
    {
      weight: 8,
      arbitrary: fc.record({ _tag: fc.constant('arrive' as const), side, count: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 2, arbitrary: fc.record({ _tag: fc.constant('cut' as const) }) },
    { weight: 3, arbitrary: fc.record({ _tag: fc.constant('notice' as const), side }) },
    { weight: 4, arbitrary: fc.record({ _tag: fc.constant('reconnect' as const) }) },
  ),
  { maxLength: 80, size: 'max' },
)

const config: fc.Arbitrary<Config> = fc
  .record({ maxUnackedStanzas: fc.constantFrom(0, 1, 5), maxQueueSize: fc.constant(500) })
  .map(options => ({ ...defaultConfig, ...options }))

/** Both ends as after `<enabled/>`; where the counters stand is the same on both, or no session. */
const start = fc.constantFrom(0, 2 ** 32 - 3, 2 ** 31 - 2, 12345)

const linked = (options: Config, counted: number): Link => {
  const session = (account: Account<string>): Account<string> => ({
    ...account,
    sessions: account.sessions.map(one => ({ ...one, connection: 'c1' })),
  })
  const link = createLink(
    options,
    session(withCounts(initiated(), counted, counted)),
    session(withCounts(enabled(), counted, counted)),
  )
  expect(link.open()).toBe('c1')
  return link
}

const move = (link: Link, one: Move): void => {
  switch (one._tag) {
    case 'submit':
      return link.submit(one.side)
    case 'arrive':
      link.arrive(one.side, one.count)
      return
    case 'cut':
      return link.cut()
    case 'notice':
      return link.notice(one.side)
    case 'reconnect':
      return link.reconnect()
  }
}

const expectPrefix = (link: Link): void => {
  for (const receiver of ['client', 'server'] as const) {
    const { handled } = link.ends[receiver]
    expect(handled).toEqual(link.ends[otherSide(receiver)].submitted.slice(0, handled.length))
  }
}

/** From now on the line holds. */
const settle = (link: Link): void => {
  for (const one of ['client', 'server'] as const) link.notice(one)
  link.reconnect()
  for (let round = 0; round < 1_000; round += 1) {
    const isQuiet = (['client', 'server'] as const).every(one => !link.arrive(one, 1_000))
    if (isQuiet) return
    // A line that a later resumption replaced was closed under its end.
    link.reconnect()
  }
  throw new Error('the ends never fell silent')
}

test('what is handled is what was submitted, exactly once and in order, whatever breaks between', () => {
  fc.assert(
    fc.property(config, start, moves, (options, counted, program) => {
      const link = linked(options, counted)
      for (const one of program) {
        move(link, one)
        expectPrefix(link)
      }
      settle(link)
      expectPrefix(link)
      expect(link.ends.server.handled).toEqual(link.ends.client.submitted)
      expect(link.ends.client.handled).toEqual(link.ends.server.submitted)
      expect([...link.ends.client.returned, ...link.ends.server.returned]).toEqual([])
    }),
    runs(1_000),
  )
})

test('a session that cannot be resumed loses nothing either: what was not acked comes back, in order', () => {
  fc.assert(
    fc.property(start, fc.nat(10), fc.nat(10), (counted, sent, acked) => {
      fc.pre(acked <= sent)
      const client = drive({ maxUnackedStanzas: 100 }, withCounts(initiated(), 0, counted))
      const names = Array.from({ length: sent }, (_, index) => `m${index}`)
      client.submit(...names)
      client.lose()
      client.requestResume()
      const back = client.failed((counted + acked) % 2 ** 32)
      expect(back.flatMap(effect => (effect._tag === 'ReturnToSender' ? [effect.stanza] : []))).toEqual(
        names.slice(acked),
      )
    }),
    runs(200),
  )
})
