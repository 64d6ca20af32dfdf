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
  const found = differenceOf(recorded, replayed)
  return found === undefined
    ? undefined
    : { path: found.steps.reduceRight(joined, path), recorded: found.recorded, replayed: found.replayed }
}

/** The way to it is noted on the way back, so that nothing is noted where all is the same. Last step first. */
interface Found {
  readonly steps: Array<number | string>
  readonly recorded: Json | undefined
  readonly replayed: Json | undefined
}

const differenceOf = (recorded: Json | undefined, replayed: Json | undefined): Found | undefined => {
  if (recorded === replayed) return undefined
  if (isObject(recorded) && isObject(replayed)) return inObjects(recorded, replayed)
  if (isArray(recorded) && isArray(replayed)) return inLists(recorded, replayed)
  return { steps: [], recorded, replayed }
}

const inLists = (recorded: ReadonlyArray<Json>, replayed: ReadonlyArray<Json>): Found | undefined => {
  const length = Math.max(recorded.length, replayed.length)
  for (let index = 0; index < length; index += 1) {
    const found = differenceOf(recorded[index], replayed[index])
    if (found !== undefined) return below(found, index)
  }
  return undefined
}

const inObjects = (recorded: View, replayed: View): Found | undefined => {
  for (const key of Object.keys(recorded)) {
    const found = differenceOf(recorded[key], memberOf(replayed, key))
    if (found !== undefined) return below(found, key)
  }
  for (const key of Object.keys(replayed))
    if (!Object.hasOwn(recorded, key)) return { steps: [key], recorded: undefined, replayed: replayed[key] }
  return undefined
}

const below = (found: Found, step: number | string): Found => {
  found.steps.push(step)
  return found
}

/** Not what every object inherits, whatever the keys in a file are. */
const memberOf = (view: View, key: string): Json | undefined => (Object.hasOwn(view, key) ? view[key] : undefined)

const joined = (path: string, step: number | string): string => {
  if (typeof step === 'number') return `${path}[${step}]`
  if (!/^[\p{L}\p{N}_$-]+$/u.test(step)) return `${path}[${JSON.stringify(step)}]`
  return path === '' ? step : `${path}.${step}`
}

const isArray = (value: Json | undefined): value is ReadonlyArray<Json> => value !== undefined && isList(value)

const isObject = (value: Json | undefined): value is View =>
  typeof value === 'object' && value !== null && !isList(value)
