/** Messages at an ordinary load, each in a write of its own. */
import type { Pair } from '../load/pair.js'
import { drain, flowFor, keepPace, openPairs, runIn } from '../load/pairs.js'
import { type Figure, headlinePairs, type Measure, type Size, type Targets, type Values } from '../measure.js'
import type { RunningPeer } from '../peers/peer.js'
import { percentile } from '../statistics.js'
import type { Trial } from '../trial.js'
import { flowHow, flowSeconds, pairCount, runInSeconds, type Variant, type VariantName, variants } from './variants.js'

interface PacedTargets {
  readonly cpu?: Targets
  readonly p99?: Targets
}

const targets: Readonly<Record<VariantName, PacedTargets>> = {
  plain: { cpu: { base: 0.4, ejabberd: 0.48, relay: 1.6 }, p99: { base: 0.25, ejabberd: 0.25 } },
  disk: { cpu: { base: 0.42 } },
  memory: {},
  tls: { cpu: { base: 0.4, ejabberd: 1 } },
  real: { cpu: { base: 0.4, ejabberd: 1 } },
}

export const ordinaryRate = 2000

/** What a steady flow of so many messages a second costs, and how long they take. */
export const measurePace = async (
  trial: Trial,
  server: RunningPeer,
  pairs: ReadonlyArray<Pair>,
  messagesPerSecond: number,
  { warm, measure }: { readonly warm: number; readonly measure: number },
): Promise<Values> => {
  const pace = keepPace(pairs, messagesPerSecond)
  await flowFor(pairs, warm)
  const latencies: Array<number> = []
  for (const pair of pairs) pair.onLatency(latency => latencies.push(latency))
  const { seconds, cpu, loadBusy, result: count } = await trial.observe(server, () => flowFor(pairs, measure))
  pace.stop()
  for (const pair of pairs) pair.onLatency(undefined)
  await drain(pairs)
  latencies.sort((a, b) => a - b)
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map(share => percentile(latencies, share))
  return {
    cpu: (cpu / count) * 1e6,
    p50: p50 ?? Number.NaN,
    p99: p99 ?? Number.NaN,
    p999: p999 ?? Number.NaN,
    rate: count / seconds,
    loadBusy: loadBusy * 100,
  }
}

const run =
  ({ durability, tls, payload }: Variant) =>
  async (trial: Trial, size: Size): Promise<Values> => {
    const server = await trial.start({
      users: pairCount * 2,
      ...(durability && { durability }),
      ...(tls && { tls }),
    })
    const pairs = await openPairs(server, pairCount, payload)
    trial.progress('running in')
    await runIn(pairs, runInSeconds[size])
    trial.progress(`${ordinaryRate} messages/s`)
    const values = await measurePace(trial, server, pairs, ordinaryRate, flowSeconds[size])
    await server.stop()
    return values
  }

const figuresOf = (title: string, { cpu, p99 }: PacedTargets): ReadonlyArray<Figure> => {
  const at = `at ${ordinaryRate.toLocaleString('en')}/s${title}`
  const latency = { unit: 'ms', better: 'less', digits: 2 } as const
  return [
    { key: 'cpu', title: `CPU a message ${at}`, unit: 'µs', better: 'less', digits: 1, ...(cpu && { targets: cpu }) },
    { key: 'p50', title: `p50 ${at}`, ...latency },
    { key: 'p99', title: `p99 ${at}`, ...latency, ...(p99 && { targets: p99 }) },
    { key: 'p999', title: `p99.9 ${at}`, ...latency },
    { key: 'rate', title: `messages that came a second ${at}`, unit: '1/s', better: 'more', digits: 0 },
    { key: 'loadBusy', title: `core of the load in use ${at}`, unit: '%', better: 'less', digits: 0 },
  ]
}

export const paced: ReadonlyArray<Measure> = (Object.keys(variants) as Array<VariantName>).map(name => ({
  name: `paced${variants[name].suffix}`,
  title: `At ${ordinaryRate.toLocaleString('en')} messages a second${variants[name].title}`,
  how: `${flowHow}; first a saturated flow, until what compilers do at run time is done; then what is due is looked at each millisecond, one pair after the other, each message in a small write of its own. Latency from that write until the reader has read it.`,
  figures: figuresOf(variants[name].title, targets[name]),
  subjects: variants[name].subjects,
  pairs: name === 'memory' ? 3 : headlinePairs,
  seconds: { full: 22, quick: 8, smallest: 4 },
  run: run(variants[name]),
}))
