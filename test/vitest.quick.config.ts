/** `npm test`: all but what is slow. */
import { defineConfig } from 'vitest/config'
import { alone, patternsOf, seldom, shareOfCases, slow } from './parts.js'
import all, { reportersOf } from './vitest.config.js'

const { include = [], exclude = [], ...settings } = all.test ?? {}
const slowOnes = patternsOf(slow)
const aloneOnes = patternsOf(alone)
const seldomOnes = patternsOf(seldom)

export default defineConfig({
  ...all,
  test: {
    ...settings,
    reporters: reportersOf('quick'),
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          isolate: false,
          include,
          exclude: [...exclude, ...slowOnes, ...seldomOnes, ...aloneOnes],
          // A process may have run files of `seldom` before.
          env: { SMACKS_SHARE_OF_CASES: '1' },
        },
      },
      {
        extends: true,
        test: {
          name: 'seldom',
          isolate: false,
          include: seldomOnes,
          exclude,
          env: { SMACKS_SHARE_OF_CASES: String(shareOfCases) },
        },
      },
      { extends: true, test: { name: 'alone', include: aloneOnes, exclude: [...exclude, ...slowOnes] } },
    ],
  },
})
