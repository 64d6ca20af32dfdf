/** What something costs the whole server, counted: calls of the system, bytes of the journal, bytes of the heap. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningServer } from '../support/server.js'
import { eventually } from './ground.js'

/** What a server has used so far. */
export type Look = {
  readonly reads: number
  readonly writes: number
  readonly journal: number
  readonly used: number
  readonly collections: number
}

const probe = fileURLToPath(new URL('heap-probe.mjs', import.meta.url))

const heapFile = (folder: string): string => join(folder, 'heap.json')

/** The environment of a server on this folder that can be looked at. */
export const watchedEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  SMACKS_TEST_HEAP: heapFile(folder),
  NODE_OPTIONS: `--import ${probe}`,
})

export const lookAt = async (server: RunningServer, folder: string): Promise<Look> => ({
  ...callsOf(server),
  journal: journalBytes(folder),
  ...(await heapOf(server, heapFile(folder))),
})

/** Medians of what each of so many things cost between one look and the next. */
export const costs = (seen: ReadonlyArray<Look>, things: number) => {
  const each = (of: (one: Look) => number, counts: (from: Look, to: Look) => boolean = () => true): number =>
    median(
      seen.slice(1).flatMap((to, index) => {
        const from = seen[index]
        return from !== undefined && counts(from, to) ? [(of(to) - of(from)) / things] : []
      }),
    )
  return {
    reads: each(one => one.reads),
    writes: each(one => one.writes),
    journal: each(one => one.journal),
    // Where no collection of the heap came between.
    heap: each(
      one => one.used,
      (from, to) => from.collections === to.collections,
    ),
  }
}

/** Calls of `read` and `write` and the like, of all threads so far. */
const callsOf = ({ pid }: RunningServer) => {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8')
  const of = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1])
  return { reads: of('syscr'), writes: of('syscw') }
}

const journalBytes = (folder: string): number => {
  const path = join(folder, 'data', 'journal')
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)
}

const heapOf = async (server: RunningServer, path: string): Promise<{ used: number; collections: number }> => {
  rmSync(path, { force: true })
  process.kill(server.pid, 'SIGUSR2')
  await eventually(
    () => existsSync(path) && readFileSync(path, 'utf8').endsWith('}'),
    () => 'the server does not tell of its heap',
  )
  return JSON.parse(readFileSync(path, 'utf8')) as { used: number; collections: number }
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return middle
}
