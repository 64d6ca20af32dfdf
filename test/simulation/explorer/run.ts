/**
 * Explores the small worlds, as a script: `<more> <milliseconds a world> <states a world> [first world] [every so many]
 * [1: queues are in storage]`. Prints a line of JSON for each world, and now and then one that says how far it got.
 */
import * as core from '@smacks/core'
import { explore } from './search.js'
import { stored } from './stored.js'
import { tell } from './trace.js'
import { worldsOf } from './worlds.js'

/** What is said of a world: as it goes on, and when it is done. */
export interface Report {
  readonly world: string
  readonly isDone: boolean
  readonly states: number
  readonly transitions: number
  readonly probes: number
  readonly depth: number
  readonly isComplete: boolean
  readonly milliseconds: number
  /** The shortest trace to something wrong. */
  readonly story: string | undefined
}

const [
  more = 0,
  milliseconds = Number.POSITIVE_INFINITY,
  states = Number.POSITIVE_INFINITY,
  first = 0,
  every = 1,
  storing = 0,
] = process.argv.slice(2).map(Number)

const say = (report: Report): void => {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

const step = storing === 1 ? stored(core) : core.step
const worlds = worldsOf(more).filter((_, index) => index % every === first)
for (const world of worlds) {
  let told = performance.now()
  const began = told
  const explored = explore(world, step, {
    milliseconds,
    states,
    onProgress: soFar => {
      if (performance.now() - told < 1_000) return
      told = performance.now()
      say({
        world: world.name,
        isDone: false,
        ...soFar,
        probes: 0,
        isComplete: false,
        milliseconds: told - began,
        story: undefined,
      })
    },
  })
  const { violation, probes, isComplete } = explored
  const story = violation && tell(world, violation, step)
  const { depth, transitions, milliseconds: spent } = explored
  say({
    world: world.name,
    isDone: true,
    states: explored.states,
    transitions,
    probes,
    depth,
    isComplete,
    milliseconds: spent,
    story,
  })
}
