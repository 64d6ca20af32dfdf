/** `npm test`: all but what is slow. */
import { defineConfig } from 'vitest/config'
import { alone, patternsOf, shareOfCases, slow } from './parts.js'
import all, { reportersOf } from './vitest.config.js'

const { include = [], exclude = [], ...settings } = all.test ?? {}
const slowOnes = patternsOf(slow)
const aloneOnes = patternsOf(alone)

export default defineConfig({
  ...all,
  test: {
    ...settings,
    env: { SMACKS_SHARE_OF_CASES: String(shareOfCases) },
    reporters: reportersOf('quick'),
    projects: [
      {
        extends: true,
        test: { name: 'together', isolate: false, include, exclude: [...exclude, ...slowOnes, ...aloneOnes] },
      },
      { extends: true, test: { name: 'alone', include: aloneOnes, exclude: [...exclude, ...slowOnes] } },
    ],
  },
})
