/** Steps recorded, and the recording read and replayed, all on this runtime. */
import { type Json, jsonPayload } from '@smacks/codec'
import type { Config } from '@smacks/core'
import { createRecorder, describeFault, readRecording, replay, type StepMade, verify } from '@smacks/replay'
import { isLeft } from 'fp-ts/lib/Either.js'

type Step = Omit<StepMade<Json>, 'account'>

/** True if each step, made again from its recording, comes to the same. */
export const verified = (config: Config, steps: ReadonlyArray<Step>): boolean =>
  unbroken(steps).every(part => isVerified(config, part))

/** Where a story places counters, a state does not follow from the last step: another recording begins there. */
const unbroken = (steps: ReadonlyArray<Step>): ReadonlyArray<ReadonlyArray<Step>> => {
  const parts: Array<Array<Step>> = []
  for (const step of steps) {
    const part = parts.at(-1)
    if (part?.at(-1)?.after === step.before) part.push(step)
    else parts.push([step])
  }
  return parts
}

const isVerified = (config: Config, steps: ReadonlyArray<Step>): boolean => {
  const lines: Array<string> = []
  const recorder = createRecorder<Json>({
    payload: jsonPayload,
    config,
    by: 'portability',
    redacted: false,
    outcome: 'full',
    write: line => void lines.push(line),
    now: () => steps[0]?.event.at ?? 0,
  })
  for (const step of steps) recorder.observe({ account: 'juliet@example.org', ...step })
  const recording = readRecording(lines)
  if (isLeft(recording)) throw new Error(describeFault(recording.left))
  const { compared, differing } = verify(replay(recording.right))
  return compared === steps.length && differing === 0
}
