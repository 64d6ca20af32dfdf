/** Which trial comes after which, and how far they are. */
import type { Measure, Size, SubjectId } from './measure.js'
import { type MeasureResult, measureResult, type TrialRecord } from './result.js'
import { runTrial, type TrialRequest, type TrialResult } from './run-trial.js'

export interface Plan {
  readonly measures: ReadonlyArray<Measure>
  /** Those that can take part. */
  readonly subjects: ReadonlyArray<SubjectId>
  readonly size: Size
  /** Instead of what each measure wants. */
  readonly pairs?: number
}

export interface Watcher {
  /** What is being done, for a line that is written over. */
  readonly progress: (text: string) => void
  readonly trialEnded: (text: string) => void
  readonly measureEnded: (results: ReadonlyArray<MeasureResult>) => void
}

type Run = (request: TrialRequest, progress: (text: string) => void) => Promise<TrialResult>

/** All measures one after the other; of each, all subjects in turns, every other time the other way round. */
export const runPlan = async (
  plan: Plan,
  watcher: Watcher,
  run: Run = runTrial,
): Promise<ReadonlyArray<MeasureResult>> => {
  const estimate = createEstimate(plan)
  const results: Array<MeasureResult> = []
  for (const measure of plan.measures) {
    const trials: Array<TrialRecord> = []
    const pairs = pairsOf(plan, measure)
    for (let pair = 0; pair < pairs; pair += 1) {
      for (const subject of orderOf(plan, measure, pair)) {
        const where = `${measure.name}, pair ${pair + 1} of ${pairs}, ${subject}`
        const startedAt = performance.now()
        const request = { measure: measure.name, subject, size: plan.size }
        watcher.progress(`${estimate.text()} ${where}`)
        const result = await run(request, text => watcher.progress(`${estimate.text()} ${where}: ${text}`))
        const seconds = (performance.now() - startedAt) / 1000
        estimate.ended(measure, seconds)
        trials.push({ pair, subject, seconds, ...outcomeOf(result) })
        watcher.trialEnded(`${estimate.text()} ${where}: ${briefly(measure, result)}`)
      }
    }
    results.push(measureResult(measure, trials))
    watcher.measureEnded(results)
  }
  return results
}

const pairsOf = ({ pairs, size }: Plan, measure: Measure): number => pairs ?? (size === 'full' ? measure.pairs : 1)

/** Whoever comes first in one pair comes last in the next, so that a machine that slows down is unfair to nobody. */
const orderOf = ({ subjects }: Plan, measure: Measure, pair: number): ReadonlyArray<SubjectId> => {
  const order = subjects.filter(subject => measure.subjects.includes(subject))
  return pair % 2 === 0 ? order : order.reverse()
}

const outcomeOf = (result: TrialResult): Pick<TrialRecord, 'failure' | 'quiet' | 'values'> =>
  result._tag === 'Measured' ? { values: result.values, quiet: result.quiet } : { failure: result.reason }

/** The first figures, and whether the machine was quiet. */
const briefly = (measure: Measure, result: TrialResult): string => {
  if (result._tag === 'Failed') return `FAILED ${result.reason.split('\n')[0]}`
  const figures = measure.figures.filter(({ key }) => key in result.values).slice(0, 3)
  const told = figures.map(({ key, digits, unit }) => `${key} ${result.values[key]?.toFixed(digits)} ${unit}`)
  const { others } = result.quiet
  return told.join(', ') + (others === 0 ? '' : `; others had ${Math.round(others * 100)} % of the core`)
}

interface Estimate {
  /** `[3 of 240, 41 min left]` */
  readonly text: () => string
  readonly ended: (measure: Measure, seconds: number) => void
}

/** By what each measure says about itself, until it is known better. */
const createEstimate = (plan: Plan): Estimate => {
  const counts = new Map(
    plan.measures.map(measure => [measure, pairsOf(plan, measure) * orderOf(plan, measure, 0).length] as const),
  )
  const done = new Map<Measure, { count: number; seconds: number }>()
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  let ended = 0
  const left = (): number => {
    let seconds = 0
    for (const [measure, count] of counts) {
      const known = done.get(measure)
      const each = known === undefined ? measure.seconds[plan.size] : known.seconds / known.count
      seconds += each * (count - (known?.count ?? 0))
    }
    return seconds
  }
  return {
    text: () => `[${ended} of ${total}, ${Math.ceil(left() / 60)} min left]`,
    ended: (measure, seconds) => {
      const known = done.get(measure) ?? { count: 0, seconds: 0 }
      done.set(measure, { count: known.count + 1, seconds: known.seconds + seconds })
      ended += 1
    },
  }
}
