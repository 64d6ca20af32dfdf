/**
 * Keeping unacked stanzas in storage changes nothing that anybody can see: the same programs, once with all in memory
 * and once with storage, give the same states and effects, and storage holds just what the state says.
 */
import {
  type Account,
  advance,
  type Config,
  type Effect,
  type Event,
  keptPositions,
  loadFor,
  type Phase,
  putAway,
  recall,
  release,
  step,
  toArray,
  type Unacked,
} from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runProgram } from './model.js'
import { program, sizeOf } from './program.js'
import { runs } from './runs.js'

type Rows = Map<string, Unacked<string>>

const rowOf = (resource: string, number: number): string => `${resource} ${number}`

/** An account with its storage, driven as the loop drives it. */
const createStored = (start: Account<string>, config: Config) => {
  /** Those of the last `ConfigChanged`. */
  let options: Config = { ...config, queueStorage: true }
  const rows: Rows = new Map()
  let account = laidAway(start, rows)
  const read = (resource: string, from: number, count: number): ReadonlyArray<Unacked<string>> =>
    Array.from({ length: count }, (_, index) => {
      const row = rows.get(rowOf(resource, advance(from, index)))
      if (row === undefined) throw new Error(`number ${advance(from, index)} of ${resource} is not in storage`)
      return row
    })
  const perform = (effect: Effect<string>): void => {
    if (effect._tag === 'KeepUnacked')
      effect.unacked.forEach((unacked, index) => {
        rows.set(rowOf(effect.resource, advance(effect.from, index)), unacked)
      })
    if (effect._tag === 'ForgetKept')
      for (let index = 0; index < effect.count; index += 1) {
        const row = rowOf(effect.resource, advance(effect.from, index))
        if (!rows.delete(row)) throw new Error(`${row} was not in storage`)
      }
  }
  return {
    rows,
    options: () => options,
    happen: (said: Event<string>): ReadonlyArray<Effect<string>> => {
      const event: Event<string> =
        said._tag === 'ConfigChanged' ? { ...said, config: { ...said.config, queueStorage: true } } : said
      const whole = loadFor(options, account, event, read)
      const [after, effects] = step(options)(whole, event)
      if (event._tag === 'ConfigChanged') options = event.config
      account = release(after)
      // What a session leaves is forgotten before another of its name keeps anything.
      for (const effect of effects) perform(effect)
      return effects
    },
    account: () => account,
    whole: () => recall(account, read),
  }
}

/** An account as it would be had it always been with storage: what a session without a connection has is there. */
const laidAway = (account: Account<string>, rows: Rows): Account<string> => ({
  ...account,
  sessions: account.sessions.map(session => {
    if (session._tag !== 'Hibernating' && session._tag !== 'Resuming') return session
    const { acked, unacked } = session.outbound
    toArray(unacked).forEach((one, index) => {
      rows.set(rowOf(session.resource, advance(acked, index + 1)), one)
    })
    const { length } = unacked
    return { ...session, outbound: { ...session.outbound, kept: length, unacked: putAway(unacked, length) } }
  }),
})

const isOfStorage = ({ _tag }: Effect<string>): boolean => _tag === 'KeepUnacked' || _tag === 'ForgetKept'

/** The account without any trace of storage, and with its queues as plain lists. */
const plain = (account: Account<string>): unknown => ({
  ...account,
  sessions: account.sessions.map(session =>
    'outbound' in session
      ? { ...session, outbound: { ...session.outbound, kept: 0, unacked: toArray(session.outbound.unacked) } }
      : session,
  ),
})

const keptIn = (account: Account<string>): ReadonlyArray<string> =>
  account.sessions.flatMap(session =>
    'outbound' in session
      ? keptPositions(session.outbound).flatMap(({ from, count }) =>
          Array.from({ length: count }, (_, index) => rowOf(session.resource, advance(from, index))),
        )
      : [],
  )

test('states and effects are the same with storage and without, whatever happens', () => {
  fc.assert(
    fc.property(program(60), one => {
      const stored = createStored(one.start, one.config)
      for (const { event, after, effects } of runProgram(one)) {
        expect(stored.happen(event).filter(effect => !isOfStorage(effect))).toEqual(effects)
        expect(plain(stored.whole())).toEqual(plain(after))
        expect([...stored.rows.keys()].sort()).toEqual([...keptIn(stored.account())].sort())
      }
    }),
    runs(600),
  )
})

const isShared = (phase: Phase): boolean => phase === 'Active' || phase === 'Connecting' || phase === 'Enabling'

test('a session that is or gets connected has its share in memory at most, a hibernating one nothing', () => {
  fc.assert(
    fc.property(program(60), one => {
      const stored = createStored(one.start, one.config)
      for (const { event } of runProgram(one)) {
        stored.happen(event)
        for (const session of stored.account().sessions) {
          if (!('outbound' in session)) continue
          const share = isShared(session._tag) ? stored.options().maxQueueSize : 0
          expect(session.outbound.unacked.length - session.outbound.unacked.away).toBeLessThanOrEqual(share)
          const bytes = toArray(session.outbound.unacked).reduce((sum, { stanza }) => sum + sizeOf(stanza), 0)
          expect(bytes).toBeLessThanOrEqual(stored.options().maxQueueBytesInMemory)
        }
      }
    }),
    runs(300),
  )
})
