/**
 * Loaded into a Node server under measurement. SIGUSR2: it collects its garbage, and writes what its memory is in use
 * for then into `memory.json` of its working directory.
 */
import { renameSync, writeFileSync } from 'node:fs'

process.on('SIGUSR2', async () => {
  // What one collection lets go of may be what another thing was waiting for, and that only goes in a later turn.
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  writeFileSync('memory.json.new', JSON.stringify(process.memoryUsage()))
  renameSync('memory.json.new', 'memory.json')
})
