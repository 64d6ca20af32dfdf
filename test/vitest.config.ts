import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests run on the sources, so that a failure points at them and coverage counts them. */
const sources = [
  ...readdirSync(at('../packages')).map(room => ({
    find: `@smacks/${room}`,
    replacement: at(`../packages/${room}/src/index.ts`),
  })),
  { find: '@smacks/server', replacement: at('../apps/server/src/index.ts') },
]

export default defineConfig({
  resolve: { alias: sources },
  test: {
    root: at('.'),
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', at('./checks/proof-reporter.ts')],
  },
})
