/**
 * The core with its queues in storage, as the loop of a server drives it, seen as if all were in memory: so the laws judge
 * both alike. What a step needs of storage and does not find, or leaves there, is a fault.
 */
import {
  type Account,
  advance,
  type Config,
  type Effect,
  type Event,
  type loadFor,
  type nextToSettle,
  type spilledPositions,
  type step,
  toArray,
  type Unacked,
  type unload,
} from '@smacks/core'
import type { Step } from './perform.js'

/** What a loop takes of the core. */
export interface StorageCore {
  readonly step: typeof step
  readonly spilledPositions: typeof spilledPositions
  readonly loadFor: typeof loadFor
  readonly nextToSettle: typeof nextToSettle
  readonly unload: typeof unload
}

type Rows = ReadonlyMap<string, Unacked<string>>

/** An account as it is between the steps of a loop, and what storage has of it. */
interface Twin {
  readonly account: Account<string>
  readonly rows: Rows
}

/** Throws an `Error` that says what is wrong with storage. */
export const stored = (core: StorageCore): Step => {
  const makeStep = (config: Config) => {
    const options: Config = { ...config, queueStorage: true }
    const stepped = core.step(options)
    const twins = new WeakMap<Account<string>, Twin>()
    const makeOne = (make: CoreStep, { account, rows }: Twin, event: Event<string>): Stepped => {
      const whole = core.loadFor(options, account, event, readerOf(rows))
      const [after, effects] = make(whole, event)
      const twin: Twin = { account: after === whole ? account : core.unload(after), rows: applied(rows, effects) }
      checkRows(core, twin)
      return [twin, effects]
    }
    /** What ended sessions leave, one stanza a page. */
    const settle = (make: CoreStep, twin: Twin): Stepped => {
      const next = core.nextToSettle(twin.account, 0, () => false, readerOf(twin.rows))
      if (next === undefined) return [twin, []]
      const [settled, effects] = makeOne(make, twin, next)
      if (settled.account === twin.account) throw new Error('a page of what an ended session leaves settles nothing')
      const [last, more] = settle(make, settled)
      return [last, [...effects, ...more]]
    }
    return (
      plain: Account<string>,
      event: Event<string>,
    ): readonly [Account<string>, ReadonlyArray<Effect<string>>] => {
      const { account, rows } = twins.get(plain) ?? layAway(core, plain)
      const its: Event<string> =
        event._tag === 'ConfigChanged' ? { ...event, config: { ...event.config, queueStorage: true } } : event
      const [first, effects] = makeOne(stepped, { account, rows }, its)
      const [twin, settled] = settle(its._tag === 'ConfigChanged' ? core.step(its.config) : stepped, first)
      // Where nothing changed, a loop goes on with what it had.
      const next = twin.account === account ? plain : inMemory(core, twin)
      twins.set(next, twin)
      return [next, ofWorld(inOnePiece(effects, settled)).map(effect => withWholeNotice(effect, plain))]
    }
  }
  // The explorer's payload is text; the core's type allows any.
  return makeStep as unknown as Step
}

/** Notices name what is in memory and tell how much more there is; here, all of it. */
const withWholeNotice = (effect: Effect<string>, before: Account<string>): Effect<string> => {
  if (effect._tag !== 'Notify' || !('unacked' in effect.notice)) return effect
  const { inStorage = 0, unacked: here, ...notice } = effect.notice
  const session = before.sessions.find(({ resource }) => resource === effect.resource)
  const unacked = session !== undefined && 'outbound' in session ? toArray(session.outbound.unacked) : []
  if (unacked.length !== inStorage + here.length || here.some((one, index) => one !== unacked[inStorage + index]))
    throw new Error(`a notice tells of ${inStorage} and ${here.length} stanzas, where there are ${unacked.length}`)
  return { ...effect, notice: { ...notice, unacked } }
}

type CoreStep = ReturnType<StorageCore['step']>

type Stepped = readonly [Twin, ReadonlyArray<Effect<string>>]

const ofWorld = (effects: ReadonlyArray<Effect<string>>): ReadonlyArray<Effect<string>> =>
  effects.filter(({ _tag }) => _tag !== 'KeepUnacked' && _tag !== 'ForgetKept')

/** As laws want to see it: what is settled in pages, before the first session ends; but what is routed anew, behind the last. */
const inOnePiece = (
  effects: ReadonlyArray<Effect<string>>,
  settled: ReadonlyArray<Effect<string>>,
): ReadonlyArray<Effect<string>> => {
  const isEnd = ({ _tag }: Effect<string>): boolean => _tag === 'EndSession' || _tag === 'RememberOldSession'
  const first = effects.findIndex(isEnd)
  if (settled.length === 0) return effects
  if (first < 0) throw new Error('something is settled, and no session ended')
  const anew = settled.filter(({ _tag }) => _tag === 'Redeliver')
  const ended = effects.flatMap(effect => (effect._tag === 'EndSession' ? [effect.resource] : []))
  const dispositions = settled.filter(({ _tag }) => _tag !== 'Redeliver')
  const stores = dispositions.filter(({ _tag }) => _tag === 'StoreOffline')
  const others = ended.flatMap(resource =>
    dispositions.filter(
      disposition =>
        disposition._tag !== 'StoreOffline' && 'resource' in disposition && disposition.resource === resource,
    ),
  )
  const rest = [...stores, ...others]
  const last = effects.length - [...effects].reverse().findIndex(({ _tag }) => _tag === 'EndSession')
  return [...effects.slice(0, first), ...rest, ...effects.slice(first, last), ...anew, ...effects.slice(last)]
}

