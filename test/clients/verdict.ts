/** What became of numbered messages. */

export interface Verdict {
  readonly lost: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
  /** Those that came after one that was said later. */
  readonly reordered: ReadonlyArray<string>
}

/** `said` in the order in which it was said, each once. */
export const judge = (said: ReadonlyArray<string>, received: ReadonlyArray<string>): Verdict => {
  const place = new Map(said.map((body, index) => [body, index]))
  const seen = new Set<string>()
  const doubled: Array<string> = []
  const reordered: Array<string> = []
  let newest = -1
  for (const body of received) {
    const index = place.get(body)
    if (index === undefined) continue
    if (seen.has(body)) doubled.push(body)
    else if (index < newest) reordered.push(body)
    seen.add(body)
    newest = Math.max(newest, index)
  }
  return { lost: said.filter(body => !seen.has(body)), doubled, reordered }
}

export const faultless: Verdict = { lost: [], doubled: [], reordered: [] }
