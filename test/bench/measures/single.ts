/** One message at a time, on a server that has nothing else to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pair } from '../load/pair.js'
import { assertExact, drain, openPairs } from '../load/pairs.js'
import { builds, type Measure, type Size, servers } from '../measure.js'
import type { Durability } from '../peers/peer.js'
import { percentile } from '../statistics.js'

const measureSeconds: Readonly<Record<Size, number>> = { full: 8, quick: 2, smallest: 0.3 }
const pauseMilliseconds = 5

/** Each message is sent when the one before it has come. */
const latenciesOf = async (pair: Pair, seconds: number): Promise<ReadonlyArray<number>> => {
  const latencies: Array<number> = []
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline) {
    await new Promise<void>((resolve, reject) => {
      const clock = setTimeout(() => reject(new Error(pair.failure() ?? 'a single message did not come')), 20_000)
      pair.onLatency(latency => {
        clearTimeout(clock)
        latencies.push(latency)
        resolve()
      })
      pair.sendOne()
    })
    await sleep(pauseMilliseconds)
  }
  pair.onLatency(undefined)
  return latencies.sort((a, b) => a - b)
}

const single = (durability: Durability): Measure => ({
  name: durability === 'process' ? 'single' : `single-${durability}`,
  title: `One message at a time${durability === 'process' ? '' : `, ${durability}`}`,
  how: `one pair; the next message is written ${pauseMilliseconds} ms after the last came. From its write until it is read.`,
  figures: (['p50', 'p99'] as const).map(key => ({
    key,
    title: `${key}, one message at a time${durability === 'process' ? '' : `, ${durability}`}`,
    unit: 'ms',
    better: 'less' as const,
    digits: 2,
  })),
  subjects: durability === 'process' ? [...servers, 'relay'] : builds,
  pairs: 3,
  seconds: { full: 11, quick: 5, smallest: 3 },
  run: async (trial, size) => {
    const server = await trial.start({ users: 2, durability })
    const pairs = await openPairs(server, 1)
    const [pair] = pairs
    if (pair === undefined) throw new Error('no pair')
    const latencies = await latenciesOf(pair, measureSeconds[size])
    assertExact(pairs)
    await drain(pairs)
    await server.stop()
    return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
  },
})

export const singles: ReadonlyArray<Measure> = (['process', 'memory', 'disk'] as const).map(single)
