/** Plays traces until one breaks a promise, and says how many there were and what happened in them. */
import fc from 'fast-check'
import { play, type Trace, trace } from './trace.js'

export interface Simulation {
  readonly seed: number
  readonly traces: number
  /** Steps of both cores. */
  readonly steps: number
  /** How often things happened, by name. */
  readonly tally: ReadonlyMap<string, number>
  /** What was broken, the shortest trace that breaks it, and how to play it again. */
  readonly failure: string | undefined
}

export interface SimulationOptions {
  readonly traces: number
  /** Of fast-check; any seed unless told. */
  readonly seed?: number
  /** The most moves in a trace. */
  readonly maxLength?: number
  /** Sees each trace that kept all promises. */
  readonly observe?: (trace: Trace, played: ReturnType<typeof play>) => void
}

export const simulate = ({ traces, seed, maxLength = 100, observe }: SimulationOptions): Simulation => {
  const tally = new Map<string, number>()
  let steps = 0
  const property = fc.property(trace(maxLength), one => {
    const played = play(one)
    steps += played.steps.length
    for (const [what, times] of played.tally) tally.set(what, (tally.get(what) ?? 0) + times)
    observe?.(one, played)
  })
  const outcome = fc.check(property, seed === undefined ? { numRuns: traces } : { numRuns: traces, seed })
  const failure = outcome.failed ? told(outcome.seed, outcome.counterexample?.[0], outcome.errorInstance) : undefined
  return { seed: outcome.seed, traces: outcome.numRuns, steps, tally, failure }
}

const told = (seed: number, shrunk: Trace | undefined, error: unknown): string =>
  [
    error instanceof Error ? error.message : String(error),
    `FC_SEED=${seed} plays it again; the shortest trace that was found, for regressions.test.ts:`,
    shrunk === undefined ? 'none' : JSON.stringify(shrunk),
    error instanceof Error ? (error.stack ?? '') : '',
  ].join('\n')
