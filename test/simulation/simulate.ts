/** Plays traces until one breaks a promise, and says how many there were and what happened in them. */
import fc from 'fast-check'
import { type Played, play, playUntilStop, type Trace, trace } from './trace.js'

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
  readonly observe?: (trace: Trace, played: Played) => void
}

export const simulate = ({ traces, seed, maxLength = 100, observe }: SimulationOptions): Simulation => {
  const count = counting(observe)
  const property = fc.property(trace(maxLength), one => count.take(one, play(one)))
  return summary(fc.check(property, parameters(traces, seed)), count)
}

/** The same, and each trace ends with the server's process. */
export const simulateStops = async (options: SimulationOptions): Promise<Simulation> => {
  const { traces, seed, maxLength = 40, observe } = options
  const count = counting(observe)
  const property = fc.asyncProperty(trace(maxLength), async one => count.take(one, await playUntilStop(one)))
  return summary(await fc.check(property, parameters(traces, seed)), count)
}

const parameters = (numRuns: number, seed: number | undefined): fc.Parameters<[Trace]> =>
  seed === undefined ? { numRuns } : { numRuns, seed }

const counting = (observe: SimulationOptions['observe']) => {
  const tally = new Map<string, number>()
  let steps = 0
  return {
    tally,
    steps: () => steps,
    take: (one: Trace, played: Played): void => {
      steps += played.steps.length
      for (const [what, times] of played.tally) tally.set(what, (tally.get(what) ?? 0) + times)
      observe?.(one, played)
    },
  }
}

const summary = (outcome: fc.RunDetails<[Trace]>, { tally, steps }: ReturnType<typeof counting>): Simulation => ({
  seed: outcome.seed,
  traces: outcome.numRuns,
  steps: steps(),
  tally,
  failure: outcome.failed ? told(outcome.seed, outcome.counterexample?.[0], outcome.errorInstance) : undefined,
})

const told = (seed: number, shrunk: Trace | undefined, error: unknown): string =>
  [
    error instanceof Error ? error.message : String(error),
    `FC_SEED=${seed} plays it again; the shortest trace that was found, for regressions.test.ts:`,
    shrunk === undefined ? 'none' : JSON.stringify(shrunk),
    error instanceof Error ? (error.stack ?? '') : '',
  ].join('\n')
