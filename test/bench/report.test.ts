/** What is made of trials: medians, ratios, verdicts, the table and the plots. No server takes part. */
import { SaxesParser } from 'saxes'
import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.js'
import type { Measure, SubjectId, Values } from './measure.js'
import { measures } from './measures/index.js'
import { draw } from './report/chart.js'
import { chartsOf } from './report/plots.js'
import { markdown } from './report/table.js'
import { type MeasureResult, measureResult, type Result } from './result.js'
import { runPlan } from './schedule.js'

const toy: Measure = {
  name: 'toy',
  title: 'A toy',
  how: 'it is made up',
  figures: [
    {
      key: 'cpu',
      title: 'CPU of a toy',
      unit: 'µs',
      better: 'less',
      digits: 1,
      targets: { base: 0.5, ejabberd: 0.1, value: 3 },
    },
    { key: 'rate', title: 'toys a second', unit: '1/s', better: 'more', digits: 0, targets: { base: 2 } },
  ],
  subjects: ['today', 'again', 'base', 'ejabberd'],
  pairs: 3,
  seconds: { full: 1, quick: 1, smallest: 1 },
  run: () => Promise.reject(new Error('nobody runs it')),
}

const quiet = { others: 0.02, othersOfLoad: 0.03, waited: 0.01 }

/** The machine becomes slower with each pair, by the same for all. */
const slowing = (subject: SubjectId, pair: number): Values => {
  const costs = { today: 2, again: 2.2, base: 10, ejabberd: 12, prosody: 1, relay: 1 }
  return { cpu: costs[subject] * (pair + 1), rate: 100 / (costs[subject] * (pair + 1)) }
}

const runToy = async (): Promise<{ readonly order: ReadonlyArray<string>; readonly measure: MeasureResult }> => {
  const order: Array<string> = []
  const counts = new Map<SubjectId, number>()
  const [measure] = await runPlan(
    { measures: [toy], subjects: toy.subjects, size: 'full' },
    { progress: () => undefined, trialEnded: () => undefined, measureEnded: () => undefined },
    async ({ subject }) => {
      order.push(subject)
      const pair = counts.get(subject) ?? 0
      counts.set(subject, pair + 1)
      if (subject === 'ejabberd' && pair === 1) return { _tag: 'Failed', reason: 'a message is missing' }
      return { _tag: 'Measured', values: slowing(subject, pair), quiet }
    },
  )
  if (measure === undefined) throw new Error('nothing was measured')
  return { order, measure }
}

const resultOf = (measures: ReadonlyArray<MeasureResult>): Result => ({
  format: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T01:00:00.000Z',
  size: 'full',
  machine: { model: 'toy', cores: 2, memoryMegabytes: 1, kernel: '6', node: 'v20', pinned: true },
  subjects: { today: { name: 'today', version: 'abc', settings: 'none' } },
  leftOut: { prosody: 'it is not installed' },
  measures,
})

test('every other pair goes the other way round', async () => {
  const { order } = await runToy()
  expect(order).toEqual(
    ['today again base ejabberd', 'ejabberd base again today', 'today again base ejabberd'].join(' ').split(' '),
  )
})

test('ratios are those within the pairs, and a trial that failed has none', async () => {
  const { measure } = await runToy()
  const [cpu, rate] = measure.figures
  expect(cpu?.values.ejabberd).toEqual([12, null, 36])
  expect(cpu?.medians).toEqual({ today: 4, again: 4.4, base: 20, ejabberd: 24 })
  expect(cpu?.ratios.base).toBeCloseTo(0.2)
  expect(cpu?.ratios.ejabberd).toBeCloseTo(1 / 6)
  expect(cpu?.noise?.median).toBeCloseTo(1.1)
  expect(rate?.ratios.base).toBeCloseTo(5)
})

test('a target is met by less or by more, as the figure has it', async () => {
  const { measure } = await runToy()
  expect(measure.figures.flatMap(({ verdicts }) => verdicts.map(({ against, isMet }) => [against, isMet]))).toEqual([
    ['base', true],
    ['ejabberd', false],
    ['value', false],
    ['base', true],
  ])
})

test('the table tells medians, ratios, targets, who was left out and what failed', async () => {
  const { measure } = await runToy()
  const text = markdown(resultOf([measure]))
  expect(text).toContain('* prosody: **left out**, it is not installed')
  expect(text).toContain(
    '| CPU of a toy | µs | 4.0 (≤ 3: **missed**) | 20.0 | 24.0 | 0.20 (≤ 0.50: met) | 0.17 (≤ 0.10: **missed**) | 1.10 to 1.10 |',
  )
  expect(text).toContain('2 of 4 targets are met.')
  expect(text).toContain('FAILED toy, pair 2, ejabberd: a message is missing')
  expect(text).not.toContain('not quiet')
})

test('a run on a busy machine says so', async () => {
  const trials = [
    { pair: 0, subject: 'today' as const, seconds: 1, values: { cpu: 1 }, quiet: { ...quiet, others: 0.5 } },
  ]
  expect(markdown(resultOf([measureResult(toy, trials)]))).toContain('**The machine was not quiet**')
})

test('curves become plots that are well-formed and have all points', () => {
  const figure = (key: string) => ({ key, title: key, unit: '', better: 'less' as const, digits: 1 })
  const curve = (name: string, values: Values): MeasureResult =>
    measureResult({ ...toy, name, figures: Object.keys(values).map(figure) }, [
      { pair: 0, subject: 'today', seconds: 1, values, quiet },
      { pair: 0, subject: 'relay', seconds: 1, values, quiet },
    ])
  const load = curve('load-curve', { 'cpu.100': 300, 'p99.100': 0.2, 'cpu.2000': 70, 'cpu.saturated': 5, rate: 90_000 })
  const memory = curve('memory-curve', { 'rss.0': 60, 'rss.1000': 70 })
  const charts = chartsOf(resultOf([load, memory]))
  expect(charts.map(({ file }) => file)).toEqual([
    'cost-over-load.svg',
    'latency-p50-over-load.svg',
    'latency-p99-over-load.svg',
    'latency-p999-over-load.svg',
    'memory-over-sessions.svg',
  ])
  expect(charts[0]?.chart.lines.map(({ name, points }) => [name, points])).toEqual(
    ['today', 'bare relay'].map(name => [
      name,
      [
        [100, 300],
        [2000, 70],
        [90_000, 5],
      ],
    ]),
  )
  for (const { chart } of charts) {
    const svg = draw(chart)
    const parser = new SaxesParser({ xmlns: true })
    parser.on('error', error => {
      throw error
    })
    parser.write(svg).close()
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).not.toContain('NaN')
  }
})

test('the command line names what is wrong, and what is allowed', () => {
  expect(parseCommandLine(['--only', 'paced,core']).measures.map(({ name }) => name)).toEqual(['paced', 'core'])
  expect(parseCommandLine(['journal']).measures.map(({ name }) => name)).toContain('recovery')
  expect(() => parseCommandLine(['--only', 'speed'])).toThrow("--only has 'speed'; allowed are saturated,")
  expect(() => parseCommandLine(['--pairs', '0'])).toThrow("--pairs has '0'; allowed is a number from 1 to 9999")
})

test('measures and figures have names of their own', () => {
  const names = measures.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const titles = measures.flatMap(({ figures }) => figures.map(({ title }) => title))
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})
