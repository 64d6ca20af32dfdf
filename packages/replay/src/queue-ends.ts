/** The ends of a queue, found without walking through it. */
import type { Queue } from '@smacks/core'

/** What came last. */
export const lastOf = <V>({ front, offset, back }: Queue<V>): V | undefined =>
  back?.value ?? (offset < front.length ? front.at(-1) : undefined)

/**
 * What came first. In a queue that nothing was ever taken from, that is at the far end of a list; it is remembered for
 * each link of it, so asking after each push costs the same whatever the length.
 */
export const firstOf = <V>({ front, offset, back }: Queue<V>): V | undefined =>
  offset < front.length ? front[offset] : back === undefined ? undefined : oldestOf(back)

type Link<V> = NonNullable<Queue<V>['back']>

const remembered = new WeakMap<object, unknown>()

const oldestOf = <V>(newest: Link<V>): V => {
  let link = newest
  while (link.older !== undefined && !remembered.has(link)) link = link.older
  const oldest = link.older === undefined ? link.value : (remembered.get(link) as V)
  remembered.set(newest, oldest)
  return oldest
}
