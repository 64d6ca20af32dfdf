/** Randomness that is the same each time, for tests only: whoever knows the seed knows all SM-IDs. */
import type { Entropy } from '@smacks/runtime'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** 24 characters of 6 bits: 144 bits, as real ones have. */
const idLength = 24

/** SM-IDs that follow from the seed, an integer. */
export const seededEntropy = (seed: number): Entropy => {
  const random = seededNumbers(seed)
  return {
    freshId: () => {
      let id = ''
      for (let place = 0; place < idLength; place += 1) id += alphabet.charAt(random() >>> 26)
      return id
    },
  }
}

/** Unsigned 32-bit integers that follow from the seed: the generator splitmix32, which is small and even enough. */
const seededNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}
