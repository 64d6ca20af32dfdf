/** Codecs of lists, and of queues as the lists they are. */
import { fromArray, type LoadedPage, loadPage, type Queue, toArray } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { optional } from './field.js'
import type { Json } from './payload.js'
import { count, isObject, type JsonCodec } from './plain.js'
import { record } from './record.js'

/** A list of values of the same kind. The first that is wrong is told, since all of them might be. */
export const list = <A>(item: JsonCodec<A>): JsonCodec<ReadonlyArray<A>> =>
  new t.Type<ReadonlyArray<A>, Json, unknown>(
    `a list, each ${item.name}`,
    (value): value is ReadonlyArray<A> => Array.isArray(value) && value.every(item.is),
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context)
      const decoded: Array<A> = []
      for (const [index, member] of value.entries()) {
        const validated = item.validate(member, t.appendContext(context, String(index), item, member))
        if (Either.isLeft(validated)) return validated
        decoded.push(validated.right)
      }
      return t.success(decoded)
    },
    values => values.map(item.encode),
  )

/**
 * A queue as a list, first in front; or, where the first of its values are unloaded, how many these are (`away`) and the list
 * of those in memory (`here`), with the page that is loaded of the others (`lent`). What is decoded holds the same, in a queue as if nothing was ever taken from it.
 */
export const queue = <A>(item: JsonCodec<A>): JsonCodec<Queue<A>> => {
  const items = list(item)
  const partial = record<Partially<A>>('the number of those that are away, and those that are here', {
    away: count,
    here: items,
    lent: optional(record<LoadedPage<A>>('some of those that are away', { index: count, values: items })),
  })
  return new t.Type<Queue<A>, Json, unknown>(
    items.name,
    (value): value is Queue<A> => isQueue(value) && items.is(toArray(value)),
    (value, context) =>
      isObject(value)
        ? Either.map(({ away, here, lent }: Partially<A>) => withPage(behindUnloaded(away, here), lent))(
            partial.validate(value, context),
          )
        : Either.map((values: ReadonlyArray<A>) => fromArray(values))(items.validate(value, context)),
    value => {
      const here = items.encode(toArray(value))
      if (value.unloaded === 0) return here
      const { unloaded, page } = value
      return page === undefined
        ? { away: unloaded, here }
        : { away: unloaded, here, lent: { index: page.index, values: items.encode(page.values) } }
    },
  )
}

interface Partially<A> {
  readonly away: number
  readonly here: ReadonlyArray<A>
  readonly lent?: LoadedPage<A>
}

const withPage = <A>(values: Queue<A>, page: LoadedPage<A> | undefined): Queue<A> =>
  page === undefined ? values : loadPage(values, page)

/** A queue of these values, and of so many before them that are unloaded. */
const behindUnloaded = <A>(unloaded: number, loaded: ReadonlyArray<A>): Queue<A> => ({
  ...fromArray(loaded),
  length: unloaded + loaded.length,
  unloaded,
})

const isQueue = (value: unknown): value is Queue<unknown> =>
  isObject(value) &&
  Array.isArray(value.front) &&
  count.is(value.offset) &&
  count.is(value.length) &&
  count.is(value.unloaded) &&
  value.front.length - value.offset + linksOf(value.back, value.length) === value.length - value.unloaded

/** How many links there are; more than `most` are not looked for, since links could go round. */
const linksOf = (back: unknown, most: number): number => {
  let links = 0
  for (let link = back; isObject(link) && links <= most; link = link.older) links += 1
  return links
}
