/** What runs came to, as text: tables in Markdown. */
import type { Death } from './deaths.js'
import type { DeathCount, RunReport } from './run.js'

type Cell = number | string

const deathHeadings = ['the server died', 'times', 'sessions back', 'listens again: median ms', 'greatest ms'] as const

/** A row for each way to die, over all runs, and the sum. */
export const tableOfDeaths = (reports: ReadonlyArray<RunReport>): string => {
  const deaths = merged(reports)
  const rows = [...deaths]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([death, count]) => [count.missed === 0 ? death : `${death} (${count.missed} missed)`, ...cellsOf([count])])
  return aligned([deathHeadings, ...rows, ['all', ...cellsOf([...deaths.values()])]])
}

const merged = (reports: ReadonlyArray<RunReport>): ReadonlyMap<Death, DeathCount> => {
  const all = new Map<Death, DeathCount>()
  for (const [death, count] of reports.flatMap(({ deaths }) => [...deaths])) {
    const before = all.get(death)
    all.set(death, before === undefined ? count : added([before, count]))
  }
  return all
}

const added = (counts: ReadonlyArray<DeathCount>): DeathCount => ({
  times: sumOf(counts, ({ times }) => times),
  missed: sumOf(counts, ({ missed }) => missed),
  recovered: sumOf(counts, ({ recovered }) => recovered),
  milliseconds: counts.flatMap(({ milliseconds }) => milliseconds),
})

const cellsOf = (counts: ReadonlyArray<DeathCount>): ReadonlyArray<Cell> => {
  const { times, recovered, milliseconds } = added(counts)
  const sorted = [...milliseconds].sort((one, other) => one - other)
  const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  const time = (value: number | undefined): Cell => (value === undefined ? '' : Math.round(value))
  return [times, recovered, time(median), time(greatest)]
}

/** What is told of messages and sessions, each with its name. */
const fates: ReadonlyArray<readonly [string, (report: RunReport) => number]> = [
  ['messages sent', ({ verdict }) => verdict.sent],
  ['delivered', ({ verdict }) => verdict.delivered],
  ['  of them to who was never there before', ({ fromStorage }) => fromStorage],
  ['returned to their sender', ({ verdict }) => verdict.returned],
  ['LOST', ({ verdict }) => verdict.lost],
  ['DOUBLED', ({ verdict }) => verdict.doubled],
  ['REORDERED', ({ verdict }) => verdict.reordered],
  ['NEVER SENT, BUT CAME', ({ verdict }) => verdict.strange],
  ['sessions resumed', ({ resumed }) => resumed],
  ['RESUMPTIONS REFUSED', ({ refused }) => refused],
  ['sessions begun anew', ({ beganAnew }) => beganAnew],
  ['  messages that came again in them', ({ verdict }) => verdict.repeated],
  ['  messages that nobody knew of if they were taken', ({ verdict }) => verdict.inDoubt],
  ['most messages under way to one who resumed', ({ awaited }) => awaited],
  ['lines cut by clients', ({ cuts }) => cuts],
  ['logins given up after ten seconds', ({ late }) => late],
  ['roster items put', ({ rosterItems }) => rosterItems],
  ['OTHER COMPLAINTS', report => report.complaints.length - report.verdict.complaints.length],
  ['seconds', ({ seconds }) => Math.round(seconds)],
]

/** A column for each run; what must be 0 is in capitals. */
export const tableOfFates = (reports: ReadonlyArray<RunReport>): string =>
  aligned([['', ...reports.map(({ title }) => title)], ...fates.map(([name, count]) => [name, ...reports.map(count)])])

const sumOf = <A>(values: ReadonlyArray<A>, count: (value: A) => number): number =>
  values.reduce((sum, value) => sum + count(value), 0)

/** Cells as wide as the widest of their column; all but the first to the right. The first row is the head. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<Cell>>): string => {
  const shown = rows.map(row => row.map(cell => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)))
  const [head = [], ...others] = shown
  const widths = head.map((_, column) => Math.max(...shown.map(row => row[column]?.length ?? 0)))
  const padded = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  const line = (row: ReadonlyArray<string>): string =>
    `| ${head.map((_, at) => padded(row[at] ?? '', at)).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`))
  return [line(head), `|${rule.join('|')}|`, ...others.map(line)].join('\n')
}
