/**
 * How the lines of a record lie in its bytes. Each line is JSON by itself, or begins with a mark before JSON (`log-rows.ts`). In
 * JSON there are no control characters, so they are marks here of what need not be written at length:
 *
 * | characters | |
 * | --- | --- |
 * | U+0000 | ends the lines; behind it the bytes of stanzas follow each other |
 * | U+0001 N | stands for the next N of these bytes, as a JSON string |
 * | U+0002 | the number of the bytes that were taken last |
 * | U+0003 ID | ID, a JSON string; in such a line there is one at most |
 * | U+0004 N, as a line | the line before it, N times more |
 * | U+0005 N ID, as a line | the last line that was written whole, once more with a stanza of the next N bytes, and with this ID |
 *
 * Whoever reads a record gets all its lines at length.
 */
export const endMark = '\0'
export const stanzaMark = '\u0001'
export const sizeMark = '\u0002'
export const idMark = '\u0003'
export const repeatMark = '\u0004'
export const anotherMark = '\u0005'

/** The lines of a record, at length. */
export const linesOf = (record: Buffer): ReadonlyArray<string> => {
  if (record.length === 0) return []
  const end = record.indexOf(0)
  const written = (end < 0 ? record : record.subarray(0, end)).toString('utf8').split('\n')
  return new Lines(end < 0 ? Buffer.alloc(0) : record.subarray(end + 1)).of(written)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks.
const marked = /\u0001(\d+)|(\u0002)|\u0003("(?:[^"\\]|\\.)*")/g

/** A line that is another one with a stanza and an ID of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is a mark.
const another = /^\u0005(\d+)(".*")$/

class Lines {
  private taken = 0
  private whole = ''

  constructor(private readonly stanzas: Buffer) {}

  of(written: ReadonlyArray<string>): ReadonlyArray<string> {
    const lines: Array<string> = []
    for (const line of written) {
      const [, length, id] = another.exec(line) ?? []
      if (line.startsWith(repeatMark)) this.repeat(lines, Number(line.slice(repeatMark.length)))
      else if (length !== undefined) lines.push(this.atLength(this.whole, length, id))
      else {
        this.whole = line
        lines.push(this.atLength(line))
      }
    }
    return lines
  }

  private repeat(lines: Array<string>, times: number): void {
    const line = lines[lines.length - 1] ?? ''
    for (let left = times; left > 0; left -= 1) lines.push(line)
  }

  private atLength(line: string, otherLength?: string, otherId?: string): string {
    let size = 0
    return line.replace(marked, (_, length: string | undefined, mark: string | undefined, id: string | undefined) => {
      if (mark !== undefined) return String(size)
      if (length === undefined) return otherId ?? id ?? ''
      size = Number(otherLength ?? length)
      return this.take(size)
    })
  }

  private take(length: number): string {
    const from = this.taken
    this.taken += length
    return JSON.stringify(this.stanzas.toString('utf8', from, this.taken))
  }
}
