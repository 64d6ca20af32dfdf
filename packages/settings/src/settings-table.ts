/** A table of a configuration file, as an io-ts decoder: known keys with their defaults, unknown keys refused. */
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { decoder, type Setting } from './setting-types.js'

/** One key of a table: how it is spelled in the file, what it may hold, and what its absence means. */
export interface Key<A> {
  readonly key: string
  readonly setting: Setting<A>
  readonly absent: A
}

export const key = <A>(key: string, setting: Setting<A>, absent: A): Key<A> => ({ key, setting, absent })

/** The keys of a table, by the names of the decoded record. */
export type Keys<A> = { readonly [Name in keyof A]-?: Key<A[Name]> }

/** The failure of a key that the table does not have; its value says which keys there are. */
export const unknownKey = 'unknown key'

/** The decoder of a table with these keys. All problems are told, not only the first. */
export const table = <A extends object>(keys: Keys<A>): Setting<A> & { readonly keys: Keys<A> } => {
  const entries = Object.entries<Key<A[keyof A]>>(keys)
  const known = new Set(entries.map(([, { key }]) => key))
  const validate = (value: unknown, context: t.Context): t.Validation<A> => {
    if (!t.UnknownRecord.is(value) || Array.isArray(value)) return t.failure(value, context, 'a table')
    const errors: Array<t.ValidationError> = []
    const decoded: Record<string, unknown> = {}
    for (const key of Object.keys(value))
      if (!known.has(key))
        errors.push({ value: value[key], context: t.appendContext(context, key, t.unknown), message: unknownKey })
    for (const [name, { key, setting, absent }] of entries) {
      if (!Object.hasOwn(value, key)) {
        if (absent !== undefined) decoded[name] = absent
        continue
      }
      const validated = setting.validate(value[key], t.appendContext(context, key, setting))
      if (Either.isLeft(validated)) errors.push(...validated.left)
      else decoded[name] = validated.right
    }
    return errors.length > 0 ? t.failures(errors) : t.success(decoded as A)
  }
  return { ...decoder('a table', validate), keys }
}
