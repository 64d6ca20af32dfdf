/**
 * Where unacked stanzas lie in storage. Each has a *position*, which it keeps for good: its number on the wire to begin with,
 * and later ones fall behind by as many as were superseded before they were sent. The positions of these are *gaps*.
 *
 * An offset here is a position said from the first unacked stanza on, so that nothing wraps; an index is the place in the queue.
 */
import { advance, type Counter, distance } from '../counter.js'
import type { Outbound, Positions } from '../state.js'

/** The position of the first unacked stanza; of the next one to come if none is unacked. */
export const firstPosition = ({ acked, layout }: Pick<Outbound<unknown>, 'acked' | 'layout'>): Counter =>
  advance(acked, 1 + layout.skipped)

type Laid = Pick<Outbound<unknown>, 'acked' | 'layout' | 'unacked'>

/** The position of the unacked stanza at an index; at the end of the queue, of the next one to come. */
export const positionAt = (outbound: Laid, index: number): Counter => {
  const first = firstPosition(outbound)
  return advance(first, offsetAt(outbound, first, index))
}

/** The index of the unacked stanza at a position that is no gap. */
export const indexOf = (outbound: Laid, position: Counter): number => {
  const first = firstPosition(outbound)
  const offset = distance(first, position)
  let before = 0
  for (const gap of outbound.layout.gaps) {
    if (distance(first, gap.from) > offset) break
    before += gap.count
  }
  return offset - before
}

/** The positions of `count` unacked stanzas from an index on. */
export const positionsOf = (outbound: Laid, index: number, count: number): ReadonlyArray<Positions> => {
  const first = firstPosition(outbound)
  const runs: Array<Positions> = []
  let left = count
  let offset = offsetAt(outbound, first, index)
  for (const gap of outbound.layout.gaps) {
    const until = distance(first, gap.from) - offset
    if (until < 0) continue
    if (left <= until) break
    runs.push({ from: advance(first, offset), count: until })
    left -= until
    offset += until + gap.count
  }
  return left > 0 ? [...runs, { from: advance(first, offset), count: left }] : runs
}

/** The layout once the first `count` stanzas are acked. */
export const withoutFirst = (outbound: Laid, count: number): Outbound<unknown>['layout'] => {
  const { layout } = outbound
  if (layout.gaps.length === 0) return layout
  const first = firstPosition(outbound)
  const offset = offsetAt(outbound, first, count)
  return {
    skipped: advance(layout.skipped, offset - count),
    gaps: layout.gaps.filter(gap => distance(first, gap.from) >= offset),
  }
}

/** The layout with a gap more: the stanza at this position is superseded. */
export const withGap = (outbound: Laid, position: Counter): Outbound<unknown>['layout'] => {
  const first = firstPosition(outbound)
  const offset = distance(first, position)
  const { gaps, skipped } = outbound.layout
  const next = gaps.findIndex(gap => distance(first, gap.from) > offset)
  const place = next < 0 ? gaps.length : next
  const merged = mergedAround(gaps[place - 1], { from: position, count: 1 }, gaps[place])
  const [before, after] = [merged.joinsBefore ? place - 1 : place, merged.joinsAfter ? place + 1 : place]
  const all = [...gaps.slice(0, before), merged.gap, ...gaps.slice(after)]
  const [foremost, ...others] = all
  return foremost?.from === first ? { skipped: advance(skipped, foremost.count), gaps: others } : { skipped, gaps: all }
}

const mergedAround = (before: Positions | undefined, gap: Positions, after: Positions | undefined) => {
  const joinsBefore = before !== undefined && advance(before.from, before.count) === gap.from
  const joinsAfter = after !== undefined && advance(gap.from, gap.count) === after.from
  const from = joinsBefore ? before.from : gap.from
  const count = gap.count + (joinsBefore ? before.count : 0) + (joinsAfter ? after.count : 0)
  return { joinsBefore, joinsAfter, gap: { from, count } }
}

/** Those positions of `all` that are not among `left`. Both begin at `first` or behind it, and all of `left` is in `all`. */
export const positionsWithout = (
  first: Counter,
  all: ReadonlyArray<Positions>,
  left: ReadonlyArray<Positions>,
): ReadonlyArray<Positions> => {
  const gone: Array<Positions> = []
  let next = 0
  for (const { from, count } of all) {
    let offset = distance(first, from)
    const end = offset + count
    for (let one = left[next]; one !== undefined && distance(first, one.from) < end; one = left[next]) {
      const begin = distance(first, one.from)
      if (begin > offset) gone.push({ from: advance(first, offset), count: begin - offset })
      offset = begin + one.count
      next += 1
    }
    if (offset < end) gone.push({ from: advance(first, offset), count: end - offset })
  }
  return gone
}

const offsetAt = ({ layout }: Laid, first: Counter, index: number): number => {
  let offset = index
  for (const gap of layout.gaps) {
    if (distance(first, gap.from) > offset) break
    offset += gap.count
  }
  return offset
}
