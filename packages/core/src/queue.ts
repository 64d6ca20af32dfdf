/**
 * A persistent first-in-first-out queue: every operation gives a new value and leaves the old one whole.
 *
 * Two stacks: `front` is read from `offset` on, `back` is a linked list of what came since, newest first.
 * Pushing is O(1); dropping is amortised O(1), because each value moves from back to front once.
 */

interface Link<V> {
  readonly value: V
  readonly older: Link<V> | undefined
}

export interface Queue<V> {
  readonly front: ReadonlyArray<V>
  readonly offset: number
  readonly back: Link<V> | undefined
  readonly length: number
}

const empty: Queue<never> = { front: [], offset: 0, back: undefined, length: 0 }

/** The queue of nothing. */
export const emptyQueue = <V>(): Queue<V> => empty

/** The queue with `value` behind all others. */
export const push = <V>(queue: Queue<V>, value: V): Queue<V> => ({
  front: queue.front,
  offset: queue.offset,
  back: { value, older: queue.back },
  length: queue.length + 1,
})

/** The queue without its first `count` values; without any if it has fewer. */
export const drop = <V>(queue: Queue<V>, count: number): Queue<V> => {
  if (count <= 0) return queue
  if (count >= queue.length) return empty
  const inFront = queue.front.length - queue.offset
  return count < inFront
    ? { front: queue.front, offset: queue.offset + count, back: queue.back, length: queue.length - count }
    : {
        front: oldestFirst(queue.back),
        offset: count - inFront,
        back: undefined,
        length: queue.length - count,
      }
}

/** The values, oldest first. */
export const toArray = <V>(queue: Queue<V>): ReadonlyArray<V> =>
  queue.front.slice(queue.offset).concat(oldestFirst(queue.back))

/** A queue of these values, the first of them in front. */
export const fromArray = <V>(values: ReadonlyArray<V>): Queue<V> => ({
  front: values,
  offset: 0,
  back: undefined,
  length: values.length,
})

const oldestFirst = <V>(back: Link<V> | undefined): ReadonlyArray<V> => {
  const values: Array<V> = []
  for (let link = back; link !== undefined; link = link.older) values.push(link.value)
  return values.reverse()
}
