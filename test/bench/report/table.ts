/** A result as Markdown. */
import type { SubjectId } from '../measure.js'
import type { FigureResult, MeasureResult, Result, Verdict } from '../result.js'
import { median } from '../statistics.js'
import { number, percent, ratio } from './numbers.js'

const columns: ReadonlyArray<readonly [SubjectId, string]> = [
  ['today', 'today'],
  ['base', 'base'],
  ['ejabberd', 'ejabberd'],
  ['prosody', 'Prosody'],
  ['relay', 'relay'],
]
const compared: ReadonlyArray<SubjectId> = ['base', 'ejabberd', 'prosody', 'relay']

export const markdown = (result: Result): string =>
  [heading(result), figures(result), targets(result), quietness(result), failures(result)]
    .filter(part => part !== '')
    .join('\n\n')
    .concat('\n')

const heading = ({ machine, size, startedAt, finishedAt, subjects, leftOut }: Result): string => {
  const cores = machine.pinned ? 'a core each for server and load' : 'NOT pinned to cores'
  return [
    `${startedAt.slice(0, 16)} to ${finishedAt.slice(0, 16)} UTC, size \`${size}\`. ${machine.model}, ${machine.cores} cores, ${cores}; ${machine.memoryMegabytes} MB, Linux ${machine.kernel}, Node ${machine.node}.`,
    '',
    ...Object.values(subjects).map(({ name, version, settings }) => `* ${name} (${version}): ${settings}`),
    ...Object.entries(leftOut).map(([subject, reason]) => `* ${subject}: **left out**, ${reason}`),
  ].join('\n')
}

/** Medians, and today's build in the ratio to each: below 1 it has less. */
const figures = ({ measures }: Result): string => {
  const all = measures.flatMap(measure => measure.figures)
  const shown = columns.filter(([subject]) => all.some(({ medians }) => medians[subject] !== undefined))
  const others = columns.filter(([subject]) => compared.includes(subject) && shown.some(([id]) => id === subject))
  return table([
    ['', '', ...shown.map(([, name]) => name), ...others.map(([, name]) => `to ${name}`), 'noise'],
    ...all.map(figure => [
      figure.title,
      figure.unit,
      ...shown.map(([subject]) => number(figure.medians[subject], figure.digits) + mark(figure, subject, true)),
      ...others.map(([subject]) => ratioCell(figure, subject)),
      figure.noise === undefined ? '' : `${figure.noise.least.toFixed(2)} to ${figure.noise.most.toFixed(2)}`,
    ]),
  ])
}

const ratioCell = (figure: FigureResult, subject: SubjectId): string => {
  const value = figure.ratios[subject]
  return value === undefined ? '' : ratio(value) + mark(figure, subject, false)
}

/** Whether a target is met that this cell is about. */
const mark = ({ verdicts, better }: FigureResult, subject: SubjectId, isValue: boolean): string => {
  const against = isValue && subject === 'today' ? 'value' : isValue ? undefined : subject
  const verdict = verdicts.find(each => each.against === against)
  if (verdict === undefined) return ''
  return ` (${better === 'less' ? '≤' : '≥'} ${bound(verdict)}: ${verdict.isMet ? 'met' : '**missed**'})`
}

const bound = ({ against, target }: Verdict): string => (against === 'value' ? String(target) : ratio(target))

const targets = ({ measures }: Result): string => {
  const all = measures.flatMap(({ figures: found }) =>
    found.flatMap(figure => figure.verdicts.map(verdict => ({ figure, verdict }))),
  )
  if (all.length === 0) return ''
  const missed = all.filter(({ verdict }) => !verdict.isMet)
  return [
    `${all.length - missed.length} of ${all.length} targets are met.`,
    ...missed.map(({ figure, verdict }) => {
      const to = verdict.against === 'value' ? figure.unit : `to ${verdict.against}`
      const found = verdict.against === 'value' ? number(verdict.found, figure.digits) : ratio(verdict.found)
      return `* missed: ${figure.title}: ${found} ${to}, ${figure.better === 'less' ? 'at most' : 'at least'} ${bound(verdict)}`
    }),
  ].join('\n')
}

/** Of the server's core, taken by others. */
const quietAtMost = 0.1

/** What else the cores did, of each measure: the median, and the worst that was seen. */
const quietness = ({ measures }: Result): string => {
  const rows = measures.flatMap(measure => {
    const seen = measure.trials.flatMap(({ quiet }) => (quiet === undefined ? [] : [quiet]))
    const shares = (of: (quiet: (typeof seen)[number]) => number): string =>
      `${percent(median(seen.map(of)))}, ${percent(Math.max(...seen.map(of)))}`
    if (seen.every(({ others }) => others === 0)) return []
    const { name } = measure
    return [[name, shares(quiet => quiet.others), shares(quiet => quiet.waited), shares(quiet => quiet.othersOfLoad)]]
  })
  if (rows.length === 0) return ''
  const typical = median(measures.flatMap(({ trials }) => trials.flatMap(({ quiet }) => quiet?.others ?? [])))
  const warning = typical > quietAtMost ? '**The machine was not quiet**: believe the ratios at most.\n\n' : ''
  const head = ['median, worst', 'others on the server’s core', 'the server waited', 'others on the load’s core']
  return warning + table([head, ...rows])
}

const failures = ({ measures }: Result): string => measures.flatMap(failuresOf).join('\n')

const failuresOf = ({ name, trials }: MeasureResult): ReadonlyArray<string> =>
  trials.flatMap(({ failure, subject, pair }) =>
    failure === undefined ? [] : [`FAILED ${name}, pair ${pair + 1}, ${subject}: ${failure}`],
  )

const table = ([head = [], ...rows]: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n')
