/**
 * Each measure runs in its smallest form against today's build: its figures are there, and nothing is lost, which each
 * measure sees to itself. What the figures are is nobody's matter here.
 */
import { describe, expect, test } from 'vitest'
import { measures } from './measures/index.js'
import { runTrial } from './run-trial.js'
import { peerOf } from './subjects.js'

const missing = peerOf('today').missing()
const patienceMilliseconds = 300_000

describe.skipIf(missing !== undefined)('npm run bench', () => {
  test.each(measures.map(measure => [measure.name, measure] as const))(
    'measures %s',
    async (name, measure) => {
      const result = await runTrial({ measure: name, subject: 'today', size: 'smallest' })
      if (result._tag === 'Failed') throw new Error(result.reason)
      expect(Object.entries(result.values).filter(([, value]) => !Number.isFinite(value))).toEqual([])
      // Each value has a figure that tells what it means, and nothing is promised that does not come.
      const keys = measure.figures.map(({ key }) => key)
      expect(keys).toEqual(expect.arrayContaining(Object.keys(result.values)))
      const isCurve = keys.length > Object.keys(result.values).length
      if (isCurve) expect(name).toMatch(/-curve$/)
    },
    patienceMilliseconds,
  )
})
