/**
 * Two peers over lines that break: whatever is cut, delayed, half-open, resumed twice or closed in between, each stanza
 * is handled exactly once and in order as long as resumption succeeds, and has exactly one disposition when it does not.
 *
 * `SMACKS_TRACES=100000 npx vitest run simulation/two-peers` takes a long look; `FC_SEED` plays a failure again.
 */
import { expect, test } from 'vitest'
import { replayRecordings } from './recorded.js'
import { simulate, simulateStops } from './simulate.js'

const { SMACKS_TRACES = '2000', FC_SEED } = process.env
const traces = Number(SMACKS_TRACES)

/** What must have happened now and then, or the traces would prove less than they seem to. */
const happenings = [
  'closed: cleanly',
  'closed: conflict',
  'closed: connection-timeout',
  'closed: resource-constraint',
  'closed: system-shutdown',
  'discarded',
  'ended: closed',
  'ended: evicted',
  'ended: expired',
  'ended: failed',
  'ended: lost',
  'ended: refused',
  'ended: replaced',
  'ended: stopped',
  'handled',
  'handled, and its ack lost: lost',
  'rerouted',
  'resume failed: feature-not-implemented',
  'resume failed: item-not-found',
  'resume failed: resource-constraint',
  'resumed',
  'returned',
  'stored',
]

const seed = FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }

test(`whatever breaks between two peers, each keeps its promises (${traces} traces)`, { timeout: 3_600_000 }, () => {
  const simulation = simulate({ traces, ...seed })
  console.log(`${simulation.traces} traces, ${simulation.steps} steps of the core, seed ${simulation.seed}`)
  expect(simulation.failure).toBeUndefined()
  if (traces >= 1_000) expect([...simulation.tally.keys()].sort()).toEqual(expect.arrayContaining(happenings))
})

test('what was recorded of each peer is what a replay comes to', { timeout: 3_600_000 }, () => {
  let replayed = 0
  const simulation = simulate({
    traces: Math.ceil(traces / 50),
    ...seed,
    observe: (trace, played) => {
      replayed += replayRecordings(trace, played)
    },
  })
  console.log(`${simulation.traces} traces recorded, ${replayed} steps replayed, seed ${simulation.seed}`)
  expect(simulation.failure).toBeUndefined()
  expect(replayed).toBeGreaterThanOrEqual(2 * simulation.steps)
})

test("a server's process stops in the middle, and nothing is lost that anybody counted", {
  timeout: 3_600_000,
}, async () => {
  const simulation = await simulateStops({ traces: Math.ceil(traces / 10), ...seed })
  console.log(`${simulation.traces} stops, ${simulation.steps} steps of the core, seed ${simulation.seed}`)
  expect(simulation.failure).toBeUndefined()
})