const rowOf = (resource: string, number: number): string => `${resource} ${number}`

const readerOf =
  (rows: Rows) =>
  (resource: string, from: number, count: number): ReadonlyArray<Unacked<string>> =>
    Array.from({ length: count }, (_, index) => {
      const row = rows.get(rowOf(resource, advance(from, index)))
      if (row === undefined) throw new Error(`stanza ${advance(from, index)} of ${resource} is not in storage`)
      return row
    })

const applied = (before: Rows, effects: ReadonlyArray<Effect<string>>): Rows => {
  const rows = new Map(before)
  for (const effect of effects) {
    if (effect._tag === 'KeepUnacked')
      effect.unacked.forEach((one, index) => {
        const row = rowOf(effect.resource, advance(effect.from, index))
        if (rows.has(row)) throw new Error(`stanza ${row} is kept twice`)
        rows.set(row, one)
      })
    if (effect._tag === 'ForgetKept')
      for (let index = 0; index < effect.count; index += 1) {
        const row = rowOf(effect.resource, advance(effect.from, index))
        if (!rows.delete(row)) throw new Error(`stanza ${row} is forgotten, and was not in storage`)
      }
  }
  return rows
}

/** Storage has what the state says, and memory nothing of it; of whoever has no line memory has nothing at all. */
const checkRows = (core: StorageCore, { account, rows }: Twin): void => {
  let kept = 0
  for (const session of account.sessions) {
    if (!('outbound' in session)) continue
    const { outbound, resource } = session
    kept += outbound.spilled
    for (const { from, count } of core.spilledPositions(outbound))
      for (let index = 0; index < count; index += 1)
        if (!rows.has(rowOf(resource, advance(from, index))))
          throw new Error(`the stanza at ${advance(from, index)} of ${resource} is neither in memory nor in storage`)
    if (outbound.unacked.page !== undefined) throw new Error(`what was read for a step of ${resource} stays in memory`)
    const here = toArray(outbound.unacked).length
    if (here !== outbound.unacked.length - outbound.spilled)
      throw new Error(
        `${resource} has ${here} stanzas in memory, ${outbound.spilled} in storage, and ${outbound.unacked.length} in all`,
      )
    if (here > 0 && (session._tag === 'Hibernating' || session._tag === 'Resuming'))
      throw new Error(`${resource} has no line, and ${here} stanzas in memory`)
  }
  for (const { ended } of account.settlements ?? [])
    for (const { session, settled } of ended)
      if ('outbound' in session) kept += Math.max(0, session.outbound.spilled - settled)
  if (rows.size !== kept) throw new Error(`storage has ${rows.size} stanzas, and ${kept} are known of`)
}

/** As it would be had it always been with storage. */
const layAway = (core: StorageCore, plain: Account<string>): Twin => {
  const rows = new Map<string, Unacked<string>>()
  const sessions = plain.sessions.map(session => {
    if (session._tag !== 'Hibernating' && session._tag !== 'Resuming') return session
    const values = toArray(session.outbound.unacked)
    const { length } = values
    const outbound = { ...session.outbound, spilled: length, unacked: { ...emptyHere, length, unloaded: length } }
    const positions = core
      .spilledPositions(outbound)
      .flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => advance(from, index)))
    positions.forEach((position, index) => {
      const one = values[index]
      if (one !== undefined) rows.set(rowOf(session.resource, position), one)
    })
    return { ...session, outbound }
  })
  return { account: { ...plain, sessions }, rows }
}

const emptyHere = { front: [], offset: 0, back: undefined }

/** All that is kept is here, and nothing says that it was not. */
const inMemory = (core: StorageCore, { account, rows }: Twin): Account<string> => ({
  ...account,
  sessions: account.sessions.map(session => {
    if (!('outbound' in session) || session.outbound.spilled === 0) return session
    const { resource, outbound } = session
    const kept = core.spilledPositions(outbound).flatMap(({ from, count }) => readerOf(rows)(resource, from, count))
    const front = [...kept, ...toArray(outbound.unacked)]
    return {
      ...session,
      outbound: {
        ...outbound,
        spilled: 0,
        unacked: { front, offset: 0, back: undefined, length: front.length, unloaded: 0 },
      },
    }
  }),
})
