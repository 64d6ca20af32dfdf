/** What every source of SM-IDs must do. */
import type { Entropy } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface EntropyBench extends Ending {
  readonly entropy: Entropy
}

export interface EntropyCompliance extends TestRunner {
  readonly create: () => EntropyBench | Promise<EntropyBench>
}

const sampleSize = 10_000
const bitsNeeded = 128
/** XEP-0198 §5. */
const longestId = 4000

export const entropyCompliance = (options: EntropyCompliance): void => {
  const { describe, expect } = options
  const it = onBench(options, options.create)
  const sample = (entropy: Entropy): ReadonlyArray<string> =>
    Array.from({ length: sampleSize }, () => entropy.freshId())

  describe('the port Entropy', () => {
    it('never gives the same SM-ID twice', ({ entropy }) => {
      expect(new Set(sample(entropy)).size).toEqual(sampleSize)
    })

    it('varies enough from place to place for 128 bits', ({ entropy }) => {
      expect(variety(sample(entropy).slice(0, 1000)) >= bitsNeeded).toEqual(true)
    })

    it('uses only characters that XML need not escape', ({ entropy }) => {
      expect(sample(entropy).filter(id => !/^[A-Za-z0-9._~:-]+$/.test(id))).toEqual([])
    })

    it('stays within the 4000 bytes of XEP-0198', ({ entropy }) => {
      expect(sample(entropy).filter(id => id.length > longestId)).toEqual([])
    })
  })
}

/** An upper bound of the bits in an id, by how many characters were seen in each place: a counter has few. */
const variety = (ids: ReadonlyArray<string>): number => {
  const seen: Array<Set<string>> = []
  for (const id of ids)
    for (const [place, character] of [...id].entries()) {
      const characters = seen[place] ?? new Set()
      seen[place] = characters.add(character)
    }
  return seen.reduce((bits, characters) => bits + Math.log2(characters.size), 0)
}
