/**
 * Breadth-first exploration: every state that a world can get to, every law in each, and from each the way to rest. The
 * first thing found wrong has the shortest trace there is.
 */
import type { Event } from '@smacks/core'
import { complete } from './completion.js'
import { stateKey } from './key.js'
import { brokenLaw } from './laws/index.js'
import { type Move, movesOf, sides } from './moves.js'
import { configOf, type Machine, machineOf, perform, type Step, takeStep } from './perform.js'
import { initial } from './prelude.js'
import { probesOf } from './probes.js'
import type { Side, State, World } from './state.js'
import { createVisited } from './visited.js'

export interface Limits {
  /** Milliseconds; none: until all is explored. */
  readonly milliseconds?: number
  readonly states?: number
  /** Told now and then. */
  readonly onProgress?: (soFar: Progress) => void
}

export interface Progress {
  readonly states: number
  readonly transitions: number
  readonly depth: number
}

/** Something is wrong, and this is how to get there. */
export interface Violation {
  readonly what: string
  /** From the bare world on. */
  readonly moves: ReadonlyArray<Move>
  /** The last event, where it is not a move but a probe. */
  readonly probe?: { readonly side: Side; readonly event: Event<string> }
}

export interface Explored extends Progress {
  readonly world: World
  /** True if there was nothing more to explore. */
  readonly isComplete: boolean
  readonly probes: number
  readonly milliseconds: number
  readonly violation: Violation | undefined
}

export const explore = (world: World, step: Step, limits: Limits = {}): Explored => {
  const machine = machineOf(world, step)
  const began = performance.now()
  const start = initial(machine)
  const search = newSearch(machine, start.moves)
  const isOver = () =>
    search.violation() !== undefined ||
    performance.now() - began > (limits.milliseconds ?? Number.POSITIVE_INFINITY) ||
    search.progress().states >= (limits.states ?? Number.POSITIVE_INFINITY)
  if (start.broken === undefined) search.run(start.state, isOver, limits.onProgress)
  const violation = start.broken === undefined ? search.violation() : { what: start.broken, moves: start.moves }
  return {
    world,
    ...search.progress(),
    isComplete: search.isComplete(),
    probes: search.probes(),
    milliseconds: performance.now() - began,
    violation,
  }
}

interface Found {
  readonly state: State
  readonly number: number
}

/** So many expansions between two looks at the clock. */
const atATime = 256

const newSearch = (machine: Machine, prelude: ReadonlyArray<Move>) => {
  const visited = createVisited()
  const good = createVisited()
  const probed: Readonly<Record<Side, Set<string>>> = { client: new Set(), server: new Set() }
  const history = createHistory()
  let transitions = 0
  let depth = 0
  let probes = 0
  let isDone = false
  let violation: Violation | undefined

  /** A state that is new is judged; true if it is to be expanded. */
  const enter = (state: State, parent: number, place: number): number | undefined => {
    if (!visited.add(stateKey(machine.world, state))) return undefined
    const number = history.add(parent, place)
    const completed = complete(machine, state, good)
    if (completed.broken !== undefined)
      violation ??= { what: completed.broken, moves: [...trace(number), ...completed.way] }
    for (const side of sides) probe(state, side, number)
    return number
  }

  const probe = (state: State, side: Side, number: number): void => {
    // On which line does not matter.
    const anywhere = state[side].key.replace(/L\d/g, 'L')
    if (probed[side].has(anywhere)) return
    probed[side].add(anywhere)
    const { account: before, armed } = state[side]
    for (const event of probesOf(state[side], state.now + 1, machine.world.size)) {
      const { after, effects, fault } = takeStep(machine, state, side, before, event)
      probes += 1
      const what =
        fault ?? brokenLaw({ config: configOf(machine, state, side, event), before, event, after, effects, armed })
      if (what !== undefined) violation ??= { what, moves: trace(number), probe: { side, event } }
    }
  }

  const expand = ({ state, number }: Found, next: Array<Found>): void => {
    const moves = movesOf(machine.world, state)
    for (let place = 0; place < moves.length && violation === undefined; place += 1) {
      const move = moves[place]
      if (move === undefined) continue
      transitions += 1
      const moved = perform(machine, state, move)
      if (moved.broken !== undefined) violation = { what: moved.broken, moves: [...trace(number), move] }
      const entered = enter(moved.state, number, place)
      if (entered !== undefined) next.push({ state: moved.state, number: entered })
    }
  }

  /** The moves that led to a state, found by making them again. */
  const trace = (number: number): ReadonlyArray<Move> => {
    let { state } = initial(machine)
    const moves: Array<Move> = [...prelude]
    for (const place of history.placesTo(number)) {
      const move = movesOf(machine.world, state)[place]
      if (move === undefined) throw new Error(`the state ${number} cannot be reached again`)
      moves.push(move)
      state = perform(machine, state, move).state
    }
    return moves
  }

  return {
    run: (start: State, isOver: () => boolean, onProgress: Limits['onProgress']): void => {
      let level: Array<Found> = []
      const first = enter(start, -1, 0)
      if (first !== undefined) level.push({ state: start, number: first })
      while (level.length > 0) {
        const next: Array<Found> = []
        for (let index = 0; index < level.length; index += 1) {
          const found = level[index]
          if (found !== undefined) expand(found, next)
          if (index % atATime !== 0 && violation === undefined) continue
          if (isOver()) return
          onProgress?.({ states: visited.size(), transitions, depth })
        }
        level = next
        depth += level.length > 0 ? 1 : 0
      }
      isDone = true
    },
    progress: (): Progress => ({ states: visited.size(), transitions, depth }),
    isComplete: () => isDone,
    probes: () => probes,
    violation: () => violation,
  }
}

/** For each state the one it was found from, and by which of its moves. */
const createHistory = () => {
  let parents = new Int32Array(1 << 14)
  let places = new Uint8Array(1 << 14)
  let length = 0
  return {
    add: (parent: number, place: number): number => {
      if (length === parents.length) {
        const [more, others] = [new Int32Array(length * 2), new Uint8Array(length * 2)]
        more.set(parents)
        others.set(places)
        parents = more
        places = others
      }
      parents[length] = parent
      places[length] = place
      length += 1
      return length - 1
    },
    placesTo: (number: number): ReadonlyArray<number> => {
      const found: Array<number> = []
      for (let at = number; at > 0; at = parents[at] ?? -1) found.push(places[at] ?? 0)
      return found.reverse()
    },
  }
}
