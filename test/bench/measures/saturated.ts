/** Messages as fast as they go. */
import { setTimeout as sleep } from 'node:timers/promises'
import { burst, drain, flowFor, openPairs } from '../load/pairs.js'
import { type Figure, headlinePairs, type Measure, type Size, type Targets, type Values } from '../measure.js'
import { rssOfTree } from '../proc.js'
import type { Trial } from '../trial.js'
import { flowHow, flowSeconds, pairCount, type Variant, type VariantName, variants } from './variants.js'

interface FlowTargets {
  readonly cpu?: Targets
  readonly rss?: Targets
}

const targets: Readonly<Record<VariantName, FlowTargets>> = {
  plain: { cpu: { base: 0.18, ejabberd: 1 / 13 }, rss: { base: 0.45, ejabberd: 1 } },
  disk: { cpu: { base: 0.18 } },
  memory: {},
  tls: { cpu: { base: 0.4, ejabberd: 1 } },
  real: { cpu: { base: 0.4, ejabberd: 1 } },
}

const restMilliseconds: Readonly<Record<Size, number>> = { full: 3000, quick: 1000, smallest: 0 }

const run =
  ({ durability, tls, payload }: Variant) =>
  async (trial: Trial, size: Size): Promise<Values> => {
    const { warm, measure } = flowSeconds[size]
    const server = await trial.start({
      users: pairCount * 2,
      ...(durability && { durability }),
      ...(tls && { tls }),
    })
    const pairs = await openPairs(server, pairCount, payload)
    trial.progress('saturated')
    for (const pair of pairs) pair.saturate(burst)
    await flowFor(pairs, warm)
    const { seconds, cpu, loadBusy, result: count } = await trial.observe(server, () => flowFor(pairs, measure))
    for (const pair of pairs) pair.stop()
    await drain(pairs)
    await sleep(restMilliseconds[size])
    const rss = rssOfTree(server.pid) / 1024
    await server.stop()
    return { cpu: (cpu / count) * 1e6, rate: count / seconds, rss, loadBusy: loadBusy * 100 }
  }

const figuresOf = (title: string, { cpu, rss }: FlowTargets): ReadonlyArray<Figure> => [
  {
    key: 'cpu',
    title: `CPU a message, saturated${title}`,
    unit: 'µs',
    better: 'less',
    digits: 1,
    ...(cpu && { targets: cpu }),
  },
  { key: 'rate', title: `messages a second${title}`, unit: '1/s', better: 'more', digits: 0 },
  {
    key: 'rss',
    title: `RSS after the saturated run${title}`,
    unit: 'MB',
    better: 'less',
    digits: 0,
    ...(rss && { targets: rss }),
  },
  { key: 'loadBusy', title: `core of the load in use${title}`, unit: '%', better: 'less', digits: 0 },
]

export const saturated: ReadonlyArray<Measure> = (Object.keys(variants) as Array<VariantName>).map(name => ({
  name: `saturated${variants[name].suffix}`,
  title: `Saturated${variants[name].title}`,
  how: `${flowHow}; each pair writes ${burst} messages at once as soon as that many fit. RSS 3 s after the last message, nothing collected.`,
  figures: figuresOf(variants[name].title, targets[name]),
  subjects: variants[name].subjects,
  pairs: name === 'memory' ? 3 : headlinePairs,
  seconds: { full: 20, quick: 8, smallest: 4 },
  run: run(variants[name]),
}))
