import { beforeAll, describe, expect, test } from 'vitest'
import { runScript } from './child.js'
import type { Report } from './run.js'
import { worldsOf } from './worlds.js'

const statesOfEach = 4_000
const reports = new Map<string, Report>()

beforeAll(async () => {
  const unlimited = 1e9
  await runScript<Report>('explorer/run.ts', [0, unlimited, statesOfEach], report => reports.set(report.world, report))
}, 120_000)

describe('in every state of a small world nothing is lost, doubled or reordered, and from it all gets through', () => {
  test.each(worldsOf(0).map(({ name }) => name))('%s', name => {
    const report = reports.get(name)
    if (report === undefined) expect.fail('it was not explored')
    expect(report.story ?? 'nothing is wrong').toBe('nothing is wrong')
    expect(report.isComplete || report.states >= statesOfEach).toBe(true)
  })
})
