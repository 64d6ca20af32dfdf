/** Looks for planted faults, as a script: `[first] [every so many]`. Prints a line of JSON for each. */
import { stored } from '../explorer/stored.js'
import { tell, wrongIn } from '../explorer/trace.js'
import { mutated } from './build.js'
import { mutants } from './index.js'
import { kill } from './kill.js'

/** Whether a fault was found, and how. */
export interface Verdict {
  readonly mutant: string
  /** The law that it breaks, and what was found. */
  readonly what: string | undefined
  /** The same, when the moves were made once more. */
  readonly again: string | undefined
  /** The shortest trace that shows it, in prose. */
  readonly story: string | undefined
  readonly world: string | undefined
  readonly moves: number
  readonly states: number
}

/** Files that only a core with its queues in storage makes use of in full. */
const storing: ReadonlySet<string> = new Set([
  'account/spilling.ts',
  'account/loading.ts',
  'account/settlement.ts',
  'queue.ts',
  'session/layout.ts',
  'session/sizes.ts',
  'session/superseding.ts',
])

const [first = 0, every = 1] = process.argv.slice(2).map(Number)

for (const mutant of mutants.filter((_, index) => index % every === first)) {
  const core = await mutated(mutant)
  const step = storing.has(mutant.file) ? stored(core) : core.step
  const { killer, states } = kill(step)
  const violation = killer?.violation
  const verdict: Verdict = {
    mutant: mutant.name,
    what: violation?.what,
    again: killer && violation && wrongIn(killer.world, violation, step),
    story: killer && violation && tell(killer.world, violation, step),
    world: killer?.world.name,
    moves: violation?.moves.length ?? 0,
    states,
  }
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
}
