/** The matrix of real clients: `npm run test:clients`. It takes minutes, so `npm test` leaves it out. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['clients/matrix.test.ts'],
    reporters: ['verbose'],
    hookTimeout: 600_000,
  },
})
