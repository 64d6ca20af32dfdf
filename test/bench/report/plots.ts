/** Which plots a result has: cost and latency over load, memory over sessions. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SubjectId } from '../measure.js'
import type { MeasureResult, Result } from '../result.js'
import { type Chart, draw, type Line } from './chart.js'

/** In this order they have their colours, in all plots alike. */
const names: ReadonlyArray<readonly [SubjectId, string]> = [
  ['today', 'today'],
  ['base', 'base'],
  ['ejabberd', 'ejabberd'],
  ['prosody', 'Prosody'],
  ['relay', 'bare relay'],
]

interface Named {
  readonly file: string
  readonly chart: Chart
}

/** Writes those that the result has figures for; returns their paths. */
export const writePlots = (result: Result, folder: string): ReadonlyArray<string> => {
  mkdirSync(folder, { recursive: true })
  return chartsOf(result).map(({ file, chart }) => {
    const path = join(folder, file)
    writeFileSync(path, draw(chart))
    return path
  })
}

export const chartsOf = (result: Result): ReadonlyArray<Named> => {
  const find = (name: string): MeasureResult | undefined => result.measures.find(measure => measure.name === name)
  const [load, memory] = [find('load-curve'), find('memory-curve')]
  return [...(load === undefined ? [] : chartsOfLoad(load)), ...(memory === undefined ? [] : [chartOfMemory(memory)])]
}

const chartsOfLoad = (measure: MeasureResult): ReadonlyArray<Named> => [
  {
    file: 'cost-over-load.svg',
    chart: {
      title: 'CPU of the server for each message, over load',
      subtitle: '20 pairs, bodies of 100 bytes, stream management on both ends; the last point is saturation',
      x: { label: 'messages a second', isLog: true },
      y: { label: 'µs', isLog: true },
      lines: linesOf(subject => [...curve(measure, 'cpu.', subject), ...saturation(measure, subject)]),
    },
  },
  ...(
    [
      ['p50', 'p50'],
      ['p99', 'p99'],
      ['p999', 'p99.9'],
    ] as const
  ).map(([key, label]) => ({
    file: `latency-${key}-over-load.svg`,
    chart: {
      title: `Latency over load, ${label}`,
      subtitle:
        'from the write of a message until its reader has it; a line ends where the server had more than it can do',
      x: { label: 'messages a second', isLog: true },
      y: { label: 'ms', isLog: true },
      lines: linesOf(subject => curve(measure, `${key}.`, subject)),
    },
  })),
]

const chartOfMemory = (measure: MeasureResult): Named => ({
  file: 'memory-over-sessions.svg',
  chart: {
    title: 'Resident memory of the server, over hibernating sessions',
    subtitle: 'nothing queued; once it has not changed for 10 s',
    x: { label: 'hibernating sessions', isLog: false },
    y: { label: 'MB', isLog: false },
    lines: linesOf(subject => curve(measure, 'rss.', subject)),
  },
})

type Points = Line['points']

const linesOf = (pointsOf: (subject: SubjectId) => Points): ReadonlyArray<Line> =>
  names.flatMap(([subject, name], style) => {
    const points = pointsOf(subject)
    return points.length === 0 ? [] : [{ name, style, points, isDashed: subject === 'relay' }]
  })

/** The figures `cpu.100`, `cpu.300` ... as points. */
const curve = ({ figures }: MeasureResult, prefix: string, subject: SubjectId): Points =>
  figures.flatMap(({ key, medians }) => {
    const [x, y] = [Number(key.slice(prefix.length)), medians[subject]]
    return key.startsWith(prefix) && Number.isFinite(x) && y !== undefined ? [[x, y] as const] : []
  })

const saturation = ({ figures }: MeasureResult, subject: SubjectId): Points => {
  const [x, y] = ['rate', 'cpu.saturated'].map(name => figures.find(({ key }) => key === name)?.medians[subject])
  return x === undefined || y === undefined ? [] : [[x, y]]
}
