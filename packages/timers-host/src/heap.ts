/** A binary heap: the least value is at index 0, and each value is not less than its parent. */

/** True if `left` must come before `right`. */
export type Before<V> = (left: V, right: V) => boolean

/** Adds a value. O(log n), and O(1) for a value that belongs behind all others. */
export const pushHeap = <V>(heap: Array<V>, before: Before<V>, value: V): void => {
  let index = heap.length
  while (index > 0) {
    const parentIndex = (index - 1) >> 1
    const parent = heap[parentIndex]
    if (parent === undefined || !before(value, parent)) break
    heap[index] = parent
    index = parentIndex
  }
  heap[index] = value
}

/** Takes the least value out; nothing if the heap is empty. O(log n). */
export const popHeap = <V>(heap: Array<V>, before: Before<V>): V | undefined => {
  const least = heap[0]
  const last = heap.pop()
  if (heap.length > 0 && last !== undefined) sink(heap, before, last)
  return least
}

const sink = <V>(heap: Array<V>, before: Before<V>, value: V): void => {
  let index = 0
  for (;;) {
    const leftIndex = 2 * index + 1
    const left = heap[leftIndex]
    if (left === undefined) break
    const right = heap[leftIndex + 1]
    const rightIsLess = right !== undefined && before(right, left)
    const child = rightIsLess ? right : left
    if (!before(child, value)) break
    heap[index] = child
    index = rightIsLess ? leftIndex + 1 : leftIndex
  }
  heap[index] = value
}

/** A heap of the values. O(n log n) at worst, O(n) if they are in order. */
export const heapOf = <V>(values: ReadonlyArray<V>, before: Before<V>): Array<V> => {
  const heap: Array<V> = []
  for (const value of values) pushHeap(heap, before, value)
  return heap
}
