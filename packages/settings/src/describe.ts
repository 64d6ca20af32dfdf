/** Faults of a configuration file, in sentences. */
import { suggestion } from '@smacks/codec'
import type * as t from '#io-ts'
import { unknownKey } from './settings-table.js'

/** One sentence for one failure. `allPaths` are the keys of the file, with the names of their tables: one may have been meant. */
export const describe = (
  { context, value, message = 'another value' }: t.ValidationError,
  allPaths: ReadonlyArray<string>,
): string => {
  const path = context
    .map(({ key }) => key)
    .filter(key => key !== '')
    .join('.')
  if (message === unknownKey) return `${path}: unknown key${suggestion(path, allPaths)}`
  return `${path === '' ? 'the configuration' : path}: found ${shown(value)}, allowed: ${message}`
}

const shownLength = 60

/** Numbers that JSON has no word for. */
const isNoJson = (value: unknown): value is number => typeof value === 'number' && !Number.isFinite(value)

const tomlWord = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf')

/** Stands before what is shown without quotes; whatever text a setting may be, none begins with it. */
const mark = '\0'
const marked = /"\\u0000(nan|-?inf)"/g

/** A value as the file has it, cut where it is long. */
export const shown = (value: unknown): string => {
  const written = JSON.stringify(value, (_, member) => (isNoJson(member) ? `${mark}${tomlWord(member)}` : member))
  const text = (written ?? String(value)).replace(marked, '$1')
  return text.length > shownLength ? `${text.slice(0, shownLength)}...` : text
}
