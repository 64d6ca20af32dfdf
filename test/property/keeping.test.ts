/**
 * Keeping unacked stanzas in storage changes nothing that anybody can see: the same programs, once with all in memory
 * and once with storage, give the same states and effects, and storage holds just what the state says. What ended sessions
 * leave there is settled in pages; each stanza has the disposition that it would have had in one piece, in the same order, also
 * where a crash comes between two pages.
 */
import {
  type Account,
  advance,
  type Config,
  type Effect,
  type Event,
  load,
  loadFor,
  nextToSettle,
  type Phase,
  type Session,
  spilledPositions,
  step,
  toArray,
  type Unacked,
  unload,
  unloadOldest,
} from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runProgram } from './model.js'
import { program, sizeOf } from './program.js'
import { runs } from './runs.js'

type Rows = Map<string, Unacked<string>>

const rowOf = (resource: string, number: number): string => `${resource} ${number}`

/** An account with its storage, driven as the loop drives it. */
const createStored = (start: Account<string>, config: Config, atOnce = 2) => {
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
  const happen = (said: Event<string>): ReadonlyArray<Effect<string>> => {
    const event: Event<string> =
      said._tag === 'ConfigChanged' ? { ...said, config: { ...said.config, queueStorage: true } } : said
    const whole = loadFor(options, account, event, read)
    const [after, effects] = step(options)(whole, event)
    // A fold of what is journalled has nothing of storage, and must come to the same.
    if (after.settlements !== account.settlements)
      expect(plain(unload(step(options)(account, event)[0]))).toEqual(plain(unload(after)))
    if (event._tag === 'ConfigChanged') options = event.config
    account = unload(after)
    // What a session leaves is forgotten before another of its name keeps anything.
    for (const effect of effects) perform(effect)
    expect([...rows.keys()].sort()).toEqual([...keptIn(account)].sort())
    return effects
  }
  /** Settles pages of what ended sessions leave, at most so many. */
  const settle = (most = Number.POSITIVE_INFINITY): ReadonlyArray<Effect<string>> => {
    const effects: Array<Effect<string>> = []
    for (let page = 0; page < most; page += 1) {
      let count = 0
      const next = nextToSettle(account, 0, () => ++count <= atOnce, read)
      if (next === undefined) break
      effects.push(...happen(next))
    }
    return effects
  }
  return {
    rows,
    options: () => options,
    happen,
    settle,
    account: () => account,
    whole: () => load(account, read),
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
    return { ...session, outbound: { ...session.outbound, spilled: length, unacked: unloadOldest(unacked, length) } }
  }),
})

const isOfStorage = ({ _tag }: Effect<string>): boolean => _tag === 'KeepUnacked' || _tag === 'ForgetKept'

/** The account without any trace of storage, and with its queues as plain lists. */
const plain = (account: Account<string>): unknown => ({
  ...account,
  sessions: account.sessions.map(session =>
    'outbound' in session
      ? { ...session, outbound: { ...session.outbound, spilled: 0, unacked: toArray(session.outbound.unacked) } }
      : session,
  ),
})

const keptIn = ({ sessions, settlements = [] }: Account<string>): ReadonlyArray<string> => [
  ...sessions.flatMap(session => keptOf(session)),
  ...settlements.flatMap(({ ended }) => ended.flatMap(({ session, settled }) => keptOf(session).slice(settled))),
]

const keptOf = (session: Session<string>): ReadonlyArray<string> =>
  'outbound' in session
    ? spilledPositions(session.outbound).flatMap(({ from, count }) =>
        Array.from({ length: count }, (_, index) => rowOf(session.resource, advance(from, index))),
      )
    : []

type Disposition = Extract<
  Effect<string>,
  { readonly _tag: 'Discard' | 'Redeliver' | 'ReturnToSender' | 'StoreOffline' }
>

const isDisposition = (effect: Effect<string>): effect is Disposition =>
  effect._tag === 'Discard' ||
  effect._tag === 'Redeliver' ||
  effect._tag === 'ReturnToSender' ||
  effect._tag === 'StoreOffline'

/** Effects in the orders that matter: of what each session leaves, by where it goes, and of all else. */
const ordered = (effects: ReadonlyArray<Effect<string>>) => ({
  stored: byResource(effects.filter(isDisposition), ({ _tag }) => _tag === 'StoreOffline'),
  redelivered: byResource(effects.filter(isDisposition), ({ _tag }) => _tag === 'Redeliver'),
  others: byResource(effects.filter(isDisposition), ({ _tag }) => _tag !== 'StoreOffline' && _tag !== 'Redeliver'),
  rest: effects.filter(effect => !isDisposition(effect) && !isOfStorage(effect)).map(withoutUnacked),
})

