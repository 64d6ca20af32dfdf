/** What a run came to, as text. */
import type { Death } from './deaths.js'
import type { DeathCount, RunReport } from './run.js'

const headings = [
  'death',
  'times',
  'sessions back',
  'median ms',
  'greatest ms',
  'delivered',
  'lost',
  'doubled',
  'reordered',
  'resumed',
  'refused',
] as const

/** A table in Markdown, with a row for each way to die, and the sum. Losses are only known at the end. */
export const tableOf = ({ deaths, verdict, resumed, refused }: RunReport): string => {
  const all = [...deaths.values()]
  const sum = (key: Exclude<keyof DeathCount, 'milliseconds'>): number =>
    all.reduce((total, one) => total + one[key], 0)
  const rows = [...deaths]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([death, count]) => rowOf(death, count))
  const total = [
    'all, and after',
    sum('times'),
    sum('recovered'),
    ...medianAndGreatest(all.flatMap(({ milliseconds }) => milliseconds)),
    verdict.delivered,
    verdict.lost,
    verdict.doubled,
    verdict.reordered,
    resumed,
    refused,
  ]
  return aligned([headings, ...rows, total].map(row => row.map(shown)))
}

const rowOf = (death: Death, count: DeathCount): ReadonlyArray<number | string> => [
  count.missed === 0 ? death : `${death} (${count.missed} missed)`,
  count.times,
  count.recovered,
  ...medianAndGreatest(count.milliseconds),
  count.delivered,
  '',
  count.doubled,
  count.reordered,
  count.resumed,
  count.refused,
]

const medianAndGreatest = (values: ReadonlyArray<number>): readonly [number | string, number | string] => {
  const sorted = [...values].sort((one, other) => one - other)
  const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return median === undefined || greatest === undefined ? ['', ''] : [Math.round(median), Math.round(greatest)]
}

const shown = (value: number | string): string => (typeof value === 'number' ? value.toLocaleString('en') : value)

/** Cells as wide as the widest of their column; numbers to the right. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>): string =>
    `| ${widths.map((width, column) => padded(row[column] ?? '', width, column)).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  const [head = [], ...others] = rows
  return [line(head), rule, ...others.map(line)].join('\n')
}

const padded = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width)

/** What the table does not say. */
export const summaryOf = ({ verdict, tooLong, cuts, fromStorage, rosterItems }: RunReport): string =>
  [
    `${shown(verdict.sent)} messages were sent: ${shown(verdict.delivered)} came,`,
    `${shown(fromStorage)} of them from offline storage; ${shown(verdict.returned)} came back;`,
    `clients cut ${shown(cuts)} lines; ${shown(rosterItems)} roster items were put.`,
    ...(tooLong === 0 ? [] : [`${shown(tooLong)} resumptions were refused as they should be: too much waited.`]),
    ...(verdict.repeated === 0 ? [] : [`${shown(verdict.repeated)} messages came again in sessions begun anew.`]),
    ...(verdict.inDoubt === 0
      ? []
      : [`${shown(verdict.inDoubt)} were not acked when their sender was refused, and did not come.`]),
  ].join(' ')
