/** What a decoding complains of, for people: one line, whatever was decoded. */
import * as t from '#io-ts'

/** Characters of a value, of a key and of what is said about them, that a complaint shows at most. */
const valueLength = 80
const keyLength = 40
const sayingLength = 800

/** Keys of a path that a complaint shows at most: the last ones. */
const pathLength = 12

/**
 * One line about the first of the problems: the path, the value found (cut to a bound), what is allowed; and how many
 * more there are. For errors of any io-ts codec: what is allowed is the name of the innermost codec, unless the error
 * has a message, which then says all that is said behind the path.
 */
export const describeErrors = (errors: t.Errors): string => {
  const [first] = errors
  if (first === undefined) return 'no problem'
  const path = pathOf(first.context)
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return `${path === '' ? '' : `${path}: `}${cut(said(first), sayingLength)}${more}`
}

/** `found` and what it is, or `missing`. */
export const found = (value: unknown): string => (value === undefined ? 'missing' : `found ${shown(value)}`)

/** `allowed` and the words that are. */
export const allowed = (words: ReadonlyArray<string>): string => `allowed: ${words.join(', ')}`

/** A value as JSON, or what there is of it in the first 80 characters; of nested ones only the outside. */
export const shown = (value: unknown): string => cut(written(value, 2), valueLength)

/** A key as it is, or in quotes where it could be taken for something else. */
export const shownKey = (key: string): string =>
  /^[\w.-]{1,40}$/.test(key) ? key : `${quoted(key.slice(0, keyLength))}${key.length > keyLength ? '...' : ''}`

const said = ({ message, value, context }: t.ValidationError): string =>
  message ?? `${found(value)}, allowed: ${context.at(-1)?.type.name ?? 'another value'}`

/** The keys that lead to the value. Those that io-ts counts members of unions and intersections with lead nowhere. */
const pathOf = (context: t.Context): string => {
  const keys = context.flatMap(({ key }, index) => (key === '' || isMember(context[index - 1]) ? [] : [shownKey(key)]))
  return keys.length > pathLength ? `...${keys.slice(-pathLength).join('.')}` : keys.join('.')
}

const isMember = (parent: t.ContextEntry | undefined): boolean =>
  parent !== undefined && (parent.type instanceof t.IntersectionType || parent.type instanceof t.UnionType)

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}...` : text)

/** Members of a list or object that can be seen before the text is cut. */
const membersShown = 20

const written = (value: unknown, levels: number): string => {
  if (typeof value === 'string') return quoted(value.slice(0, valueLength))
  if (Array.isArray(value)) return levels === 0 ? '[...]' : `[${writtenList(value, levels)}]`
  if (typeof value === 'object' && value !== null) return levels === 0 ? '{...}' : `{${writtenMembers(value, levels)}}`
  return String(value)
}

const writtenList = (list: ReadonlyArray<unknown>, levels: number): string =>
  list
    .slice(0, membersShown)
    .map(item => written(item, levels - 1))
    .join(',')

const writtenMembers = (value: object, levels: number): string =>
  Object.entries(value)
    .slice(0, membersShown)
    .map(([key, member]) => `${quoted(key.slice(0, keyLength))}:${written(member, levels - 1)}`)
    .join(',')

/** What a terminal or a log could take for more than text. */
const active = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

const quoted = (text: string): string =>
  JSON.stringify(text).replace(active, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
