/** Lines from a socket, none longer than allowed. */
import type { Readable } from 'node:stream'

/** The input had a line of more bytes than allowed. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'

  constructor(readonly longest: number) {
    super(`a line has more than the ${longest} bytes that are allowed`)
  }
}

/**
 * The lines of a stream of bytes, without their ends; what follows the last end is none. Throws `LineTooLong`. The
 * stream stays open.
 */
export async function* linesOf(input: Readable, longest: number): AsyncGenerator<string, void, undefined> {
  let parts: Array<Buffer> = []
  let waiting = 0
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    let rest = Buffer.from(chunk)
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      if (waiting + end > longest) throw new LineTooLong(longest)
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString()
      parts = []
      waiting = 0
      rest = rest.subarray(end + 1)
    }
    parts.push(rest)
    waiting += rest.length
    if (waiting > longest) throw new LineTooLong(longest)
  }
}

const newline = 0x0a
