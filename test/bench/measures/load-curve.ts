/** Cost and latency over load. */
import { burst, drain, flowFor, openPairs, runIn } from '../load/pairs.js'
import type { Figure, Measure, Size } from '../measure.js'
import { measurePace } from './paced.js'
import { flowHow, pairCount, runInSeconds } from './variants.js'

const rates: Readonly<Record<Size, ReadonlyArray<number>>> = {
  full: [100, 300, 1000, 2000, 5000, 10_000, 20_000, 50_000],
  quick: [100, 1000, 5000, 20_000],
  smallest: [100, 1000],
}
const seconds = {
  full: { warm: 2, measure: 6 },
  quick: { warm: 1, measure: 2 },
  smallest: { warm: 0.2, measure: 0.5 },
} as const

/** Below this share of what was to be sent the server has more than it can do. */
const enough = 0.95

const allRates = [...new Set(Object.values(rates).flat())].sort((a, b) => a - b)
const latencies = { p50: 'p50', p99: 'p99', p999: 'p99.9' } as const

const figuresAt = (name: string, key: string): ReadonlyArray<Figure> => [
  { key: `cpu.${key}`, title: `CPU a message ${name}`, unit: 'µs', better: 'less', digits: 1 },
  ...(Object.entries(latencies) as Array<[string, string]>).map(([latency, label]) => ({
    key: `${latency}.${key}`,
    title: `${label} ${name}`,
    unit: 'ms',
    better: 'less' as const,
    digits: 2,
  })),
]

export const loadCurve: Measure = {
  name: 'load-curve',
  title: 'Cost and latency over load',
  how: `${flowHow}; one load after the other on the same server, each as in \`paced\`. A load of which less than ${enough * 100} % comes is more than the server can do, and ends the curve; the last is as in \`saturated\`.`,
  figures: [
    ...allRates.flatMap(rate => figuresAt(`at ${rate.toLocaleString('en')}/s, on the curve`, String(rate))),
    { key: 'cpu.saturated', title: 'CPU a message, saturated, on the curve', unit: 'µs', better: 'less', digits: 1 },
    { key: 'rate', title: 'messages a second, saturated, on the curve', unit: '1/s', better: 'more', digits: 0 },
  ],
  subjects: ['today', 'base', 'ejabberd', 'prosody', 'relay'],
  pairs: 2,
  seconds: { full: 96, quick: 27, smallest: 6 },
  run: async (trial, size) => {
    const server = await trial.start({ users: pairCount * 2 })
    const pairs = await openPairs(server, pairCount)
    const values: Record<string, number> = {}
    trial.progress('running in')
    await runIn(pairs, runInSeconds[size])
    for (const rate of rates[size]) {
      trial.progress(`${rate} messages/s`)
      const at = await measurePace(trial, server, pairs, rate, seconds[size])
      if ((at.rate ?? 0) < rate * enough && size !== 'smallest') break
      for (const key of ['cpu', ...Object.keys(latencies)]) values[`${key}.${rate}`] = at[key] ?? Number.NaN
    }
    trial.progress('saturated')
    for (const pair of pairs) pair.saturate(burst)
    await flowFor(pairs, seconds[size].warm)
    const flow = await trial.observe(server, () => flowFor(pairs, seconds[size].measure))
    for (const pair of pairs) pair.stop()
    await drain(pairs)
    await server.stop()
    return { ...values, 'cpu.saturated': (flow.cpu / flow.result) * 1e6, rate: flow.result / flow.seconds }
  },
}
