/** The values of attributes, as io-ts codecs. Their names say what is allowed. */
import { type Counter, isCounter, type SmVersion } from '@smacks/core'
import * as t from '#io-ts'

/** An integer that is not negative, as XML Schema 1.1 writes it: a sign is allowed where it changes nothing (part 2, §3.4.13). */
const unsigned = /^(?:\+?[0-9]+|-0+)$/

/** The number that the text states, `undefined` if it states none. */
const unsignedIn = (text: string): number | undefined => {
  const written = collapsed(text)
  return unsigned.test(written) ? Math.abs(Number(written)) : undefined
}

/** White space around a value means nothing in all types but strings (XML Schema part 2, §4.3.6). */
const collapsed = (text: string): string => text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')

/** A codec of the text of an attribute that must be there. */
const required = <A>(
  allowed: string,
  is: (value: unknown) => value is A,
  parse: (text: string) => A | undefined,
  write: (value: A) => string,
): t.Type<A, string, unknown> =>
  new t.Type(
    allowed,
    is,
    (value, context) => {
      const parsed = typeof value === 'string' ? parse(value) : undefined
      return parsed === undefined ? t.failure(value, context) : t.success(parsed)
    },
    write,
  )

const isCount = (value: unknown): value is Counter => typeof value === 'number' && isCounter(value)

/** `h` and `send-count`: an `unsignedInt`, less than 2^32 (XEP-0198 §4). */
export const counterAttribute: t.Type<Counter, string, unknown> = required(
  'an integer from 0 to 4294967295',
  isCount,
  text => {
    const count = unsignedIn(text)
    return isCount(count) ? count : undefined
  },
  String,
)

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** `max`: an integer (XEP-0198 §3). More than can be counted exactly is as good as the most that can be. */
export const secondsAttribute: t.Type<number, string, unknown> = required(
  'an integer of seconds, 0 or more',
  isSeconds,
  text => {
    const seconds = unsignedIn(text)
    return seconds === undefined ? undefined : Math.min(seconds, Number.MAX_SAFE_INTEGER)
  },
  String,
)

/** Any text but none. */
export const textAttribute: t.Type<string, string, unknown> = required(
  'a text that is not empty',
  (value): value is string => typeof value === 'string' && value !== '',
  text => (text === '' ? undefined : text),
  text => text,
)

/** True if the namespace is one of stream management. */
export const isSmVersion = (value: unknown): value is SmVersion => smVersion(value) !== undefined

/** The namespace, if it is one of stream management: as our own text, since a session keeps it for its life. */
export const smVersion = (value: unknown): SmVersion | undefined => {
  if (value === 'urn:xmpp:sm:3') return 'urn:xmpp:sm:3'
  if (value === 'urn:xmpp:sm:2') return 'urn:xmpp:sm:2'
  return undefined
}

export const versionAttribute: t.Type<SmVersion, string, unknown> = required(
  'urn:xmpp:sm:2 or urn:xmpp:sm:3',
  isSmVersion,
  smVersion,
  version => version,
)

/** `resume`: `true` and `1` are true (XML Schema's boolean); anything else is as good as absent. Absent where false. */
export const flagAttribute: t.Type<boolean, string | undefined, unknown> = new t.Type(
  'true, 1, or absent',
  (value): value is boolean => typeof value === 'boolean',
  value => t.success(typeof value === 'string' && /^(?:true|1)$/.test(collapsed(value))),
  flag => (flag ? 'true' : undefined),
)

/** The first problem of a decoding: the innermost key, the value found, what is allowed. */
export const firstProblem = (
  errors: t.Errors,
): { readonly key: string; readonly value: unknown; readonly allowed: string } => {
  // A failed decoding has an error, and each error a context that begins with the whole.
  const { context, value } = errors[0] as t.ValidationError
  const { key, type } = context[context.length - 1] as t.ContextEntry
  return { key, value, allowed: type.name }
}
