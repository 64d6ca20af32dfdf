/** Loaded into a server: writes what its heap holds, and how often it was collected, when SIGUSR2 comes. */
import { writeFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'

const path = process.env.SMACKS_TEST_HEAP

if (path !== undefined) {
  let collections = 0
  new PerformanceObserver(list => {
    collections += list.getEntries().length
  }).observe({ entryTypes: ['gc'] })
  process.on('SIGUSR2', () =>
    writeFileSync(path, JSON.stringify({ used: process.memoryUsage().heapUsed, collections })),
  )
}
