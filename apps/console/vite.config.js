/** One page in one file: scripts, styles and the worker are inside, so that it works from `file:`. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { viteSingleFile } from 'vite-plugin-singlefile'

const at = path => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at('.'),
  // The rooms as they are now, built or not.
  resolve: {
    alias: readdirSync(at('../../packages')).map(room => ({
      find: `@smacks/${room}`,
      replacement: at(`../../packages/${room}/src/index.ts`),
    })),
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  worker: { format: 'iife' },
  build: { outDir: at('dist'), emptyOutDir: false, rollupOptions: { input: at('replay.html') } },
})
