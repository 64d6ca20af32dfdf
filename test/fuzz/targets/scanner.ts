import { isDeepStrictEqual } from 'node:util'
import type { StreamLimits } from '@smacks/codec'
import { parsed, type Reading, scanned } from '../../unit/codec/scanning.js'
import { holds, type Target } from '../target.js'

export const scanner: Target = {
  name: 'scanner',
  promise: 'a stream is told the same with a scanner and without, wherever its bytes are cut and whatever its limits',
  words: [
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    "<message to='a@b' id='1' type='chat'><body>",
    '</body></message>',
    "<presence xmlns='jabber:client'/>",
    "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h='5'/>",
    "xmlns='jabber:client'",
    "xmlns='jabber:server'",
    "xmlns='urn:x'",
    " xmlns=''",
    " xmlns:x='y'",
    'x:y',
    " xml:lang='de'",
    " xml:space='preserve'",
    " from='a@b/c'",
    " to='a@b'",
    " id='1'",
    " by='a@b'",
    '&amp;',
    '&apos;',
    '&#65;',
    '&lol;',
    ']]>',
    '<![CDATA[x]]>',
    '<!-- -->',
    '<?pi?>',
    '</stream:stream>',
    '\t',
    '\r\n',
    '\0',
    '\u00e9',
    '\u20ac',
    '\u{1f600}',
    '\ufffe',
  ],
  run: input => {
    const limits = limitsOf(input)
    const whole = parsed([input], limits)
    let taken = 0
    for (const size of [input.length, 1, 1 + (input.length % 61)]) {
      const pieces = inPieces(input, Math.max(1, size))
      const one = scanned(pieces, limits)
      const other = parsed(pieces, limits)
      sameReading(one, other, `in pieces of ${size}`)
      holds(isDeepStrictEqual(one.told, whole.told), `told otherwise in pieces of ${size} than in one`)
      taken = Math.max(taken, one.scanned)
    }
    const last = whole.told.at(-1)
    const ending = typeof last === 'object' && last !== null ? Object.keys(last)[0] : last
    return `${Math.min(taken, 3)} scanned of ${Math.min(whole.told.length, 4)}, ${ending ?? 'nothing told'}`
  },
}

/** Those of a server, or such as are met soon. */
const limitsOf = (input: Uint8Array): Partial<StreamLimits> =>
  input.length % 3 === 0 ? { stanzaBytes: 700, depth: 3, elements: 4, attributes: 3 } : {}

const inPieces = (input: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(input.length / size) }, (_, index) => input.subarray(index * size, (index + 1) * size))

const sameReading = (one: Reading, other: Reading, how: string): void => {
  for (const [index, told] of other.told.entries())
    holds(isDeepStrictEqual(one.told[index], told), `the scanner tells otherwise, ${how}`, one.told[index], told)
  holds(one.told.length === other.told.length, `the scanner tells more or less, ${how}`, one.told, other.told)
  holds(isDeepStrictEqual(one.midElement, other.midElement), `within an element or not, ${how}`)
}
