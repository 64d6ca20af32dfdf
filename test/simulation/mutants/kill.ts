/** Looks for a world in which a core breaks a law. */

import type { Step } from '../explorer/perform.js'
import { type Explored, explore } from '../explorer/search.js'
import { worldsOf } from '../explorer/worlds.js'

export interface Verdict {
  /** The world and the law; undefined if the core survived. */
  readonly killer: Explored | undefined
  /** All that was looked at, also in worlds where nothing was found. */
  readonly states: number
}

/** First a glance at each world, since most faults are near; then a long look. */
const glances: ReadonlyArray<number> = [6, 60, 300, 2_000, 30_000]

export const kill = (step: Step): Verdict => {
  let states = 0
  for (const glance of glances)
    for (const world of worldsOf(0)) {
      const explored = explore(world, step, { states: glance })
      states += explored.states
      if (explored.violation !== undefined) return { killer: explored, states }
    }
  return { killer: undefined, states }
}
