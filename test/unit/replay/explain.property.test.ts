/** Whatever happened, the story of each stanza ends as the steps say it did. */
import { type Config, defaultConfig, type Session, sessionOf, toArray } from '@smacks/core'
import { explain, type Story } from '@smacks/replay'
import { configArbitrary, programArbitrary, runProgram, type StoryStep } from '@smacks/testkit'
import * as fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { runs } from '../../property/runs.js'
import { namePayload, read, recordAll, stepsOf } from './record.js'

type End =
  | 'acked'
  | 'discarded'
  | 'given back'
  | 'returned'
  | 'routed anew'
  | 'still unacked'
  | 'still waiting'
  | 'stored offline'
  | 'superseded'
  | 'written'

/** What the steps say of a stanza; none has its id twice. */
const endOf = (steps: ReadonlyArray<StoryStep>, id: string): End => {
  for (const { before, effects } of steps)
    for (const effect of effects) {
      if (!('facts' in effect) || effect.facts.id !== id) continue
      if (effect._tag === 'StoreOffline') return 'stored offline'
      if (effect._tag === 'ReturnToSender')
        return sessionOf(before, effect.resource)?._tag === 'Connecting' ? 'given back' : 'returned'
      if (effect._tag === 'Discard') return 'discarded'
      if (effect._tag === 'Redeliver') return 'routed anew'
    }
  const last = steps.at(-1)
  if (holds(last, id)) return isConnecting(last) ? 'still waiting' : 'still unacked'
  if (wasSuperseded(steps, id)) return 'superseded'
  return wasKept(steps, id) && !wasLetGo(steps, id) ? 'acked' : 'written'
}

const holds = (step: StoryStep | undefined, id: string): boolean =>
  step?.after.sessions.some(session => keeps(session, id)) === true

const keeps = (session: Session<string>, id: string): boolean =>
  'outbound' in session && toArray(session.outbound.unacked).some(({ facts }) => facts.id === id)

/** These accounts have one session where they wait for a connection. */
const isConnecting = (step: StoryStep | undefined): boolean =>
  step?.after.sessions.some(({ _tag }) => _tag === 'Connecting') === true

const wasKept = (steps: ReadonlyArray<StoryStep>, id: string): boolean => steps.some(step => holds(step, id))

/** Only what comes takes it out of the queue. */
const wasSuperseded = (steps: ReadonlyArray<StoryStep>, id: string): boolean =>
  steps.some(({ before, event, after }) => {
    if (event._tag !== 'StanzaSubmitted') return false
    const [was, now] = [sessionOf(before, event.resource), sessionOf(after, event.resource)]
    return was !== undefined && keeps(was, id) && now !== undefined && !keeps(now, id)
  })

/** The peer refused stream management when it waited, or did not know it. */
const wasLetGo = (steps: ReadonlyArray<StoryStep>, id: string): boolean =>
  steps.some(({ before, event, after }) => {
    if (event._tag !== 'FailedReceived' && event._tag !== 'SessionBound') return false
    const was = sessionOf(before, event.resource)
    const isMeant = was?._tag === (event._tag === 'SessionBound' ? 'Connecting' : 'Enabling')
    return isMeant && keeps(was, id) && sessionOf(after, event.resource)?._tag === 'Unmanaged'
  })

const words: Readonly<Record<End, string>> = {
  acked: 'acked by ',
  discarded: 'discarded at ',
  'given back': 'given back to its sender at ',
  returned: 'returned to its sender at ',
  'routed anew': 'routed anew at ',
  'still unacked': 'still unacked by ',
  'still waiting': 'still waiting for ',
  'stored offline': 'stored offline for ',
  superseded: 'superseded at ',
  written: 'written to ',
}

const storyOf = (config: Config, program: ReadonlyArray<string>, id: string): Story | string => {
  const stories = explain(read(recordAll(stepsOf(config, program), namePayload, { config })[0] ?? []), id)
  if (!isRight(stories)) return stories.left
  return stories.right.length === 1 && stories.right[0] !== undefined ? stories.right[0] : 'several stories'
}

for (const role of ['receiving', 'initiating'] as const)
  test(`each stanza of an account in the ${role} role has one story, and its verdict is right`, () => {
    const seen = new Set<End>()
    fc.assert(
      fc.property(configArbitrary(), programArbitrary({ role, rude: true }), fc.nat(100), (config, program, which) => {
        const steps = runProgram(config, program)
        const submitted = steps.flatMap(({ event }) =>
          event._tag === 'StanzaSubmitted' && event.facts.id !== undefined ? [event.facts.id] : [],
        )
        const id = submitted[which % Math.max(1, submitted.length)]
        fc.pre(id !== undefined)
        const story = storyOf(config, program, id)
        const end = endOf(steps, id)
        seen.add(end)
        expect(typeof story === 'string' ? story : story.verdict).toMatch(new RegExp(`^${words[end]}`))
      }),
      runs(400),
    )
    expect([...seen].sort()).toEqual(expect.arrayContaining(['acked', 'returned', 'still unacked']))
    if (role === 'initiating') expect([...seen]).toContain('routed anew')
  })

test('a presence that was never sent has been superseded by the next one of its sender', () => {
  const program = ['given session', 'lose-transport', 'submit p1(state) m1 p2(state)', 'resume h=0', 'ack h=2']
  const steps = stepsOf(defaultConfig, program)
  expect(['p1', 'm1', 'p2'].map(id => endOf(steps, id))).toEqual(['superseded', 'acked', 'acked'])
  expect(['p1', 'm1', 'p2'].map(id => storyOf(defaultConfig, program, id))).toMatchObject([
    { verdict: expect.stringMatching(/^superseded at /) },
    { verdict: expect.stringMatching(/^acked by /) },
    { verdict: expect.stringMatching(/^acked by /) },
  ])
})
