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
  type keptPositions,
  type loadFor,
  type release,
  type step,
  toArray,
  type Unacked,
} from '@smacks/core'
import type { Step } from './perform.js'

/** What a loop takes of the core. */
export interface StorageCore {
  readonly step: typeof step
  readonly keptPositions: typeof keptPositions
  readonly loadFor: typeof loadFor
  readonly release: typeof release
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
    return (
      plain: Account<string>,
      event: Event<string>,
    ): readonly [Account<string>, ReadonlyArray<Effect<string>>] => {
      const { account, rows } = twins.get(plain) ?? layAway(core, plain)
      const its: Event<string> =
        event._tag === 'ConfigChanged' ? { ...event, config: { ...event.config, queueStorage: true } } : event
      const whole = core.loadFor(options, account, its, readerOf(rows))
      const [after, effects] = stepped(whole, its)
      // Where nothing changed, a loop goes on with what it had.
      const twin: Twin = { account: after === whole ? account : core.release(after), rows: applied(rows, effects) }
      checkRows(core, twin)
      const next = after === whole ? plain : inMemory(core, twin)
      twins.set(next, twin)
      return [next, effects.filter(({ _tag }) => _tag !== 'KeepUnacked' && _tag !== 'ForgetKept')]
    }
  }
  // The explorer's payload is text; the core's type allows any.
  return makeStep as unknown as Step
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
    kept += outbound.kept
    for (const { from, count } of core.keptPositions(outbound))
      for (let index = 0; index < count; index += 1)
        if (!rows.has(rowOf(resource, advance(from, index))))
          throw new Error(`the stanza at ${advance(from, index)} of ${resource} is neither in memory nor in storage`)
    const here = toArray(outbound.unacked).length
    if (here !== outbound.unacked.length - outbound.kept)
      throw new Error(
        `${resource} has ${here} stanzas in memory, ${outbound.kept} in storage, and ${outbound.unacked.length} in all`,
      )
    if (here > 0 && (session._tag === 'Hibernating' || session._tag === 'Resuming'))
      throw new Error(`${resource} has no line, and ${here} stanzas in memory`)
  }
  if (rows.size !== kept) throw new Error(`storage has ${rows.size} stanzas, and ${kept} are known of`)
}

/** As it would be had it always been with storage. */
const layAway = (core: StorageCore, plain: Account<string>): Twin => {
  const rows = new Map<string, Unacked<string>>()
  const sessions = plain.sessions.map(session => {
    if (session._tag !== 'Hibernating' && session._tag !== 'Resuming') return session
    const values = toArray(session.outbound.unacked)
    const { length } = values
    const outbound = { ...session.outbound, kept: length, unacked: { ...emptyHere, length, away: length } }
    const positions = core
      .keptPositions(outbound)
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
    if (!('outbound' in session) || session.outbound.kept === 0) return session
    const { resource, outbound } = session
    const kept = core.keptPositions(outbound).flatMap(({ from, count }) => readerOf(rows)(resource, from, count))
    const front = [...kept, ...toArray(outbound.unacked)]
    return {
      ...session,
      outbound: { ...outbound, kept: 0, unacked: { front, offset: 0, back: undefined, length: front.length, away: 0 } },
    }
  }),
})
