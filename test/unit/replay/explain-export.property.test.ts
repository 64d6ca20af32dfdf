/** Where a recording begins in the middle, as an export does behind a snapshot, nothing is told that did not happen. */
import { explain, type Recording } from '@smacks/replay'
import { configArbitrary, programArbitrary } from '@smacks/testkit'
import * as fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { runs } from '../../property/runs.js'
import { namePayload, read, recordAll, stepsOf } from './record.js'

const fates = (recording: Recording, id: string): ReadonlyArray<string> => {
  const stories = explain(recording, id)
  return isLeft(stories) ? [] : stories.right.flatMap(story => story.fates.map(fate => `${fate.how} ${fate.resource}`))
}

test('the end of a recording knows no other fates than the whole of it', () => {
  let known = 0
  const programs = fc.oneof(programArbitrary({ rude: true }), programArbitrary({ rude: true, role: 'initiating' }))
  fc.assert(
    fc.property(configArbitrary(), programs, fc.nat(1000), fc.nat(1000), (config, program, from, which) => {
      const steps = stepsOf(config, program)
      const ids = steps.flatMap(({ event }) =>
        event._tag === 'StanzaSubmitted' && event.facts.id !== undefined ? [event.facts.id] : [],
      )
      const id = ids[which % Math.max(1, ids.length)]
      fc.pre(id !== undefined)
      const recorded = (some: typeof steps) => read(recordAll(some, namePayload, { config, outcome: 'none' })[0] ?? [])
      const partly = fates(recorded(steps.slice(from % steps.length)), id)
      known += partly.length
      expect(fates(recorded(steps), id)).toEqual(expect.arrayContaining([...partly]))
    }),
    runs(300),
  )
  expect(known).toBeGreaterThan(50)
})
