/**
 * A persistent first-in-first-out queue: every operation gives a new value and leaves the old one whole.
 *
 * Two stacks: `front` is read from `offset` on, `back` is a linked list of what came since, newest first.
 * Pushing is O(1); dropping is amortised O(1), because each value moves from back to front once.
 *
 * The oldest values may be *away*: their places are kept and counted, while they themselves lie in storage. Whoever
 * needs them brings them back first, or just some of them (`lend`).
 */

interface Link<V> {
  readonly value: V
  readonly older: Link<V> | undefined
}

export interface Queue<V> {
  readonly front: ReadonlyArray<V>
  readonly offset: number
  readonly back: Link<V> | undefined
  /** All values, also those that are away. */
  readonly length: number
  /** How many of the oldest values are not here. */
  readonly away: number
  /** Some of those that are away, read for one step. */
  readonly lent?: Lent<V>
}

/** Values that follow each other; the first of them is the queue's value number `index`, from 0. */
export interface Lent<V> {
  readonly index: number
  readonly values: ReadonlyArray<V>
}

const empty: Queue<never> = { front: [], offset: 0, back: undefined, length: 0, away: 0 }

/** The queue of nothing. */
export const emptyQueue = <V>(): Queue<V> => empty

/** The queue with `value` behind all others. */
export const push = <V>(queue: Queue<V>, value: V): Queue<V> => ({
  front: queue.front,
  offset: queue.offset,
  back: { value, older: queue.back },
  length: queue.length + 1,
  away: queue.away,
})

/** The queue without its first `count` values, here or away; without any if it has fewer. */
export const drop = <V>(queue: Queue<V>, count: number): Queue<V> => {
  if (count <= 0) return queue
  if (count >= queue.length) return empty
  const length = queue.length - count
  if (count <= queue.away) return { ...withLent(queue, count), length, away: queue.away - count }
  return { ...withoutFirst(queue, count - queue.away), length, away: 0 }
}

/** The queue without its value number `index`, here or away; the others keep their order. */
export const remove = <V>(queue: Queue<V>, index: number): Queue<V> => {
  const { away, back, front, offset } = queue
  const length = queue.length - 1
  if (length === 0) return empty
  if (index < away) return { front, offset, back, length, away: away - 1 }
  const place = offset + index - away
  return place < front.length
    ? { front: [...front.slice(offset, place), ...front.slice(place + 1)], offset: 0, back, length, away }
    : { front, offset, back: withoutLink(back, length - index), length, away }
}

/** The same queue, so that `slice` costs no more than what it takes out. */
export const compact = <V>(queue: Queue<V>): Queue<V> =>
  queue.back === undefined ? queue : { ...queue, front: toArray(queue), offset: 0, back: undefined }

/** The queue with some of the values that are away, for whoever needs just them. */
export const lend = <V>(queue: Queue<V>, lent: Lent<V>): Queue<V> => ({ ...queue, lent })

/** The queue without what was lent to it. */
export const takeBack = <V>({ front, offset, back, length, away }: Queue<V>): Queue<V> => ({
  front,
  offset,
  back,
  length,
  away,
})

/** The values from number `from` to before number `to`, from 0, as far as they are here or lent. */
export const slice = <V>({ away, back, front, lent, offset }: Queue<V>, from: number, to: number): ReadonlyArray<V> => {
  const borrowed = lent === undefined ? [] : lent.values.slice(at(from - lent.index), at(to - lent.index))
  const inFront = front.slice(offset + at(from - away), offset + at(to - away))
  const behind = away + front.length - offset
  return to <= behind
    ? borrowed.concat(inFront)
    : borrowed.concat(inFront, oldestFirst(back).slice(at(from - behind), to - behind))
}

/** The queue with its first `count` values away, or more if more are away already. */
export const putAway = <V>(queue: Queue<V>, count: number): Queue<V> => {
  if (count <= queue.away) return queue
  const { length } = queue
  const away = Math.min(count, length)
  return away === length ? { ...empty, length, away } : { ...withoutFirst(queue, away - queue.away), length, away }
}

/** The queue with all its values here; `values` are those that are away, oldest first, and just as many. */
export const bringBack = <V>(queue: Queue<V>, values: ReadonlyArray<V>): Queue<V> =>
  fromArray([...values, ...toArray(queue)])

/** The values that are here, oldest first. */
export const toArray = <V>(queue: Queue<V>): ReadonlyArray<V> =>
  queue.front.slice(queue.offset).concat(oldestFirst(queue.back))

/** A queue of these values, the first of them in front. */
export const fromArray = <V>(values: ReadonlyArray<V>): Queue<V> => ({
  front: values,
  offset: 0,
  back: undefined,
  length: values.length,
  away: 0,
})

const at = (index: number): number => Math.max(0, index)

const withLent = <V>(queue: Queue<V>, dropped: number): Queue<V> =>
  queue.lent === undefined ? queue : lend(queue, { ...queue.lent, index: queue.lent.index - dropped })

/** The links without the one that has `newer` links before it. */
const withoutLink = <V>(back: Link<V> | undefined, newer: number): Link<V> | undefined => {
  const kept: Array<V> = []
  let link = back
  for (; link !== undefined && kept.length < newer; link = link.older) kept.push(link.value)
  return kept.reduceRight<Link<V> | undefined>((older, value) => ({ value, older }), link?.older)
}

/** The stacks without their first `count` values, of which they have more. */
const withoutFirst = <V>(queue: Queue<V>, count: number): Pick<Queue<V>, 'back' | 'front' | 'offset'> => {
  const inFront = queue.front.length - queue.offset
  return count < inFront
    ? { front: queue.front, offset: queue.offset + count, back: queue.back }
    : { front: oldestFirst(queue.back), offset: count - inFront, back: undefined }
}

const oldestFirst = <V>(back: Link<V> | undefined): ReadonlyArray<V> => {
  const values: Array<V> = []
  for (let link = back; link !== undefined; link = link.older) values.push(link.value)
  return values.reverse()
}
