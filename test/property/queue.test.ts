import {
  compact,
  drop,
  emptyQueue,
  fromArray,
  loadOldest,
  loadPage,
  push,
  type Queue,
  remove,
  slice,
  toArray,
  unloadOldest,
  unloadPage,
} from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deepFreeze } from '../spec/driver.js'
import { runs } from './runs.js'

type Operation = { readonly _tag: 'drop'; readonly count: number } | { readonly _tag: 'push'; readonly value: number }

const operations = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ _tag: fc.constant('push' as const), value: fc.integer() }) },
    { weight: 1, arbitrary: fc.record({ _tag: fc.constant('drop' as const), count: fc.integer({ min: -1, max: 8 }) }) },
  ),
  { maxLength: 60 },
)

const onQueue = (queue: Queue<number>, operation: Operation): Queue<number> =>
  operation._tag === 'push' ? push(queue, operation.value) : drop(queue, operation.count)

const onArray = (values: ReadonlyArray<number>, operation: Operation): ReadonlyArray<number> =>
  operation._tag === 'push' ? [...values, operation.value] : values.slice(Math.max(0, operation.count))

test('a queue holds what an array would, in its order, from any start', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 10 }), operations, (start, program) => {
      const versions: Array<readonly [Queue<number>, ReadonlyArray<number>]> = [[deepFreeze(fromArray(start)), start]]
      for (const operation of program) {
        const [queue, values] = versions.at(-1) ?? [emptyQueue<number>(), []]
        versions.push([deepFreeze(onQueue(queue, operation)), onArray(values, operation)])
      }
      // Looked at only now: each older version is still whole.
      for (const [queue, values] of versions) {
        expect(toArray(queue)).toEqual(values)
        expect(queue.length).toBe(values.length)
      }
    }),
    runs(1_000),
  )
})

test('a queue that is emptied holds on to nothing, and dropping nothing makes no new one', () => {
  const queue = push(push(fromArray([1, 2, 3]), 4), 5)
  expect(drop(queue, 5)).toEqual(emptyQueue())
  expect(drop(queue, 6)).toEqual(emptyQueue())
  for (const count of [0, -1]) expect(drop(queue, count)).toBe(queue)
})

/** How many values a queue keeps in memory. */
const held = ({ front, back }: Queue<number>): number => {
  let links = 0
  for (let link = back; link !== undefined; link = link.older) links += 1
  return front.length + links
}

test('a queue that lives long keeps no more than twice what it held at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (length, atOnce) => {
      let queue = emptyQueue<number>()
      for (let value = 0; value < 300; value += 1) {
        queue = push(queue, value)
        if (queue.length >= length + atOnce) queue = drop(queue, atOnce)
        expect(held(queue)).toBeLessThanOrEqual(2 * (length + atOnce))
      }
    }),
    runs(50),
  )
})

test('an empty queue has no values, and dropping from it gives none', () => {
  expect(toArray(drop(emptyQueue<number>(), 3))).toEqual([])
  expect(emptyQueue<number>().length).toBe(0)
})

/** A queue beside the list of all its values, those that are unloaded included. */
type Stored = readonly [queue: Queue<number>, values: ReadonlyArray<number>]

const stored: fc.Arbitrary<ReadonlyArray<(now: Stored) => Stored>> = fc.array(
  fc.oneof(
    fc.integer().map(
      value =>
        ([queue, values]: Stored): Stored => [push(queue, value), [...values, value]],
    ),
    fc.nat(6).map(
      count =>
        ([queue, values]: Stored): Stored => [drop(queue, count), values.slice(count)],
    ),
    fc.nat(12).map(
      count =>
        ([queue, values]: Stored): Stored => [unloadOldest(queue, count), values],
    ),
    fc.constant(([queue, values]: Stored): Stored => [loadOldest(queue, values.slice(0, queue.unloaded)), values]),
    fc.constant(([queue, values]: Stored): Stored => [compact(queue), values]),
    fc.nat(30).map(place => ([queue, values]: Stored): Stored => {
      if (values.length === 0) return [queue, values]
      const index = place % values.length
      return [remove(queue, index), [...values.slice(0, index), ...values.slice(index + 1)]]
    }),
  ),
  { maxLength: 60, size: 'max' },
)

test('a queue counts what is unloaded, has the rest here, and is whole again when it comes back', () => {
  fc.assert(
    fc.property(stored, program => {
      let now: Stored = [emptyQueue(), []]
      for (const operation of program) {
        now = operation(now)
        const [queue, values] = now
        expect(queue.length).toBe(values.length)
        expect(queue.unloaded).toBeLessThanOrEqual(queue.length)
        expect(toArray(deepFreeze(queue))).toEqual(values.slice(queue.unloaded))
        for (const [from, to] of [
          [0, 3],
          [2, 5],
          [queue.unloaded, queue.unloaded + 2],
          [0, values.length],
        ] as const)
          expect(slice(queue, from, to)).toEqual(
            values.slice(Math.max(from, queue.unloaded), Math.max(to, queue.unloaded)),
          )
      }
    }),
    runs(500),
  )
})

test('what is loaded of a page can be taken out with the rest, also after some was dropped, and is unloaded', () => {
  fc.assert(
    fc.property(fc.nat(8), fc.nat(8), fc.nat(8), fc.nat(4), (length, unloaded, index, dropped) => {
      const values = Array.from({ length: length + 1 }, (_, value) => value)
      const stored = unloadOldest(values.reduce<Queue<number>>(push, emptyQueue()), unloaded)
      fc.pre(index >= dropped && index < stored.unloaded)
      const loaded = deepFreeze(loadPage(stored, { index, values: values.slice(index, stored.unloaded) }))
      expect(slice(drop(loaded, dropped), index - dropped, values.length - dropped)).toEqual(values.slice(index))
      expect(slice(drop(loaded, dropped), 0, values.length - dropped)).toEqual(values.slice(index))
      expect(unloadPage(loaded)).toEqual(stored)
    }),
    runs(300),
  )
})
