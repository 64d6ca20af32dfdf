/** Runs a target: on its whole corpus first, then on inputs that are made of it, until one breaks its promise. */
import fc from 'fast-check'
import { inputsOf } from './inputs.js'
import type { Target } from './target.js'

export interface RunOptions {
  readonly target: Target
  readonly corpus: ReadonlyArray<Uint8Array>
  readonly seed: number
  readonly runs: number
  /** Told before each run. */
  readonly observe?: (input: Uint8Array) => void
}

export interface Outcome {
  readonly runs: number
  /** How many inputs came to each kind of result. */
  readonly kinds: ReadonlyMap<string, number>
  readonly failure?: { readonly input: Uint8Array; readonly reason: string }
}

/** No input takes longer, in milliseconds of the processor's time; it takes a hundredth of that. */
const slowest = 2_000

/** Milliseconds that this process has had of the processor. A machine that has other things to do makes it no slower. */
export const cpuTime = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The input of a failure is as small as fast-check could make it. */
export const runTarget = ({ target, corpus, seed, runs, observe }: RunOptions): Outcome => {
  const kinds = new Map<string, number>()
  let made = 0
  const judge = (input: Uint8Array): void => {
    observe?.(input)
    made += 1
    const begun = cpuTime()
    const kind = target.run(input)
    const took = cpuTime() - begun
    if (took > slowest) throw new Error(`it took ${Math.round(took)} ms`)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  for (const input of corpus) {
    const reason = reasonOf(() => judge(input))
    if (reason !== undefined) return { runs: made, kinds, failure: { input, reason } }
  }
  const details = fc.check(fc.property(inputsOf(corpus, target.words), judge), { seed, numRuns: runs })
  if (!details.failed) return { runs: made, kinds }
  const [input] = details.counterexample ?? [new Uint8Array()]
  return { runs: made, kinds, failure: { input, reason: String(details.errorInstance) } }
}

const reasonOf = (act: () => void): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return String(error)
  }
}
