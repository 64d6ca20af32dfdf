/** Whatever happens, a recording of it verifies; and whatever is changed in it is found where it first shows. */
import { replay, type StepMade, verify } from '@smacks/replay'
import { configArbitrary, programArbitrary } from '@smacks/testkit'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { namePayload, read, recordAll, stepsOf } from './record.js'

const outcomes = fc.constantFrom('full' as const, 'digest' as const)

const programs = fc.oneof(programArbitrary({ rude: true }), programArbitrary({ rude: true, role: 'initiating' }))

test('a recording verifies, whatever happened in however many accounts and wherever a new file began', () => {
  fc.assert(
    fc.property(
      configArbitrary(),
      fc.array(programs, { minLength: 1, maxLength: 3 }),
      outcomes,
      fc.array(fc.nat(60), { maxLength: 3 }),
      fc.infiniteStream(fc.nat(2)),
      (config, manyPrograms, outcome, restarts, order) => {
        const accounts = manyPrograms.map((program, index) => stepsOf(config, program, `account-${index}@example.net`))
        const steps = interleaved(accounts, order)
        const recordings = recordAll(steps, namePayload, { config, outcome, restarts: new Set(restarts) })
        const verified = recordings.map(lines => verify(replay(read(lines))))
        for (const { differing, first } of verified) expect([differing, first?.difference]).toEqual([0, undefined])
        expect(verified.reduce((sum, { compared }) => sum + compared, 0)).toBe(steps.length)
      },
    ),
    { numRuns: 300 },
  )
})

/** The steps of all accounts, those of each in their order. */
const interleaved = (
  accounts: ReadonlyArray<ReadonlyArray<StepMade<string>>>,
  order: fc.Stream<number>,
): ReadonlyArray<StepMade<string>> => {
  const left = accounts.map(steps => [...steps])
  const steps: Array<StepMade<string>> = []
  while (left.some(queue => queue.length > 0)) {
    const choice = order.next().value ?? 0
    const next = (left[choice] ?? left.find(queue => queue.length > 0))?.shift()
    if (next !== undefined) steps.push(next)
    else steps.push(...left.flatMap(queue => queue.splice(0, 1)))
  }
  return steps
}
