/** Where two JSON values differ first. */
import type { Json } from '@smacks/codec'
import { isList } from './fingerprint.js'
import type { View } from './recording.js'

/** The first place where what was recorded is not what the replay made. */
export interface Difference {
  /** Such as `effects[1].nonza.h` or `sessions.orchard.inbound.handled`. */
  readonly path: string
  /** What the recording has there; `undefined` if it has nothing there. */
  readonly recorded: Json | undefined
  readonly replayed: Json | undefined
}

/**
 * The first difference: in lists by position, in objects in the order of the recorded keys, with what only the replay
 * has behind them. `undefined` if both are the same.
 */
export const firstDifference = (
  recorded: Json | undefined,
  replayed: Json | undefined,
  path = '',
): Difference | undefined => {
  if (recorded === replayed) return undefined
  if (isObject(recorded) && isObject(replayed)) return inObjects(recorded, replayed, path)
  if (isArray(recorded) && isArray(replayed)) return inLists(recorded, replayed, path)
  return { path, recorded, replayed }
}

const inLists = (
  recorded: ReadonlyArray<Json>,
  replayed: ReadonlyArray<Json>,
  path: string,
): Difference | undefined => {
  const length = Math.max(recorded.length, replayed.length)
  for (let index = 0; index < length; index += 1) {
    const difference = firstDifference(recorded[index], replayed[index], `${path}[${index}]`)
    if (difference !== undefined) return difference
  }
  return undefined
}

const inObjects = (recorded: View, replayed: View, path: string): Difference | undefined => {
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    const difference = firstDifference(memberOf(recorded, key), memberOf(replayed, key), joined(path, key))
    if (difference !== undefined) return difference
  }
  return undefined
}

/** Not what every object inherits, whatever the keys in a file are. */
const memberOf = (view: View, key: string): Json | undefined => (Object.hasOwn(view, key) ? view[key] : undefined)

const joined = (path: string, key: string): string => {
  if (!/^[\p{L}\p{N}_$-]+$/u.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

const isArray = (value: Json | undefined): value is ReadonlyArray<Json> => value !== undefined && isList(value)

const isObject = (value: Json | undefined): value is View =>
  typeof value === 'object' && value !== null && !isList(value)
