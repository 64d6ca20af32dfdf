/**
 * Stanza counters (XEP-0198 §4): unsigned 32-bit integers that wrap from 2^32-1 to 0.
 *
 * All comparisons are made modulo 2^32, as serial numbers: of two counters, the one that is less than
 * 2^31 steps ahead of the other is the later.
 */
import type { Flavor } from './ids.js'

/** A stanza count, an integer from 0 to 2^32-1. */
export type Counter = Flavor<number, 'Counter'>

/** One more than the greatest counter. */
export const counterModulus = 2 ** 32

/** True for the integers that a counter can be. */
export const isCounter = (value: number): value is Counter =>
  Number.isInteger(value) && value >= 0 && value < counterModulus

/** The counter `steps` stanzas later; `steps` may be negative, down to 1 - 2^32. */
export const advance = (counter: Counter, steps: number): Counter => {
  const sum = (counter + steps) % counterModulus
  return sum < 0 ? sum + counterModulus : sum
}

/** How many stanzas lie between `from` and a later `to`, from 0 to 2^32-1. */
export const distance = (from: Counter, to: Counter): number => (to >= from ? to - from : to - from + counterModulus)

/** True if `counter` is behind `reference`, as serial numbers. */
export const isBehind = (counter: Counter, reference: Counter): boolean =>
  distance(reference, counter) >= counterModulus / 2
