/**
 * Loaded into a server before all else (`node --import`): whenever SIGUSR2 comes it writes the event loop's longest block
 * since the last time, in milliseconds, into the file that SMACKS_TEST_LOOP names.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const file = process.env.SMACKS_TEST_LOOP

if (file !== undefined) {
  const resolution = 10
  const delays = monitorEventLoopDelay({ resolution })
  delays.enable()
  process.on('SIGUSR2', () => {
    writeFileSync(file, `${Math.max(0, Math.round(delays.max / 1e6) - resolution)}\n`)
    delays.reset()
  })
}
