import { isDeepStrictEqual } from 'node:util'

/** What a fuzz target is: a part of ours that takes what others wrote, and what has to hold of it whatever that is. */

export interface Target {
  /** Its corpus is the folder of this name. */
  readonly name: string
  /** What holds, in one sentence. */
  readonly promise: string
  /** Words that are put into inputs, since chance would not find them. */
  readonly words: ReadonlyArray<string>
  /** Throws if the promise is broken. Returns what came of the input, as far as one kind of input is told from another. */
  readonly run: (input: Uint8Array) => string
}

/** Throws if it does not hold. */
export const holds = (condition: boolean, what: string, ...facts: ReadonlyArray<unknown>): void => {
  if (!condition) throw new Error(`${what}${facts.map(fact => `\n  ${JSON.stringify(fact)?.slice(0, 500)}`).join('')}`)
}

/** Throws unless both are the same, in whatever order their members stand. */
export const same = (one: unknown, other: unknown, what: string): void =>
  holds(isDeepStrictEqual(one, other), what, one, other)

/** What stands for any bytes as text. */
export const textOf = (input: Uint8Array): string => new TextDecoder().decode(input)

/** A problem without what differs from input to input. */
export const kindOf = (problem: string): string => problem.replace(/'[^']*'|"[^"]*"|\d+/g, '_').slice(0, 120)
