/** Long lines in as many as a terminal needs, cut between words. */

/** The line as lines of `width` at most, those behind the first with `hang` spaces. A word that is wider itself goes on a line of its own. */
export const foldLine = (line: string, width: number, hang: number): ReadonlyArray<string> => {
  if (line.length <= width) return [line]
  const indent = ' '.repeat(Math.min(hang, Math.floor(width / 2)))
  const start = /^ */.exec(line)?.[0] ?? ''
  const lines: Array<string> = []
  let current = start
  let isEmpty = true
  for (const word of line.slice(start.length).split(' ')) {
    if (!isEmpty && current.length + 1 + word.length > width) {
      lines.push(current)
      current = indent
      isEmpty = true
    }
    current = isEmpty ? `${current}${word}` : `${current} ${word}`
    isEmpty = false
  }
  return [...lines, current]
}

/** How far the text of a line of a story or a timeline is indented, so that what is folded stands below it. */
export const hangOf = (line: string): number => {
  const head = /^(?:\S+ #\d+ {2,}| *(?:->|=|!!) +| +)/.exec(line)?.[0]
  return head === undefined ? 4 : head.length
}
