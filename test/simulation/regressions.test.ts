/**
 * Traces that were found at random and are worth keeping: the shortest that caught a mistake, each with what must have
 * happened in it, so that it goes on meeting the situation it is kept for. The mistakes were planted, but for those that
 * say otherwise.
 */
import { defaultConfig } from '@smacks/core'
import { expect, test } from 'vitest'
import type { Finale, Move } from './moves.js'
import { play } from './trace.js'
import { calm, type World } from './world.js'

interface Kept {
  readonly world?: Partial<World>
  readonly moves: ReadonlyArray<Move>
  readonly finale?: Finale
}

/** Plays a trace and gives how often things happened in it. */
const played = ({ world, moves, finale = 'returns' }: Kept): Readonly<Record<string, number>> =>
  Object.fromEntries(play({ world: { ...calm, ...world }, moves, finale }).tally)

const chat = (side: 'client' | 'server', count = 1): Move => ({
  does: 'submit',
  side,
  kind: 'chat',
  to: 'session',
  count,
})
const cut: Move = { does: 'cut', toClient: 0, toServer: 0, noticedBy: 'both', line: 0 }

test('what is sent again after a resumption comes in its first order', () => {
  expect(played({ moves: [chat('client', 4), cut] })).toMatchObject({ handled: 4, resumed: 1 })
})

test('the timer of a hibernation that is over ends no later one', () => {
  const moves: ReadonlyArray<Move> = [
    cut,
    { does: 'pass', ms: 500_000 },
    { does: 'recover' },
    { does: 'pass', ms: 200_000 },
    cut,
    { does: 'fireStale', side: 'client', timer: 0 },
    { does: 'fireStale', side: 'server', timer: 0 },
  ]
  expect(played({ moves })).toMatchObject({ resumed: 2, 'ended: closed': 2 })
})

test('a resumption that fails returns nothing that the h in <failed/> covers', () => {
  const server = { ...defaultConfig, maxHibernatingSessions: 0 }
  const happened = played({
    world: { config: { client: defaultConfig, server } },
    moves: [chat('client'), { ...cut, toServer: 219 }],
  })
  expect(happened).toMatchObject({ 'resume failed: item-not-found': 1, handled: 1 })
  expect(happened).not.toHaveProperty('returned')
})

test('a <resume/> in the other namespace resumes nothing, although the SM-ID is right', () => {
  const happened = played({ moves: [{ does: 'intrude', previd: 'known', h: 'handled', version: 'other' }] })
  expect(happened).toMatchObject({ 'refused: unexpected-request': 1 })
  expect(happened).not.toHaveProperty('closed: conflict')
})

test('a session knows after its resumption that its client reads its archive', () => {
  const moves: ReadonlyArray<Move> = [
    { does: 'archive' },
    cut,
    { does: 'recover' },
    { does: 'submit', side: 'server', kind: 'archived', to: 'session', count: 1 },
  ]
  expect(played({ moves, finale: 'stops' })).toMatchObject({ discarded: 1, 'ended: stopped': 1 })
})

test('a <resume/> that was overtaken, with an h from long ago, changes nothing (the model had thought it a lie)', () => {
  const happened = played({
    world: { delays: [0, 0, 2_000] },
    moves: [{ does: 'dial' }, cut, { does: 'dial' }, chat('server'), { does: 'dial' }, { does: 'pass', ms: 1 }],
  })
  expect(happened).toMatchObject({ handled: 1 })
})

test('a client whose session was taken by somebody else takes it back, and misses nothing', () => {
  const happened = played({
    moves: [
      { does: 'intrude', previd: 'known', h: 'handled', version: 'same' },
      { does: 'flow' },
      chat('server', 3),
      chat('client', 2),
    ],
  })
  expect(happened).toMatchObject({ handled: 5, resumed: 1 })
})

test('a half-open line that breaks in the middle of a stanza and is left by the client loses nothing', () => {
  const happened = played({
    moves: [
      chat('client', 2),
      { ...cut, toServer: 300, noticedBy: 'none' },
      chat('server'),
      { does: 'dial' },
      { does: 'flow' },
      chat('client'),
    ],
  })
  expect(happened).toMatchObject({ handled: 4, resumed: 1, 'closed: conflict': 1 })
})
