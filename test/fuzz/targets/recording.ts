import { describeFault, readRecording, replay, verify } from '@smacks/replay'
import { isLeft } from 'fp-ts/lib/Either.js'
import { holds, kindOf, same, type Target, textOf } from '../target.js'

export const recording: Target = {
  name: 'recording',
  promise: 'a recording is read the same each time and replayed to its end, or its fault is told with its line',
  words: [
    '\n',
    '{"kind":',
    '"seq":1',
    '"seq":2',
    '"event":',
    '"state":',
    '"_tag":"ConnectionLost"',
    '"_tag":"ResumeReceived"',
    '"h":4294967295',
    '"at":1e300',
    '"account":"x@y"',
    'null',
    '{}',
    '[]',
    '"v":1',
    '"__proto__":{}',
    '[[[[[[',
    '\\ud800',
  ],
  run: input => {
    const lines = textOf(input).split('\n')
    const read = readRecording(lines)
    same(readRecording(lines), read, 'read as another')
    if (isLeft(read)) {
      const { line } = read.left
      holds(line >= 1 && line <= lines.length, 'a fault in a line that is not there', read.left)
      holds(!/[\r\n]/.test(describeFault(read.left)), 'more than one line', read.left)
      return kindOf(read.left.problem)
    }
    const { entries, truncated } = read.right
    const verified = verify(replay(read.right))
    holds(verified.steps <= entries.length, 'more steps than entries', verified.steps)
    same(verify(replay(read.right)), verified, 'replayed as another')
    return `${truncated ? 'truncated' : 'whole'}, ${verified.first === undefined ? 'the same' : 'differs'}`
  },
}
