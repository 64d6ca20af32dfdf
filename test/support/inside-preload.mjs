/**
 * Loaded into a server before all else (`node --expose-gc --import`): whenever SIGUSR2 comes it writes what is in the type
 * `Inside` into the file that SMACKS_TEST_INSIDE names.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const file = process.env.SMACKS_TEST_INSIDE

if (file !== undefined) {
  const resolution = 10
  const delays = monitorEventLoopDelay({ resolution })
  delays.enable()
  process.on('SIGUSR2', () => {
    const block = Math.max(0, Math.round(delays.max / 1e6) - resolution)
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    // Whoever waits for the file finds all of it.
    writeFileSync(`${file}.new`, JSON.stringify({ block, heap: heapUsed + external }))
    renameSync(`${file}.new`, file)
    // Collecting garbage is no block of the server's own.
    setTimeout(() => delays.reset(), resolution * 2)
  })
}
