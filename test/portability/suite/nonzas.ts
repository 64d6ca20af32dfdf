/** The elements of stream management, written and read again; and those that are refused, with what is said of them. */
import { decodeNonza, encodeNonza, parseElement } from '@smacks/codec'
import type { Nonza, SmVersion } from '@smacks/core'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

const last = 2 ** 32 - 1

const all = (version: SmVersion): ReadonlyArray<Nonza> => [
  { _tag: 'Request', version },
  { _tag: 'Ack', version, h: 0 },
  { _tag: 'Ack', version, h: last },
  { _tag: 'Enable', version, resume: false },
  { _tag: 'Enable', version, resume: true, max: 300 },
  { _tag: 'Enabled', version, resume: true, id: `'"<&>é€𝄞`, max: 600, location: '[2001:db8::1]:5222' },
  { _tag: 'Resume', version, previd: 'opaque-1', h: last },
  { _tag: 'Resumed', version, previd: 'opaque-1', h: 7 },
  { _tag: 'Failed', version, condition: 'item-not-found', h: 23 },
  { _tag: 'Failed', version, condition: 'undefined-condition', tooHigh: { h: 10, sendCount: last } },
]

const refused: ReadonlyArray<string> = [
  "<a xmlns='urn:xmpp:sm:3'/>",
  "<a xmlns='urn:xmpp:sm:3' h='4294967296'/>",
  "<a xmlns='urn:xmpp:sm:3' h='٣'/>",
  "<resume xmlns='urn:xmpp:sm:2' h='1'/>",
  "<enabled xmlns='urn:xmpp:sm:3' max='-1'/>",
  "<other xmlns='urn:xmpp:sm:3'/>",
]

export const nonzas = () => ({
  readAsWritten: (['urn:xmpp:sm:2', 'urn:xmpp:sm:3'] as const).flatMap(all).map(nonza => {
    const xml = encodeNonza(nonza)
    return { nonza, xml, read: readNonza(xml) }
  }),
  refused: refused.map(xml => ({ xml, problem: readNonza(xml) })),
})

const readNonza = (xml: string): Nonza | string =>
  pipe(
    parseElement(xml),
    Either.mapLeft(problem => `not XML: ${problem}`),
    Either.chain(element =>
      pipe(
        decodeNonza(element),
        Either.mapLeft(({ message }) => message),
      ),
    ),
    Either.getOrElse<string, Nonza | string>(problem => problem),
  )
