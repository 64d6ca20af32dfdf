/** The tests that judge mutants of the core: those of the core alone, each made short. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: ['core', 'codec', 'replay', 'runtime', 'testkit'].map(room => ({
      find: `@smacks/${room}`,
      replacement: at(`../../packages/${room}/src/index.ts`),
    })),
  },
  // The sandbox has not all that tsconfig.json refers to.
  esbuild: { tsconfigRaw: '{}' },
  test: {
    root: at('..'),
    include: ['unit/core/**/*.test.ts', 'spec/**/*.test.ts', 'transcripts/**/*.test.ts', 'property/**/*.test.ts'],
    testTimeout: 30_000,
  },
})
