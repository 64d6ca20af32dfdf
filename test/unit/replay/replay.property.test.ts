/** Whatever happens, a recording of it verifies; and whatever is changed in it is found where it first shows. */
import { accountCodec, eventCodec, type PayloadCodec } from '@smacks/codec'
import { type Config, emptyAccount, step } from '@smacks/core'
import { replay, type StepMade, verify } from '@smacks/replay'
import { configArbitrary, programArbitrary } from '@smacks/testkit'
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { runs } from '../../property/runs.js'
import { type EditKind, editArbitrary, edited, firstToDiffer } from './edits.js'
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
    runs(300),
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

test('an edit of one event is found at the first step that comes to something else', () => {
  const found = new Map<EditKind, number>()
  fc.assert(
    fc.property(configArbitrary(), programs, editArbitrary(), (config, program, edit) => {
      const recording = read(recordAll(stepsOf(config, program), namePayload, { config })[0] ?? [])
      const entries = edited(recording.entries, edit)
      fc.pre(entries !== undefined)
      const { first } = verify(replay({ header: recording.header, entries }))
      expect(first?.entry.seq).toBe(firstToDiffer(recording, entries))
      if (first !== undefined) found.set(edit.kind, (found.get(edit.kind) ?? 0) + 1)
    }),
    runs(600),
  )
  for (const kind of ['changed facts', 'changed h', 'dropped', 'swapped'] as const)
    expect(found.get(kind), kind).toBeGreaterThan(20)
})

test('a recording does not depend on what payloads are in memory', () => {
  class Letter {
    constructor(readonly words: string) {}
  }
  const letterPayload: PayloadCodec<Letter> = {
    encode: ({ words }) => words,
    decode: json => (typeof json === 'string' ? Either.right(new Letter(json)) : Either.left('words are text')),
  }
  fc.assert(
    fc.property(configArbitrary(), programs, (config, program) => {
      const steps = stepsOf(config, program)
      expect(recordAll(retold(config, steps, letterPayload), letterPayload, { config })).toEqual(
        recordAll(steps, namePayload, { config }),
      )
    }),
    runs(100),
  )
})

/** The same story with other payloads, made anew from where it began. */
const retold = <A>(
  config: Config,
  steps: ReadonlyArray<StepMade<string>>,
  payload: PayloadCodec<A>,
): ReadonlyArray<StepMade<A>> => {
  const start = steps[0]?.before ?? emptyAccount
  let account = decoded(accountCodec(payload).decode(accountCodec(namePayload).encode(start)))
  if (start === emptyAccount) account = emptyAccount
  return steps.map(one => {
    const event = decoded(eventCodec(payload).decode(eventCodec(namePayload).encode(one.event)))
    const before = account
    const [after, effects] = step(config)(before, event)
    account = after
    return { account: one.account, before, event, after, effects }
  })
}

const decoded = <V>(result: Either.Either<unknown, V>): V => {
  if (Either.isLeft(result)) throw new Error('what was encoded decodes')
  return result.right
}
