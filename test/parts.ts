/**
 * Which tests are slow. `npm test` leaves them out, so that it takes a few minutes; `npm run test:slow` runs them, and
 * `.ci/run` both. A folder ends with `/`.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** These start servers by the dozen, wait for real clocks, or look at a great many states. */
export const slow: ReadonlyArray<string> = [
  'bench/measures.test.ts',
  'chaos/chaos.test.ts',
  'console/',
  'fuzz/',
  'hostile/',
  'integration/',
  'interop/',
  'portability/portability.test.ts',
  'portability/tcp-on-deno.test.ts',
  'simulation/explorer/',
  'simulation/im-explorer/im-explorer.test.ts',
  'simulation/mutants/',
  'simulation/two-peers.test.ts',
  'unit/runtime/hibernation-memory.test.ts',
  'unit/server/command/serve.test.ts',
]

/**
 * These share a process with nobody, since they change what is the process's: its folder, its umask, its standard output.
 * All others of `npm test` keep the modules that the file before them loaded, which takes a third of the time.
 */
export const alone: ReadonlyArray<string> = ['checks/', 'portability/', 'smoke/', 'unit/control/', 'unit/server/']

/** `npm test` tries these less often; `npm run test:slow` as often as they say. */
export const seldom: ReadonlyArray<string> = ['property/']

/** What `npm test` takes of the cases of a property. */
export const shareOfCases = 0.2

/** Patterns of test files for vitest. */
export const patternsOf = (parts: ReadonlyArray<string>): Array<string> =>
  parts.map(part => (part.endsWith('/') ? `${part}**/*.test.ts` : part))

/** How many test files a kind of test has among these, by the kind's name. */
export const filesOf = (parts: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const kind of new Set(parts.map(kindOf)))
    for (const path of readdirSync(`${here}${kind}`, { recursive: true, encoding: 'utf8' }))
      if (path.endsWith('.test.ts') && parts.some(part => `${kind}/${path}`.startsWith(part)))
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

const kindOf = (path: string): string => path.split('/')[0] ?? ''
