/** A short look with each target, always at the same inputs. The long one is `npm run fuzz`. */
import { describe, expect, test } from 'vitest'
import { corpusOf } from './corpus.js'
import { runTarget } from './run.js'
import type { Target } from './target.js'
import { targets } from './targets/index.js'

const runs = 1_000

describe.each(targets)('$name', target => {
  test(target.promise, () => {
    const { failure, kinds } = runTarget({ target, corpus: corpusOf(target), seed: 11, runs })
    if (failure !== undefined)
      throw new Error(`${failure.reason}\nthe input, in base64: ${Buffer.from(failure.input).toString('base64')}`)
    // The inputs are neither all refused, nor all alike.
    expect(kinds.size, [...kinds.keys()].join('\n')).toBeGreaterThan(5)
  })
})

test('a promise that is broken is found, and the input made small', () => {
  const target: Target = {
    name: 'of the test',
    promise: 'there is no x in it',
    words: ['x'],
    run: input => {
      if (input.includes(0x78)) throw new Error('there is an x')
      return 'none'
    },
  }
  const { failure } = runTarget({ target, corpus: [Buffer.from('abc')], seed: 1, runs })
  expect(failure?.reason).toContain('there is an x')
  expect(Buffer.from(failure?.input ?? []).toString()).toMatch(/^[abc]*x[abc]*$/)
})
