/** Steps of another reducer in recordings: beside the core's, in order, made again, and told where nobody knows it. */
import { type Json, jsonPayload } from '@smacks/codec'
import { defaultConfig, type Event, emptyAccount, step } from '@smacks/core'
import {
  createRecorder,
  describeFault,
  isOfCore,
  type OtherReducer,
  type OtherStepMade,
  otherVersions,
  type RecorderOptions,
  type Recording,
  readRecording,
  replayAll,
  sideBySide,
  timeline,
  timelineJson,
  verify,
} from '@smacks/replay'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

const juliet = 'juliet@example.org'

/** It counts: an event says how much to add, and is answered how much one more is worth. */
interface Count {
  readonly count: number
}

const made = ({ count }: Count, add: number, worth: number) => {
  const after = { count: count + add * worth }
  return { after, outcome: { effects: [{ _tag: 'Say', count: after.count }], changed: { count: after.count } } }
}

const read = (value: Json, key: string): number | undefined => {
  const found = (value as { readonly [key: string]: Json })[key]
  return typeof found === 'number' ? found : undefined
}

const counting = (worthOf = (worth: number) => worth): OtherReducer => {
  const accountOf = (
    before: Count,
  ): ReturnType<OtherReducer['begin']> extends Either.Either<string, infer A> ? A : never => ({
    json: () => ({ count: before.count }),
    step: (event, asked) => {
      const [add, worth] = [read(event, 'add'), read(asked, 'worth')]
      if (add === undefined) return Either.left('an event adds a number')
      if (worth === undefined) {
        const { after, outcome } = made(before, 0, 0)
        return Either.right({ after: accountOf(after), outcome, unforeseen: { question: 'worth' } })
      }
      const { after, outcome } = made(before, add, worthOf(worth))
      return Either.right({ after: accountOf(after), outcome })
    },
  })
  return {
    name: 'counting',
    version: 3,
    begin: state => {
      const count = read(state, 'count')
      return count === undefined ? Either.left('a count is a number') : Either.right(accountOf({ count }))
    },
    describeEvent: event => `${read(event, 'add')} more`,
    describeEffect: effect => `say ${read(effect, 'count')}`,
  }
}

const stepOf = (before: Count, add: number, after: Count, account = juliet): OtherStepMade => ({
  reducer: 'counting',
  account,
  at: 10,
  after,
  follows: left => left === before,
  state: () => ({ count: before.count }),
  event: () => ({ _tag: 'Added', add }),
  asked: () => ({ worth: 2 }),
  outcome: () => made(before, add, 2).outcome,
})

/** The lines of a recording of a bound session, and of counting: 0, 2, 6, and, from elsewhere, 100. */
const record = (options: Partial<RecorderOptions<string>> = {}): Array<string> => {
  const lines: Array<string> = []
  const recorder = createRecorder<string>({
    payload: jsonPayload as RecorderOptions<string>['payload'],
    config: defaultConfig,
    by: 'a test',
    redacted: false,
    outcome: 'full',
    write: line => void lines.push(line),
    now: () => 0,
    reducers: { counting: 3 },
    ...options,
  })
  const event: Event<string> = { _tag: 'SessionBound', at: 0, resource: 'balcony', connection: 'c1' }
  const [after, effects] = step(defaultConfig)(emptyAccount, event)
  const [zero, two, six, hundred] = [{ count: 0 }, { count: 2 }, { count: 6 }, { count: 100 }]
  recorder.observeOther(stepOf(zero, 1, two))
  recorder.observe({ account: juliet, before: emptyAccount, event, after, effects })
  recorder.observeOther(stepOf(two, 2, six))
  recorder.observeOther(stepOf(hundred, 0, hundred))
  return lines
}

const readAll = (lines: ReadonlyArray<string>): Recording => {
  const recording = readRecording(lines)
  if (Either.isLeft(recording)) throw new Error(describeFault(recording.left))
  return recording.right
}

const edited = (lines: ReadonlyArray<string>, seq: number, change: (line: Record<string, Json>) => object) =>
  lines.map((line, index) => (index === seq ? JSON.stringify(change(JSON.parse(line) as Record<string, Json>)) : line))

