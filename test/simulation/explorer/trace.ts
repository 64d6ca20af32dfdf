/** A trace in prose: each move, each event that came of it, and what the core made of it. */
import { describeEffect, describeEvent, type Effect, type Event, step } from '@smacks/core'
import { complete } from './completion.js'
import { brokenLaw } from './laws/index.js'
import { describeLinkMove } from './links.js'
import type { Move } from './moves.js'
import { configOf, machineOf, perform, type Step, takeStep } from './perform.js'
import { bare } from './prelude.js'
import type { Violation } from './search.js'
import type { World } from './state.js'
import { createVisited } from './visited.js'

const asItself = (stanza: string): string => stanza

/** Makes the moves once more and tells them. The same moves are told the same, always. */
export const tell = (world: World, violation: Violation, tried: Step = step): string => {
  const machine = machineOf(world, tried)
  const lines: Array<string> = [`in the world "${world.name}":`]
  let state = bare(world)
  for (const move of violation.moves) {
    lines.push(`${describeMove(move)}`)
    state = perform(machine, state, move, (side, event, effects) => lines.push(...told(side, event, effects))).state
  }
  if (violation.probe !== undefined) {
    const { side, event } = violation.probe
    lines.push('and then', ...told(side, event, takeStep(machine, state, side, state[side].account, event).effects))
  }
  return [...lines, `WRONG: ${violation.what}`].join('\n')
}

/** What is found wrong when the moves are made once more; undefined if nothing is. */
export const wrongIn = (world: World, { moves, probe }: Violation, tried: Step): string | undefined => {
  const machine = machineOf(world, tried)
  let state = bare(world)
  for (const move of moves) {
    const moved = perform(machine, state, move)
    if (moved.broken !== undefined) return moved.broken
    state = moved.state
  }
  if (probe === undefined) return complete(machine, state, createVisited()).broken
  const { account: before, armed } = state[probe.side]
  const { after, effects, fault } = takeStep(machine, state, probe.side, before, probe.event)
  return (
    fault ??
    brokenLaw({
      config: configOf(machine, state, probe.side, probe.event),
      before,
      event: probe.event,
      after,
      effects,
      armed,
    })
  )
}

const told = (side: string, event: Event<string>, effects: ReadonlyArray<Effect<string>>): ReadonlyArray<string> => [
  `    ${side}: ${describeEvent(event, asItself)}`,
  ...effects.map(effect => `        -> ${describeEffect(effect, asItself)}`),
]

export const describeMove = (move: Move): string => {
  switch (move.does) {
    case 'submit':
      return { c: 'the client sends', p: 'something comes for the client', d: 'something comes for the other session' }[
        move.stream
      ]
    case 'deliver':
      return `what is first on line ${move.line + 1} reaches the ${move.side}`
    case 'cut':
      return `line ${move.line + 1} is cut`
    case 'lose':
      return `the ${move.side} gives up line ${move.line + 1}`
    case 'dial':
      return 'the client dials anew and resumes'
    case 'refuse':
      return `the resumption on line ${move.line + 1} is refused`
    case 'begin':
      return 'the client binds its resource'
    case 'bind':
      return 'the client binds anew'
    case 'connect':
    case 'greet':
    case 'unreachable':
    case 'want':
      return describeLinkMove(move)
    case 'enable':
      return 'the client asks for stream management'
    case 'fire':
      return `time goes on until the ${move.timer} of the ${move.side}'s ${move.resource}`
    case 'count':
      return `both have counted ${move.from} stanzas by now`
    case 'stop':
      return 'the server stops'
    case 'suspend':
      return 'the server stops, and its sessions wait'
    case 'restart':
      return `the server is killed and starts again${move.by === undefined ? '' : `, and meanwhile the clock was set by ${move.by / 1000} s`}`
    case 'set':
      return `the clock is set by ${move.by / 1000} s`
    case 'configure':
      return "the server's options change"
    case 'close':
      return `the ${move.side} closes the stream`
    case 'silence':
      return `the ${move.side} has not heard anything for long`
    case 'page':
      return `the ${move.side}'s line has room for more of what is sent again`
    case 'drain':
      return "the server's line is drained"
    case 'sight':
      return `the client becomes ${move.state}`
    case 'other':
      return {
        ack: 'the other session acks',
        lose: 'the other session loses its line',
        resume: 'the other session resumes',
      }[move.what]
  }
}