const byResource = (dispositions: ReadonlyArray<Disposition>, isIt: (disposition: Disposition) => boolean) => {
  const of: Record<string, ReadonlyArray<Disposition>> = {}
  for (const disposition of dispositions)
    if (isIt(disposition)) of[disposition.resource] = [...(of[disposition.resource] ?? []), disposition]
  return of
}

/** Of what is in storage a notice tells the number. */
const withoutUnacked = (effect: Effect<string>): unknown => {
  if (effect._tag !== 'Notify' || !('unacked' in effect.notice)) return effect
  const { unacked, inStorage = 0, ...notice } = effect.notice
  return { ...effect, notice: { ...notice, length: unacked.length + inStorage } }
}

const stores = (effects: ReadonlyArray<Effect<string>>): ReadonlyArray<Effect<string>> =>
  effects.filter(({ _tag }) => _tag === 'StoreOffline')

const setsClock = ({ _tag }: Event<string>): boolean => _tag === 'ClockStepped' || _tag === 'ServerRestarted'

test('states and effects are the same with storage and without, whatever happens', () => {
  fc.assert(
    fc.property(program(60), fc.integer({ min: 1, max: 4 }), (one, atOnce) => {
      const stored = createStored(one.start, one.config, atOnce)
      let isClockSet = false
      for (const { event, after, effects } of runProgram(one)) {
        isClockSet ||= setsClock(event)
        const found = [...stored.happen(event), ...stored.settle()]
        expect(ordered(found)).toEqual(ordered(effects))
        if (!isClockSet) expect(stores(found)).toEqual(stores(effects))
        const { lastAcks = [], ...account } = stored.whole()
        const { lastAcks: needed = [], ...expected } = after
        expect(plain(account)).toEqual(plain(expected))
        // One that waits to be settled keeps them until then: some message may have come for another session meanwhile.
        expect(lastAcks).toEqual(expect.arrayContaining([...needed]))
      }
    }),
    runs(300),
  )
})

/** Which stanzas had a disposition, by session and in order. */
const settledBy = (effects: ReadonlyArray<Effect<string>>): Record<string, ReadonlyArray<string>> =>
  Object.fromEntries(
    Object.entries(byResource(effects.filter(isDisposition), () => true)).map(([resource, dispositions]) => [
      resource,
      dispositions.map(({ stanza }) => stanza).sort(),
    ]),
  )

test('a crash between any two pages leaves each stanza with one disposition', () => {
  fc.assert(
    fc.property(program(60), fc.array(fc.nat(3), { minLength: 1 }), (one, pages) => {
      const twin = createStored(one.start, one.config)
      const crashing = createStored(one.start, one.config, 1)
      for (const [index, { event }] of runProgram(one).entries()) {
        const whole = [...twin.happen(event), ...twin.settle()]
        const parts = [...crashing.happen(event), ...crashing.settle(pages[index % pages.length])]
        const restarted: Event<string> = { _tag: 'ServerRestarted', at: event.at }
        if (crashing.account().settlements === undefined) {
          expect(ordered(parts)).toEqual(ordered(whole))
          continue
        }
        expect(settledBy([...parts, ...crashing.happen(restarted), ...crashing.settle()])).toEqual(
          settledBy([...whole, ...twin.happen(restarted), ...twin.settle()]),
        )
        // Connections are gone, so that the rest of the program would be void.
        return
      }
    }),
    runs(400),
  )
})

const isShared = (phase: Phase): boolean => phase !== 'Hibernating' && phase !== 'Resuming' && phase !== 'Unmanaged'

test('a session that is or gets connected has its share in memory at most, a hibernating one nothing', () => {
  fc.assert(
    fc.property(program(60), one => {
      const stored = createStored(one.start, one.config)
      for (const { event } of runProgram(one)) {
        stored.happen(event)
        stored.settle()
        for (const session of stored.account().sessions) {
          if (!('outbound' in session)) continue
          const share = isShared(session._tag) ? stored.options().maxQueueSize : 0
          expect(session.outbound.unacked.length - session.outbound.unacked.unloaded).toBeLessThanOrEqual(share)
          const bytes = toArray(session.outbound.unacked).reduce((sum, { stanza }) => sum + sizeOf(stanza), 0)
          expect(bytes).toBeLessThanOrEqual(stored.options().maxQueueBytesInMemory)
        }
      }
    }),
    runs(300),
  )
})
