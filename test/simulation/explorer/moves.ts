/** What can happen next in a state. The list depends on the state alone, so its places name moves. */
import { connectionOf, type Session, sessionOf, type TimerName } from '@smacks/core'
import { type LinkMove, linkMovesOf } from './links.js'
import type { Line, Side, State, Stream, World } from './state.js'

export type Move =
  | { readonly does: 'begin' | 'bind' | 'configure' | 'dial' | 'enable' | 'stop' | 'suspend' }
  /** While the server was down, the clock was set by so many milliseconds; without them nobody knows. */
  | { readonly does: 'restart'; readonly by?: number }
  | { readonly does: 'set'; readonly by: number }
  | LinkMove
  | { readonly does: 'close' | 'page'; readonly side: Side }
  | { readonly does: 'drain' }
  | { readonly does: 'silence'; readonly side: Side }
  | { readonly does: 'count'; readonly from: number }
  | { readonly does: 'cut' | 'refuse'; readonly line: number }
  | { readonly does: 'deliver' | 'lose'; readonly line: number; readonly side: Side }
  | { readonly does: 'fire'; readonly side: Side; readonly resource: string; readonly timer: TimerName }
  | { readonly does: 'other'; readonly what: 'ack' | 'lose' | 'resume' }
  | { readonly does: 'sight'; readonly state: 'active' | 'inactive' }
  | { readonly does: 'submit'; readonly stream: Stream }

export const sides: ReadonlyArray<Side> = ['client', 'server']

/** The client's own session on a side. */
export const sessionAt = (state: State, side: Side): Session<string> | undefined =>
  sessionOf(state[side].account, 'phone')

export const movesOf = (world: World, state: State): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  addDeliveries(state, moves)
  addSubmissions(world, state, moves)
  addBreaks(state, moves)
  addPages(state, moves)
  addReturns(world, state, moves)
  addTimers(state, moves)
  addWishes(world, state, moves)
  if (world.hasOther) addOther(state, moves)
  return moves
}

const addDeliveries = ({ lines }: State, moves: Array<Move>): void => {
  for (let line = 0; line < lines.length; line += 1) {
    if (lines[line]?.toServer.length !== 0) moves.push({ does: 'deliver', line, side: 'server' })
    if (lines[line]?.toClient.length !== 0) moves.push({ does: 'deliver', line, side: 'client' })
  }
}

const streams: ReadonlyArray<Stream> = ['c', 'p', 'd']

/** The client's application submits only while it has a session; the server routes to whoever was there. */
const addSubmissions = (world: World, state: State, moves: Array<Move>): void => {
  for (const stream of streams) {
    if (state[stream].stands.length >= world.stanzas[stream].length || (stream === 'd' && world.isForBoth)) continue
    if (stream !== 'c' || sessionAt(state, 'client') !== undefined) moves.push({ does: 'submit', stream })
  }
}

/** A line is cut, or given up by one end while the other goes on. An end may notice whenever the line is no use. */
const addBreaks = (state: State, moves: Array<Move>): void => {
  state.lines.forEach((line, index) => {
    if (state.budget.cuts > 0 && !line.isCut) moves.push({ does: 'cut', line: index })
    for (const side of sides) {
      if (line[side] === 'gone' || !isSessions(state, side, line)) continue
      if (isUseless(line, side) || state.budget.losses > 0) moves.push({ does: 'lose', line: index, side })
    }
  })
}

/** A line took all that it was given, and more is to be sent again. */
const addPages = (state: State, moves: Array<Move>): void => {
  for (const side of sides) {
    const session = sessionAt(state, side)
    if (session?._tag === 'Active' && session.unwritten > 0) moves.push({ does: 'page', side })
  }
}

export const isUseless = (line: Line, side: Side): boolean =>
  line.isCut || line[side === 'client' ? 'server' : 'client'] === 'gone'

/** Only a session's connection can be lost to the core. */
export const isSessions = (state: State, side: Side, line: Line): boolean =>
  state[side].account.sessions.some(session => connectionOf(session) === line.id)

const addReturns = (world: World, state: State, moves: Array<Move>): void => {
  const session = sessionAt(state, 'client')
  if (session?._tag === 'Hibernating' && state.budget.dials > 0) moves.push({ does: 'dial' })
  if (world.start === 'wanted' || session?._tag === 'Connecting') moves.push(...linkMovesOf(state))
  else if (session === undefined && state.budget.binds > 0) moves.push({ does: 'bind' })
  if (session?._tag === 'Unmanaged') moves.push({ does: 'enable' })
  if (state.budget.refusals === 0) return
  state.lines.forEach(({ toServer }, line) => {
    const first = toServer[0]?._tag
    if (first === 'Resume' || (first === 'Enable' && world.hold)) moves.push({ does: 'refuse', line })
  })
}

/** Timers may be late, but not early: time goes on to their deadline. They may fire in any order. */
const addTimers = (state: State, moves: Array<Move>): void => {
  for (const side of sides)
    for (const { resource, timer } of state[side].armed) moves.push({ does: 'fire', side, resource, timer })
}

const addWishes = (world: World, state: State, moves: Array<Move>): void => {
  const { budget } = state
  for (const side of sides) {
    const session = sessionAt(state, side)
    if (session === undefined) continue
    if (budget.closes > 0) moves.push({ does: 'close', side })
    if (budget.silences > 0 && connectionOf(session) !== undefined) moves.push({ does: 'silence', side })
  }
  const served = sessionAt(state, 'server')
  const stopping = world.start === 'wanted' ? 'client' : 'server'
  if (budget.stops > 0 && state[stopping].account.sessions.length > 0)
    moves.push({ does: world.keeps ? 'suspend' : 'stop' })
  if (budget.restarts > 0 && state.server.account.sessions.length > 0) moves.push(...restartsIn(world))
  if (budget.clocks > 0) moves.push(...clockSteps.map(by => ({ does: 'set', by }) as const))
  if (budget.changes > 0 && state.server.account.sessions.length > 0) moves.push({ does: 'configure' })
  if (served?._tag !== 'Active') return
  if (budget.drains > 0) moves.push({ does: 'drain' })
  if (budget.sights > 0) moves.push({ does: 'sight', state: served.client === 'active' ? 'inactive' : 'active' })
}

/** An hour, both ways. */
const clockSteps: ReadonlyArray<number> = [3_600_000, -3_600_000]

const restartsIn = (world: World): ReadonlyArray<Move> =>
  world.budget.clocks > 0 ? clockSteps.map(by => ({ does: 'restart', by })) : [{ does: 'restart' }]

const addOther = (state: State, moves: Array<Move>): void => {
  const session = sessionOf(state.server.account, 'desktop')
  if (session?._tag === 'Active' && state.budget.others > 0) moves.push({ does: 'other', what: 'lose' })
  if (session?._tag === 'Active' && session.outbound.unacked.length > 0) moves.push({ does: 'other', what: 'ack' })
  if (session?._tag === 'Hibernating' && state.budget.others > 0) moves.push({ does: 'other', what: 'resume' })
}
