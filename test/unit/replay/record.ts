/** Recordings of made-up stories. */
import { type Json, jsonPayload, type PayloadCodec } from '@smacks/codec'
import { type Config, defaultConfig, reducerVersion } from '@smacks/core'
import {
  createRecorder,
  describeFault,
  type RecorderOptions,
  type Recording,
  readRecording,
  type StepMade,
} from '@smacks/replay'
import { type Program, runProgram, storyStart } from '@smacks/testkit'
import * as Either from 'fp-ts/lib/Either.js'
import { isLeft } from 'fp-ts/lib/Either.js'

export const namePayload: PayloadCodec<string> = {
  encode: name => name,
  decode: json => (typeof json === 'string' ? Either.right(json) : Either.left('a name is text')),
}

/**
 * The steps of a program, as those of an account. If the program sets counters, they begin there: nothing that happens
 * can do that.
 */
export const stepsOf = (
  config: Config,
  program: Program,
  account = 'romeo@example.net',
): ReadonlyArray<StepMade<string>> => {
  const steps = runProgram(config, program).map(step => ({ account, ...step }))
  return steps.slice(Math.max(0, ...steps.map(({ before }, index) => (before === steps[index - 1]?.after ? 0 : index))))
}

export interface Written {
  readonly config?: Config
  readonly outcome?: RecorderOptions<string>['outcome']
  /** Before these steps a new recording begins. */
  readonly restarts?: ReadonlySet<number>
}

/** The lines of one recording, or of each. */
export const recordAll = <A>(
  steps: ReadonlyArray<StepMade<A>>,
  payload: PayloadCodec<A>,
  { config = defaultConfig, outcome = 'full', restarts = new Set() }: Written = {},
): ReadonlyArray<ReadonlyArray<string>> => {
  const recordings: Array<Array<string>> = []
  const recorder = createRecorder<A>({
    payload,
    config,
    by: 'the tests',
    redacted: false,
    outcome,
    now: () => storyStart + 5,
    write: line => {
      if (line.startsWith('{"recording":')) recordings.push([])
      recordings.at(-1)?.push(line)
    },
  })
  steps.forEach((step, index) => {
    if (restarts.has(index)) recorder.restart()
    recorder.observe(step)
  })
  return recordings
}

export const record = (steps: ReadonlyArray<StepMade<string>>, written: Written = {}): ReadonlyArray<string> =>
  recordAll(steps, namePayload, written)[0] ?? []

/** Throws if the lines are no recording. */
export const read = (lines: Iterable<string>): Recording => {
  const recording = readRecording(lines)
  if (isLeft(recording)) throw new Error(describeFault(recording.left))
  return recording.right
}

/** The lines of a program's recording, read again. */
export const recordingOf = (program: Program, config: Config = defaultConfig): Recording =>
  read(record(stepsOf(config, program), { config }))

export const headerOf = (config: Config = defaultConfig): Json =>
  JSON.parse(
    JSON.stringify({
      recording: 'smacks',
      version: 1,
      reducer: reducerVersion,
      config,
      at: storyStart,
      by: 'the tests',
      redacted: false,
    }),
  )

export { jsonPayload }
