/**
 * Runs inside the Node servers under measurement, before them, and answers what only they can know. Costs nothing until it
 * is asked. Processes and threads that they start themselves have nobody to answer.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** Between two looks at the clock, in ms. */
const resolution = 1

let delays

const watchLoop = () => {
  delays ??= monitorEventLoopDelay({ resolution })
  delays.enable()
  delays.reset()
}

/** The longest time for which the loop did not turn since it was watched, in ms. */
const blocked = () => Math.max(0, (delays?.max ?? 0) / 1e6 - resolution)

/** What values take once garbage is collected, in kB; buffers outside of V8's heap are among them. */
const values = async () => {
  // What one collection lets go of may be what another thing was waiting for, and that only goes in a later turn.
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024
}

if (isMainThread && process.channel !== undefined) {
  if (process.env.SMACKS_BENCH_WATCH_LOOP === '1') watchLoop()
  process.on('message', async question => {
    if (question === 'watch') watchLoop()
    process.send({ question, answer: question === 'values' ? await values() : blocked() })
  })
  process.channel.unref()
}
