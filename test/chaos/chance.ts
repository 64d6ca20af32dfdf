/** Chance that can be repeated: the same seed gives the same choices. */

export interface Chance {
  /** A number from 0 up to 1. */
  readonly fraction: () => number
  /** An integer from `least` to `greatest`. */
  readonly between: (least: number, greatest: number) => number
  /** One of these. */
  readonly pick: <V>(choices: readonly [V, ...ReadonlyArray<V>]) => V
  /** Another source of chance; what is drawn from it does not change what this one gives. */
  readonly fork: () => Chance
}

/** The generator mulberry32: small, and good enough to choose moments. */
export const createChance = (seed: number): Chance => {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, greatest: number): number => least + Math.floor(fraction() * (greatest - least + 1))
  return {
    fraction,
    between,
    pick: choices => choices[between(0, choices.length - 1)] ?? choices[0],
    fork: () => createChance(Math.floor(fraction() * 2 ** 32)),
  }
}
