/** A trace as recordings: written, read and replayed as an operator would, one for each peer. */
import { redactedStanzaXml, type Stanza, stanzaFacts, stanzaXml } from '@smacks/codec'
import { createRecorder, describeFault, readRecording, replay } from '@smacks/replay'
import { type Side, sides } from '@smacks/testkit'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Played, Trace } from './trace.js'

/** Throws an `Error` at the first step that comes to something else than was recorded. Returns how many were replayed. */
export const replayRecordings = (trace: Trace, { steps }: Played): number => {
  let replayed = 0
  for (const side of sides)
    for (const redacted of [false, true]) {
      const lines = record(trace, steps, side, redacted)
      // Nothing happened to this peer.
      if (lines.length === 0) continue
      const recording = readRecording(lines)
      if (isLeft(recording))
        throw new Error(`the recording of the ${side} cannot be read: ${describeFault(recording.left)}`)
      for (const { event, difference } of replay(recording.right)) {
        if (difference !== undefined)
          throw new Error(`the ${side}, at ${event._tag}, replays otherwise: ${JSON.stringify(difference)}`)
        replayed += 1
      }
    }
  return replayed
}

const record = ({ world }: Trace, steps: Played['steps'], side: Side, redacted: boolean): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const recorder = createRecorder<Stanza>({
    payload: redacted ? redactedStanzaXml : stanzaXml,
    facts: stanza => stanzaFacts(stanza.element),
    config: world.config[side],
    by: 'the simulation',
    redacted,
    outcome: redacted ? 'digest' : 'full',
    write: line => void lines.push(line),
    now: () => 0,
  })
  for (const [who, step] of steps) if (who === side) recorder.observe(step)
  return lines
}
