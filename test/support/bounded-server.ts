/** The built server with little memory, and what only the process itself can tell of it. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './places.js'
import type { RunningServer, ServerOptions } from './server.js'
import { startSmacks } from './start-smacks.js'

/** Megabytes for values: a small server's. */
export const heapBound = 256

export interface Inside {
  /** The longest block of the loop since this was asked last, in milliseconds. */
  readonly block: number
  /** Bytes of all values, right after garbage was collected. */
  readonly heap: number
}

export interface BoundedServer {
  readonly server: RunningServer
  readonly inside: () => Promise<Inside>
  readonly stop: () => Promise<void>
}

export const startBounded = async (options: ServerOptions): Promise<BoundedServer> => {
  const notes = temporaryFolder('inside')
  const file = join(notes.path, 'inside.json')
  const preload = fileURLToPath(new URL('inside-preload.mjs', import.meta.url))
  const server = await startSmacks({
    ...options,
    nodeArguments: [`--max-old-space-size=${heapBound}`, '--expose-gc', '--import', preload],
    env: { SMACKS_TEST_INSIDE: file },
  })
  return {
    server,
    inside: async () => {
      rmSync(file, { force: true })
      process.kill(server.pid, 'SIGUSR2')
      for (let waited = 0; !existsSync(file); waited += 10) {
        if (waited > 30_000) throw new Error(`the server does not answer a signal any more:\n${server.output()}`)
        await pause(10)
      }
      return JSON.parse(readFileSync(file, 'utf8')) as Inside
    },
    stop: async () => {
      await server.stop()
      notes.remove()
    },
  }
}
