/** What a run found: as JSON it is all that is known of it, and tables and plots are made of it alone. */
import type { Machine } from './machine.js'
import type { Figure, Measure, Size, SubjectId, Targets, Values } from './measure.js'
import { median, ratios } from './statistics.js'
import type { Quiet } from './trial.js'

export interface Result {
  readonly format: 1
  readonly startedAt: string
  readonly finishedAt: string
  readonly size: Size
  readonly machine: Machine
  readonly subjects: Readonly<Partial<Record<SubjectId, Subject>>>
  /** Who could not take part, and why. */
  readonly leftOut: Readonly<Partial<Record<SubjectId, string>>>
  readonly measures: ReadonlyArray<MeasureResult>
}

export interface Subject {
  readonly name: string
  readonly version: string
  readonly settings: string
}

export interface MeasureResult {
  readonly name: string
  readonly title: string
  readonly how: string
  readonly trials: ReadonlyArray<TrialRecord>
  readonly figures: ReadonlyArray<FigureResult>
}

/** One subject, measured once. */
export interface TrialRecord {
  readonly pair: number
  readonly subject: SubjectId
  readonly seconds: number
  readonly values?: Values
  readonly quiet?: Quiet
  /** Why there are no values. */
  readonly failure?: string
}

export interface FigureResult extends Figure {
  /** By subject, one a pair, in the order of the pairs; `null` where it was not found. */
  readonly values: Readonly<Partial<Record<SubjectId, ReadonlyArray<number | null>>>>
  readonly medians: Readonly<Partial<Record<SubjectId, number>>>
  /** Of today's build to that subject: the median of the ratios within the pairs. */
  readonly ratios: Readonly<Partial<Record<SubjectId, number>>>
  /** Of today's build to itself: what a ratio may be off by. */
  readonly noise?: { readonly median: number; readonly least: number; readonly most: number }
  readonly verdicts: ReadonlyArray<Verdict>
}

export interface Verdict {
  readonly against: keyof Targets
  readonly target: number
  readonly found: number
  readonly isMet: boolean
}

export const measureResult = (measure: Measure, trials: ReadonlyArray<TrialRecord>): MeasureResult => ({
  name: measure.name,
  title: measure.title,
  how: measure.how,
  trials,
  figures: measure.figures.map(figure => figureResult(figure, trials)).filter(({ medians }) => !isEmpty(medians)),
})

const isEmpty = (record: object): boolean => Object.keys(record).length === 0

const figureResult = (figure: Figure, trials: ReadonlyArray<TrialRecord>): FigureResult => {
  const subjects = [...new Set(trials.map(({ subject }) => subject))]
  const pairs = Math.max(0, ...trials.map(({ pair }) => pair + 1))
  const valuesOf = (subject: SubjectId): ReadonlyArray<number | undefined> =>
    Array.from({ length: pairs }, (_, pair) => {
      const value = trials.find(trial => trial.pair === pair && trial.subject === subject)?.values?.[figure.key]
      return value === undefined || Number.isNaN(value) ? undefined : value
    })
  const bySubject = subjects.map(subject => [subject, valuesOf(subject)] as const).filter(([, found]) => hasAny(found))
  const own = valuesOf('today')
  const medians = Object.fromEntries(bySubject.map(([subject, found]) => [subject, median(found.flatMap(present))]))
  const ratioOf = bySubject
    .filter(([subject]) => subject !== 'today')
    .map(([subject, found]) => [subject, median(ratios(own, found))] as const)
    .filter(([, ratio]) => !Number.isNaN(ratio))
  const noise = ratios(valuesOf('again'), own)
  const found = { medians, ratios: Object.fromEntries(ratioOf) }
  return {
    ...figure,
    values: Object.fromEntries(bySubject.map(([subject, values]) => [subject, values.map(value => value ?? null)])),
    ...found,
    ...(noise.length > 0 && {
      noise: { median: median(noise), least: Math.min(...noise), most: Math.max(...noise) },
    }),
    verdicts: verdictsOf(figure, found),
  }
}

const present = (value: number | undefined): ReadonlyArray<number> => (value === undefined ? [] : [value])
const hasAny = (values: ReadonlyArray<number | undefined>): boolean => values.some(value => value !== undefined)

/** Of all targets of which something was found. */
const verdictsOf = (
  { targets = {}, better }: Figure,
  { medians, ratios }: Pick<FigureResult, 'medians' | 'ratios'>,
): ReadonlyArray<Verdict> =>
  (Object.entries(targets) as ReadonlyArray<[keyof Targets, number]>).flatMap(([against, target]) => {
    const found = against === 'value' ? medians.today : ratios[against]
    if (found === undefined) return []
    return [{ against, target, found, isMet: better === 'less' ? found <= target : found >= target }]
  })
