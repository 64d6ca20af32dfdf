/**
 * A persistent first-in-first-out queue: every operation gives a new value and leaves the old one whole.
 *
 * Two stacks: `front` is read from `offset` on, `back` is a linked list of what came since, newest first.
 * Pushing is O(1); dropping is amortised O(1), because each value moves from back to front once.
 *
 * The oldest values may be *unloaded*: their places are counted, while they themselves lie in storage. Whoever needs them
 * loads them first, or just a page of them (`loadPage`).
 */

interface Link<V> {
  readonly value: V
  readonly older: Link<V> | undefined
}

/** A first-in, first-out queue whose oldest values may lie in storage. Immutable: adding and dropping are cheap and make another. */
export interface Queue<V> {
  readonly front: ReadonlyArray<V>
  readonly offset: number
  readonly back: Link<V> | undefined
  /** All values, also those that are unloaded. */
  readonly length: number
  /** How many of the oldest values are not in memory. */
  readonly unloaded: number
  /** Some of those that are unloaded, read for one step. */
  readonly page?: LoadedPage<V>
}

/** Values that follow each other; the first of them is the queue's value number `index`, from 0. */
export interface LoadedPage<V> {
  readonly index: number
  readonly values: ReadonlyArray<V>
}

const empty: Queue<never> = { front: [], offset: 0, back: undefined, length: 0, unloaded: 0 }

/** The queue of nothing. */
export const emptyQueue = <V>(): Queue<V> => empty

/** The queue with `value` behind all others. */
export const push = <V>(queue: Queue<V>, value: V): Queue<V> => ({
  front: queue.front,
  offset: queue.offset,
  back: { value, older: queue.back },
  length: queue.length + 1,
  unloaded: queue.unloaded,
})

/** The queue without its first `count` values, loaded or not; without any if it has fewer. */
export const drop = <V>(queue: Queue<V>, count: number): Queue<V> => {
  if (count <= 0) return queue
  if (count >= queue.length) return empty
  const length = queue.length - count
  if (count <= queue.unloaded) return { ...withPage(queue, count), length, unloaded: queue.unloaded - count }
  return withoutFirst(queue, count - queue.unloaded)
}

/** The queue without its value number `index`, loaded or not; the others keep their order. */
export const remove = <V>(queue: Queue<V>, index: number): Queue<V> => {
  const { unloaded, back, front, offset } = queue
  const length = queue.length - 1
  if (length === 0) return empty
  if (index < unloaded) return { front, offset, back, length, unloaded: unloaded - 1 }
  const place = offset + index - unloaded
  return place < front.length
    ? { front: [...front.slice(offset, place), ...front.slice(place + 1)], offset: 0, back, length, unloaded }
    : { front, offset, back: withoutLink(back, length - index), length, unloaded }
}

/** The same queue, so that `slice` costs no more than what it takes out. */
export const compact = <V>(queue: Queue<V>): Queue<V> =>
  queue.back === undefined ? queue : { ...queue, front: toArray(queue), offset: 0, back: undefined }

/** The queue with some of its unloaded values, for whoever needs just them. */
export const loadPage = <V>(queue: Queue<V>, page: LoadedPage<V>): Queue<V> => ({ ...queue, page })

/** The queue without its loaded page. */
export const unloadPage = <V>({ front, offset, back, length, unloaded }: Queue<V>): Queue<V> => ({
  front,
  offset,
  back,
  length,
  unloaded,
})

/** The values from number `from` to before number `to`, from 0, as far as they are loaded. */
export const slice = <V>(
  { unloaded, back, front, page, offset }: Queue<V>,
  from: number,
  to: number,
): ReadonlyArray<V> => {
  const borrowed = page === undefined ? [] : page.values.slice(at(from - page.index), at(to - page.index))
  const inFront = front.slice(offset + at(from - unloaded), offset + at(to - unloaded))
  const behind = unloaded + front.length - offset
  return to <= behind
    ? borrowed.concat(inFront)
    : borrowed.concat(inFront, oldestFirst(back).slice(at(from - behind), to - behind))
}

/** The queue with its first `count` values unloaded, or more if more are unloaded already. */
export const unloadOldest = <V>(queue: Queue<V>, count: number): Queue<V> => {
  if (count <= queue.unloaded) return queue
  const { length } = queue
  const unloaded = Math.min(count, length)
  return unloaded === length
    ? { ...empty, length, unloaded }
    : { ...withoutFirst(queue, unloaded - queue.unloaded), length, unloaded }
}

/** The queue with all its values loaded; `values` are those that are unloaded, oldest first, and just as many. */
export const loadOldest = <V>(queue: Queue<V>, values: ReadonlyArray<V>): Queue<V> =>
  fromArray([...values, ...toArray(queue)])

/** The values that are in memory, oldest first. */
export const toArray = <V>(queue: Queue<V>): ReadonlyArray<V> =>
  queue.front.slice(queue.offset).concat(oldestFirst(queue.back))

/** A queue of these values, the first of them in front. */
export const fromArray = <V>(values: ReadonlyArray<V>): Queue<V> => ({
  front: values,
  offset: 0,
  back: undefined,
  length: values.length,
  unloaded: 0,
})

const at = (index: number): number => Math.max(0, index)

const withPage = <V>(queue: Queue<V>, dropped: number): Queue<V> =>
  queue.page === undefined ? queue : loadPage(queue, { ...queue.page, index: queue.page.index - dropped })

/** The links without the one that has `newer` links before it. */
const withoutLink = <V>(back: Link<V> | undefined, newer: number): Link<V> | undefined => {
  const kept: Array<V> = []
  let link = back
  for (; link !== undefined && kept.length < newer; link = link.older) kept.push(link.value)
  return kept.reduceRight<Link<V> | undefined>((older, value) => ({ value, older }), link?.older)
}

/** The stacks without their first `count` values, of which they have more. */
const withoutFirst = <V>({ front, offset, back, length, unloaded }: Queue<V>, count: number): Queue<V> => {
  const inFront = front.length - offset
  const left = length - unloaded - count
  if (count < inFront) return { front, offset: offset + count, back, length: left, unloaded: 0 }
  // Only what is left of the back is turned around: an ack of all but a few is no more work than those few.
  const newest = newestOf(back, left)
  return { front: newest, offset: 0, back: undefined, length: left, unloaded: 0 }
}

/** The newest values, oldest first. */
const newestOf = <V>(back: Link<V> | undefined, count: number): ReadonlyArray<V> => {
  const values: Array<V> = new Array(count)
  let link = back
  for (let index = count - 1; index >= 0 && link !== undefined; index -= 1, link = link.older)
    values[index] = link.value
  return values
}

const oldestFirst = <V>(back: Link<V> | undefined): ReadonlyArray<V> => {
  const values: Array<V> = []
  for (let link = back; link !== undefined; link = link.older) values.push(link.value)
  return values.reverse()
}
