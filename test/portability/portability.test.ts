/** One suite and one corpus, unchanged, on every runtime that is here. What Node makes of them, all make of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { expectations } from './expectations.js'
import { furnish } from './ground.js'
import { node, others } from './runtimes/index.js'
import { patience, type Ran, type Runtime } from './runtimes/runtime.js'
import type { Report } from './suite/report.js'

const folder = temporaryFolder('portability')
const furnished = furnish(folder.path)
let onNode: Report

const run = async (runtime: Runtime): Promise<Ran> => {
  await furnished
  return runtime.run(folder.path)
}

afterAll(folder.remove)

describe('on Node', () => {
  let ran: Ran

  beforeAll(async () => {
    ran = await run(node)
    onNode = JSON.parse(ran.report)
  }, patience + 10_000)

  it('the suite runs', async ({ annotate }) => {
    await annotate(`Node ${ran.version}`, 'the same on')
  })

  for (const { sentence, check } of expectations) it(sentence, () => check(onNode))
})

for (const runtime of others) {
  const absence = runtime.absence()

  describe(`on ${runtime.name}`, () => {
    let ran: Ran
    let report: Report

    beforeAll(async () => {
      if (absence !== undefined) return
      ran = await run(runtime)
      report = JSON.parse(ran.report)
    }, patience + 10_000)

    it('the suite runs', async context => {
      if (absence !== undefined) return context.skip(absence)
      expect(Object.keys(report)).toEqual(Object.keys(onNode))
      await context.annotate(`${runtime.name} ${ran.version}`, 'the same on')
    })

    for (const { part, sentence, check } of expectations)
      it(`${sentence}, as on Node`, context => {
        if (absence !== undefined) return context.skip(absence)
        check(report)
        expect(report[part]).toEqual(onNode[part])
      })
  })
}