describe('a recording of two reducers', () => {
  it('counts its lines without a gap, and tells a state where it does not follow', () => {
    const entries = record()
      .slice(1)
      .map(line => JSON.parse(line) as Record<string, Json>)
    expect(entries.map(({ seq, of = 'core', state }) => [seq, of, state])).toEqual([
      [1, 'counting', { count: 0 }],
      [2, 'counting', undefined],
      [3, 'core', undefined],
      [4, 'counting', undefined],
      [5, 'counting', { count: 100 }],
      [6, 'counting', undefined],
    ])
  })

  it('says which versions made it, in a version of the format that earlier readers refuse', () => {
    const { header } = readAll(record())
    expect(header).toMatchObject({ version: 2, reducers: { counting: 3 } })
    expect(otherVersions(header, [counting()])).toEqual([])
    expect(otherVersions(header, [{ ...counting(), version: 4 }])).toMatchObject([{ version: 4 }])
  })

  it('takes no step of a reducer whose version nobody told', () => {
    expect(() => record({ reducers: {} })).toThrow('nobody said which version of counting is recorded')
  })

  for (const outcome of ['full', 'digest'] as const)
    it(`verifies, with outcomes as ${outcome}, and is reported where it was edited`, () => {
      const lines = record({ outcome })
      const recording = readAll(lines)
      // The last state contradicts what is known, as somebody changed it between.
      expect(verify(replayAll(recording, [counting()]))).toMatchObject({
        steps: 4,
        compared: 4,
        differing: 1,
        first: { difference: { path: 'before.count', recorded: 100, replayed: 6 } },
      })
      const other = verify(replayAll(readAll(edited(lines, 4, line => ({ ...line, event: { add: 3 } }))), [counting()]))
      expect(other.first?.entry.seq).toBe(4)
      expect(other.first?.difference?.path).toBe(outcome === 'full' ? 'effects[0].count' : 'digest')
    })

  it('differs where the rules differ, and shows both', () => {
    const [first] = [...replayAll(readAll(record()), [counting(worth => worth + 1)])]
    expect(first?.difference).toEqual({ path: 'effects[0].count', recorded: 2, replayed: 3 })
    if (first === undefined) throw new Error('there is no step')
    expect(sideBySide(first, 60)).toEqual([
      '#2 juliet@example.org counting: 1 more',
      expect.stringMatching(/recorded +replayed/),
      expect.stringMatching(/^ +-+ -+$/),
      expect.stringMatching(/^! say 2 +say 3$/),
      'effects[0].count: recorded 2, replayed 3',
    ])
  })

  it('differs where a step asks what nobody asked then', () => {
    const lines = edited(record(), 2, line => ({ ...line, asked: {} }))
    const { first } = verify(replayAll(readAll(lines), [counting()]))
    expect(first?.difference).toEqual({ path: 'asked.worth', recorded: undefined, replayed: 'asked' })
  })

  it('differs where a state or an event cannot be read, or no state is known', () => {
    const pathsOf = (lines: ReadonlyArray<string>) =>
      verify(replayAll(readAll(lines), [counting()])).first?.difference?.path
    expect(pathsOf(edited(record(), 1, line => ({ ...line, state: {} })))).toBe('before')
    expect(pathsOf(edited(record(), 2, line => ({ ...line, event: {} })))).toBe('event')
    const [header = '', , ...rest] = record()
    expect(
      pathsOf([header, ...rest.map(line => line.replace(/"seq":(\d)/, (_, seq) => `"seq":${Number(seq) - 1}`))]),
    ).toBe('before')
  })
})

describe('who does not know the reducer', () => {
  it('is told of its steps all the same, and that they are unknown', () => {
    const recording = readAll(record())
    expect(verify(replayAll(recording, []))).toEqual({ steps: 4, compared: 1, differing: 0 })
    const lines = [...timeline(recording.header, replayAll(recording, []))]
    expect(lines[0]).toMatch(/juliet@example.org counting: a step of counting, which is not known here: Added$/)
    expect(lines[1]).toBe('    -> Say')
  })
})

describe('a redacted recording', () => {
  it('tells the steps and does not make them again, since what decided may be gone', () => {
    const recording = readAll(record({ redacted: true }))
    const steps = [...replayAll(recording, [counting(() => 17)])]
    expect(verify(steps)).toEqual({ steps: 4, compared: 1, differing: 0 })
    expect([...timeline(recording.header, steps)][0]).toMatch(/counting: 1 more$/)
  })
})

it('steps of both are in one timeline, as prose and as JSON', () => {
  const recording = readAll(record())
  const steps = [...replayAll(recording, [counting()])].slice(0, 3)
  expect(steps.map(isOfCore)).toEqual([false, true, false])
  expect([...timeline(recording.header, steps)].filter(line => line.startsWith('#'))).toHaveLength(3)
  expect([...timelineJson(recording.header, steps)].map(line => JSON.parse(line))[0]).toEqual({
    seq: 2,
    at: 10,
    account: juliet,
    of: 'counting',
    event: { _tag: 'Added', add: 1 },
    effects: [{ _tag: 'Say', count: 2 }],
    changed: { count: 2 },
  })
  expect(
    [...timeline(recording.header, steps, { session: 'balcony' })].filter(line => line.startsWith('#')),
  ).toHaveLength(1)
})
