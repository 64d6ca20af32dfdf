/** Programs made up from a fixed seed: all states and effects, as JSON, and back. */
import { accountCodec, effectCodec, eventCodec, type Json, jsonPayload } from '@smacks/codec'
import type { Config } from '@smacks/core'
import { configArbitrary, type Program, programArbitrary, runProgram, type StoryStep } from '@smacks/testkit'
import * as fc from 'fast-check'
import { createDigest } from './digest.js'
import { verified } from './verified.js'

const seed = 198
const inAll = 400
/** So many go into one digest: a difference is in one of so few. */
const inOne = 50

const account = accountCodec(jsonPayload)
const effect = effectCodec(jsonPayload)
const event = eventCodec(jsonPayload)

export const programs = () => {
  const made = fc.sample(
    fc.tuple(
      configArbitrary(),
      fc.oneof(programArbitrary({ rude: true }), programArbitrary({ role: 'initiating', rude: true })),
    ),
    { seed, numRuns: inAll },
  )
  const blocks = Array.from({ length: inAll / inOne }, (_, index) => made.slice(index * inOne, (index + 1) * inOne))
  return { programs: made.length, blocks: blocks.map(blockOf) }
}

const blockOf = (block: ReadonlyArray<readonly [Config, Program]>) => {
  const digest = createDigest()
  const stories = block.map(([config, program]) => ({ config, steps: runProgram(config, program) }))
  const all = stories.flatMap(({ steps }) => steps)
  for (const step of all) digest.add(jsonOf(step))
  return {
    steps: all.length,
    effects: all.reduce((sum, { effects }) => sum + effects.length, 0),
    digest: digest.text(),
    notVerified: stories.filter(({ config, steps }) => !verified(config, steps)).length,
  }
}

const jsonOf = (step: StoryStep): Json => ({
  before: account.encode(step.before),
  event: event.encode(step.event),
  after: account.encode(step.after),
  effects: step.effects.map(one => effect.encode(one)),
})
