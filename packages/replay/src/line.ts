/** One line of a recording as JSON, within bounds. */
import * as Either from '#fp-ts/Either'

/** The longest line, in UTF-16 code units: the state of an account with the longest queues that are sensible. */
export const longestLine = 2 ** 28

/** The deepest nesting of a line's JSON. */
export const deepestNesting = 300

export interface LineProblem {
  readonly problem: string
  /** It is as if the line broke off. */
  readonly mayBeCut: boolean
}

/** The value of a line. */
export const parseLine = (line: string): Either.Either<LineProblem, unknown> => {
  if (line.length > longestLine)
    return beyond(`the line has ${line.length} characters, allowed: at most ${longestLine}`)
  if (isTooDeep(line)) return beyond(`the line is nested deeper than ${deepestNesting} levels`)
  return Either.tryCatch(
    (): unknown => JSON.parse(line),
    () => ({ problem: `found ${excerpt(line)}, allowed: one JSON value`, mayBeCut: true }),
  )
}

const beyond = (problem: string): Either.Either<LineProblem, never> => Either.left({ problem, mayBeCut: false })

/** Both ends, since a line that broke off shows it at its end. */
const excerpt = (line: string): string =>
  line.length <= 80 ? JSON.stringify(line) : `${JSON.stringify(line.slice(0, 40))} … ${JSON.stringify(line.slice(-40))}`

const quote = 0x22
const backslash = 0x5c

/** Brackets in strings do not nest. */
const isTooDeep = (line: string): boolean => {
  let depth = 0
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index)
    if (code === quote) index = endOfString(line, index)
    else if (code === 0x5b || code === 0x7b) depth += 1
    else if (code === 0x5d || code === 0x7d) depth -= 1
    if (depth > deepestNesting) return true
  }
  return false
}

const endOfString = (line: string, start: number): number => {
  let index = start + 1
  while (index < line.length && line.charCodeAt(index) !== quote) index += line.charCodeAt(index) === backslash ? 2 : 1
  return index
}
