/**
 * Plays traces of two peers, as a script: `<traces> [seed]`. Prints a line of JSON now and then, and one for each kind of
 * trace when it is done.
 */
import { type Simulation, simulate, simulateStops } from './simulate.js'

export interface TracesReport {
  readonly kind: 'lines break' | 'the server stops'
  readonly isDone: boolean
  readonly traces: number
  readonly steps: number
  readonly seed: number | undefined
  readonly failure: string | undefined
}

const [traces = 2_000, seed] = process.argv.slice(2).map(Number)
const options = seed === undefined ? {} : { seed }
const begun = { traces: 0, steps: 0, told: performance.now() }

const say = (report: TracesReport): void => {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

const observing = (kind: TracesReport['kind']) => {
  let { traces: played, steps, told } = begun
  return (_: unknown, one: { readonly steps: ReadonlyArray<unknown> }): void => {
    played += 1
    steps += one.steps.length
    if (performance.now() - told < 1_000) return
    told = performance.now()
    say({ kind, isDone: false, traces: played, steps, seed, failure: undefined })
  }
}

const summed = (kind: TracesReport['kind'], { traces: played, steps, seed: used, failure }: Simulation): void =>
  say({ kind, isDone: true, traces: played, steps, seed: used, failure })

summed('lines break', simulate({ traces, ...options, observe: observing('lines break') }))
const stops = Math.ceil(traces / 10)
summed('the server stops', await simulateStops({ traces: stops, ...options, observe: observing('the server stops') }))
