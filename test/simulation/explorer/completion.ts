/**
 * Quiescence: from any state on, if from now on the line holds, everything gets through or is settled. The way there is
 * one for each state, and each step of it leads to a state with a way of its own, so what was found good once is not
 * walked again.
 */
import { connectionOf, sessionOf } from '@smacks/core'
import { futureKey } from './key.js'
import { isSessions, isUseless, type Move, sessionAt, sides } from './moves.js'
import { type Machine, optionsOf, perform } from './perform.js'
import type { Side, State } from './state.js'
import type { Visited } from './visited.js'

export interface Completed {
  /** What is wrong, if anything is, and the moves that show it. */
  readonly broken: string | undefined
  readonly way: ReadonlyArray<Move>
}

/** More moves than any small world needs to fall silent. */
const patience = 400

export const complete = (machine: Machine, from: State, good: Visited): Completed => {
  const way: Array<Move> = []
  let state = from
  while (good.add(futureKey(machine.world, state))) {
    const wrong = wrongAtRest(machine, state)
    if (wrong !== undefined) return { broken: wrong, way }
    const move = nextOf(state)
    if (move === undefined) return { broken: wrongAtTheEnd(state), way }
    way.push(move)
    const moved = perform(machine, state, move)
    if (moved.broken !== undefined) return { broken: moved.broken, way }
    if (way.length > patience) return { broken: 'they never fall silent', way }
    state = moved.state
  }
  return { broken: undefined, way }
}

/** What happens next if the line holds: all arrives, dead lines are noticed, the client comes back, at last it leaves. */
const nextOf = (state: State): Move | undefined =>
  onItsWay(state) ?? toNotice(state) ?? toSend(state) ?? held(state) ?? toReturn(state) ?? toEnd(state)

const onItsWay = ({ lines }: State): Move | undefined => {
  for (let line = 0; line < lines.length; line += 1)
    for (const side of ['server', 'client'] as const)
      if (lines[line]?.[side === 'server' ? 'toServer' : 'toClient'].length !== 0)
        return { does: 'deliver', line, side }
  return undefined
}

const toNotice = (state: State): Move | undefined => {
  for (const [index, line] of state.lines.entries())
    for (const side of sides)
      if (line[side] === 'open' && isUseless(line, side) && isSessions(state, side, line))
        return { does: 'lose', line: index, side }
  return undefined
}

/** What is to be sent again and is not yet. */
const toSend = (state: State): Move | undefined => {
  for (const side of sides) {
    const session = sessionAt(state, side)
    if (session?._tag === 'Active' && session.unwritten > 0) return { does: 'page', side }
  }
  return undefined
}

/** An `<r/>` that is held is said when its time comes. */
const held = (state: State): Move | undefined => {
  for (const side of sides)
    for (const { resource, timer } of state[side].armed)
      if (timer === 'ackHold') return { does: 'fire', side, resource, timer }
  return undefined
}

const toReturn = (state: State): Move | undefined => {
  const phase = sessionAt(state, 'client')?._tag
  if (phase === 'Connecting') return { does: 'connect' }
  return phase === 'Hibernating' ? { does: 'dial' } : undefined
}

/** Whoever is left: the client closes its stream, then sessions without a client time out. */
const toEnd = (state: State): Move | undefined => {
  if (sessionAt(state, 'client') !== undefined) return { does: 'close', side: 'client' }
  const [session] = state.server.account.sessions
  if (session === undefined) return undefined
  if (session._tag === 'Hibernating')
    return { does: 'fire', side: 'server', resource: session.resource, timer: 'hibernation' }
  return session.resource === 'phone' ? { does: 'close', side: 'server' } : { does: 'other', what: 'lose' }
}

/** Both talk on one line and nothing is on its way: then all has arrived, and no more is unacked than allowed. */
const wrongAtRest = (machine: Machine, state: State): string | undefined => {
  if ([onItsWay, toNotice, toSend, held].some(next => next(state) !== undefined)) return undefined
  const [client, server] = sides.map(side => sessionAt(state, side))
  if (client?._tag !== 'Active' || server?._tag !== 'Active' || connectionOf(client) !== connectionOf(server))
    return undefined
  for (const stream of ['c', 'p'] as const) {
    const { stands, arrived } = state[stream]
    const missing = [...stands].findIndex((letter, place) => letter === 'q' && arrived[place] === '0')
    if (missing >= 0) return `all is quiet, and ${stream}${missing + 1} never arrived`
  }
  return excess(machine, state, 'client') ?? excess(machine, state, 'server')
}

const excess = (machine: Machine, state: State, side: Side): string | undefined => {
  const options = machine.config[optionsOf(machine, state, side)]
  const session = sessionAt(state, side)
  if (session?._tag !== 'Active') return undefined
  const allowed = session.client === 'active' ? options.maxUnackedStanzas : options.maxInactiveUnackedStanzas
  return session.outbound.unacked.length > allowed
    ? `all is quiet, and the ${side} has more than ${allowed} unacked`
    : undefined
}

/** Nobody is there any more: then every stanza has its end, and nothing is armed. */
const wrongAtTheEnd = (state: State): string | undefined => {
  for (const stream of ['c', 'p', 'd'] as const) {
    const open = state[stream].stands.indexOf('q')
    if (open >= 0) return `all is over, and ${stream}${open + 1} is neither acked nor settled`
  }
  for (const side of sides) {
    const [timer] = state[side].armed
    if (timer !== undefined) return `all is over, and ${timer.timer} of the ${side} is still armed`
  }
  const left = sessionOf(state.server.account, 'phone')
  return left === undefined ? undefined : `all is over, and the server still has a session that is ${left._tag}`
}
