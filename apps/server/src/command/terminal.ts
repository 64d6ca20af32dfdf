/** The three streams that a command talks through, so that a test can be the terminal. */
import type { Readable } from 'node:stream'

export interface Screen {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean
  /** Characters of a line, if it is a terminal. */
  readonly columns?: number
}

export interface Terminal {
  /** Answers. */
  readonly out: Screen
  /** Errors, progress, questions, the log. */
  readonly err: Screen
  readonly input: Readable & { readonly isTTY?: boolean }
}

/** The terminal of this process. */
export const processTerminal: Terminal = { out: process.stdout, err: process.stderr, input: process.stdin }

/** Writes whole lines. */
export const say = (screen: Screen, ...lines: ReadonlyArray<string>): void => {
  for (const line of lines) screen.write(`${line}\n`)
}
