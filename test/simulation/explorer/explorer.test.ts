import { beforeAll, describe, expect, test } from 'vitest'
import { runScript } from './child.js'
import type { Report } from './run.js'
import { worldsOf } from './worlds.js'

const unlimited = 1e9

describe.each([
  ['in memory', 0, 4_000],
  ['in storage', 1, 1_500],
])(
  'with queues %s, in every state of a small world nothing is lost, doubled or reordered, and from it all gets through',
  (_, storing, statesOfEach) => {
    const reports = new Map<string, Report>()
    beforeAll(async () => {
      const args = [0, unlimited, statesOfEach, 0, 1, storing]
      await runScript<Report>('explorer/run.ts', args, report => reports.set(report.world, report))
    }, 600_000)

    test.each(worldsOf(0).map(({ name }) => name))('%s', name => {
      const report = reports.get(name)
      if (report === undefined) expect.fail('it was not explored')
      expect(report.story ?? 'nothing is wrong').toBe('nothing is wrong')
      expect(report.isComplete || report.states >= statesOfEach).toBe(true)
    })
  },
)
