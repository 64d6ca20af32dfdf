/** A terminal that writes down what is said to it. */
import { PassThrough } from 'node:stream'
import type { Terminal } from '../../../../apps/server/src/command/terminal.js'

export interface FakeTerminal extends Terminal {
  readonly said: () => string
  readonly complained: () => string
}

export interface FakeTerminalOptions {
  /** What is piped in, or typed. */
  readonly input?: string
  readonly isTTY?: boolean
  /** Characters of a line. */
  readonly columns?: number
}

export const fakeTerminal = ({ input, isTTY = false, columns }: FakeTerminalOptions = {}): FakeTerminal => {
  const texts = { out: '', err: '' }
  const stream = Object.assign(new PassThrough(), { isTTY })
  if (input !== undefined) stream.end(input)
  return {
    out: { isTTY, ...(columns === undefined ? {} : { columns }), write: text => (texts.out += text) },
    err: { isTTY, write: text => (texts.err += text) },
    input: stream,
    said: () => texts.out,
    complained: () => texts.err,
  }
}
