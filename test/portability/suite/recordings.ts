/** Recordings of real sessions, replayed. */
import { describeFault, readRecording, replay, type Verification, verify } from '@smacks/replay'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { createDigest } from './digest.js'

export const recordings = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [file, replayed(text)]))

const replayed = (text: string) => {
  const recording = pipe(
    readRecording(text.split('\n')),
    Either.getOrElseW(fault => {
      throw new Error(describeFault(fault))
    }),
  )
  const digest = createDigest()
  const { steps, compared, differing }: Verification = verify(
    (function* () {
      for (const step of replay(recording)) {
        digest.add({ effects: [...step.outcome.effects], sessions: [...step.outcome.sessions] })
        yield step
      }
    })(),
  )
  return { steps, compared, differing, truncated: recording.truncated, digest: digest.text() }
}
