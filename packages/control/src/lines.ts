/** Lines of sockets and files, none longer than allowed. */
/** The input had a line of more bytes than allowed. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'

  constructor(readonly longest: number) {
    super(`a line has more than the ${longest} bytes that are allowed`)
  }
}

/**
 * The lines of a stream of bytes, without their ends. What follows the last end is none on a socket, where more might
 * have come; in a file it is the last. Throws `LineTooLong`.
 */
export async function* linesOf(
  input: AsyncIterable<Buffer | string>,
  longest: number,
  unended: 'drop' | 'keep' = 'drop',
): AsyncGenerator<string, void, undefined> {
  let parts: Array<Buffer> = []
  let waiting = 0
  for await (const chunk of input) {
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
  if (unended === 'keep' && waiting > 0) yield Buffer.concat(parts).toString()
}

const newline = 0x0a
