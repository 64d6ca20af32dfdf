/** Numbers as text. */
import { coreAims, type Metric, metrics } from './aims.js'

/** What was measured of one server: metric to value. A metric that failed has a reason instead. */
export interface PeerResult {
  readonly name: string
  readonly settings: string
  readonly values: Readonly<Record<string, number>>
  readonly problems: ReadonlyArray<string>
}

/** The servers side by side; the last columns compare `ours` with the others: above 1 we are better. */
export const peerTable = (results: ReadonlyArray<PeerResult>, ours: string): string => {
  const own = results.find(({ name }) => name === ours)
  const others = results.filter(({ name }) => !name.startsWith('smacks'))
  const head = [
    '',
    ...results.map(({ name }) => name),
    'aim',
    ...(own ? [...others, { name: 'aim' }].map(({ name }) => `/ ${name}`) : []),
  ]
  const rows = metrics
    .filter(({ key }) => results.some(({ values }) => values[key] !== undefined))
    .map(metric => {
      const value = own?.values[metric.key]
      const ratios = [...others.map(({ values }) => values[metric.key]), metric.aim].map(other =>
        ratio(metric, value, other),
      )
      const cells = results.map(({ values }) => number(values[metric.key], metric.digits))
      return [metric.label, ...cells, number(metric.aim, metric.digits), ...(own ? ratios : [])]
    })
  return align([head, ...rows])
}

/** Core and codec beside their aims. */
export const coreTable = (values: Readonly<Record<string, number>>): string => {
  const labels: Readonly<Record<string, string>> = {
    hotStepsPerSecond: 'core: steps/s, one account',
    manyStepsPerSecond: 'core: steps/s, 10,000 accounts',
    parsedPerSecond: 'codec: stanzas/s parsed',
    routedPerSecond: 'codec: stanzas/s parsed, stamped, written',
  }
  const aims: Readonly<Record<string, number>> = coreAims
  const rows = Object.entries(values).map(([key, value]) => {
    const aim = aims[key] ?? Number.NaN
    return [labels[key] ?? key, number(value, 0), number(aim, 0), Number.isNaN(aim) ? '' : (value / aim).toFixed(2)]
  })
  return align([['', 'measured', 'aim', '/ aim'], ...rows])
}

/** Above 1: ours is better. */
const ratio = ({ better }: Metric, ours: number | undefined, other: number | undefined): string => {
  if (ours === undefined || other === undefined || Number.isNaN(other)) return ''
  const value = better === 'more' ? ours / other : other / ours
  return value >= 10 ? value.toFixed(0) : value.toFixed(2)
}

const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value)
    ? '-'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const align = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n')
}
