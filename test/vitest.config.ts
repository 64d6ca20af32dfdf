/** All tests, for whoever names the files to run; `npm test` and `npm run test:slow` have configurations of their own. */
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests run on the sources, so that a failure points at them and coverage counts them. */
const sources = [
  ...readdirSync(at('../packages')).map(room => ({
    find: `@smacks/${room}`,
    replacement: at(`../packages/${room}/src/index.ts`),
  })),
  { find: '@smacks/server', replacement: at('../apps/server/src/index.ts') },
]

/** The last screen says what else there is. */
export const reportersOf = (part: 'all' | 'quick' | 'slow'): Array<'default' | [string, { part: string }]> => [
  'default',
  [at('./checks/proof-reporter.ts'), { part }],
]

export default defineConfig({
  resolve: { alias: sources },
  test: {
    root: at('.'),
    include: ['**/*.test.ts'],
    // It takes minutes and has a command of its own: npm run test:clients.
    exclude: [...configDefaults.exclude, 'clients/matrix.test.ts'],
    // Real processes on a shared machine can be late; what needed a second attempt is told on the last screen.
    retry: process.env.CI === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest would leave one processor to itself, and has next to nothing to do meanwhile.
    maxWorkers: availableParallelism(),
    reporters: reportersOf('all'),
    // On with --coverage, as in `npm test`: every branch of what must be right on every runtime is gone by some test.
    coverage: {
      provider: 'v8',
      allowExternal: true,
      include: ['packages/core/src/**', 'packages/codec/src/**'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
      reporter: [],
      // Two runs at a time do not meet.
      reportsDirectory: at(`./coverage/${process.pid}`),
    },
  },
})
