/** Counts what was said and what was heard, in one direction. */

export interface Tally {
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly doubled: number
  /** Messages that came after one that was sent later. */
  readonly reordered: number
}

/** Compares two lists of message ids, each in the order of the time. Messages that nobody sent count as doubled. */
export const tally = (sent: ReadonlyArray<string>, received: ReadonlyArray<string>): Tally => {
  const heard = new Set(received)
  const places = new Map(sent.map((id, place) => [id, place]))
  let latest = -1
  let reordered = 0
  for (const id of heard) {
    const place = places.get(id)
    if (place === undefined) continue
    if (place < latest) reordered += 1
    latest = Math.max(latest, place)
  }
  const lost = sent.filter(id => !heard.has(id)).length
  return {
    sent: sent.length,
    received: received.length,
    lost,
    doubled: received.length - (sent.length - lost),
    reordered,
  }
}

/** All arrived, once, in order. */
export const isPerfect = ({ sent, lost, doubled, reordered }: Tally): boolean =>
  sent > 0 && lost === 0 && doubled === 0 && reordered === 0
