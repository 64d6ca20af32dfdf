/** Codecs of unions whose members are told apart by `_tag`. */
import * as t from '#io-ts'
import { suggestion } from '../suggestion.js'
import { allowed, found } from './errors.js'
import type { Json } from './payload.js'
import { isObject, type JsonCodec, text, word } from './plain.js'
import { type Fields, record } from './record.js'

interface Tagged {
  readonly _tag: string
}

/** For each member of the union, by its `_tag`, the codecs of its other keys: the compiler asks for all of them. */
export type Members<U extends Tagged> = {
  readonly [Tag in U['_tag']]: Fields<Omit<Extract<U, { readonly _tag: Tag }>, '_tag'>>
}

/** The codec of the union. What is wrong is told of the member that `_tag` names, and of no other. */
export const tagged = <U extends Tagged>(name: string, members: Members<U>): JsonCodec<U> => {
  const codecs = new Map<unknown, JsonCodec<U>>()
  for (const [tag, fields] of Object.entries<object>(members))
    codecs.set(tag, record<U>(name, { _tag: word({ [tag]: true }), ...fields } as Fields<U>))
  const tags = Object.keys(members)
  return new t.Type<U, Json, unknown>(
    name,
    (value): value is U => isObject(value) && codecs.get(value._tag)?.is(value) === true,
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const tag = Object.hasOwn(value, '_tag') ? value._tag : undefined
      const codec = codecs.get(tag)
      return codec === undefined ? unknownTag(tag, tags, context) : codec.validate(value, context)
    },
    value => (codecs.get(value._tag) as JsonCodec<U>).encode(value),
  )
}

const unknownTag = (tag: unknown, tags: ReadonlyArray<string>, context: t.Context): t.Validation<never> =>
  t.failure(
    tag,
    t.appendContext(context, '_tag', text, tag),
    `${found(tag)}${typeof tag === 'string' ? suggestion(tag.slice(0, 40), tags) : ''}; ${allowed(tags)}`,
  )
