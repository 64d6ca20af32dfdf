import { bytesOf, defaultLimits, header, readInPieces, type Told } from '../../unit/codec/reading.js'
import { holds, kindOf, same, type Target } from '../target.js'

/** A reference for each character of an element, in what it came to. */
const longestReference = 6

export const stream: Target = {
  name: 'stream',
  promise: 'a stream is told the same however its bytes are cut, and what is told is bounded and reads as itself',
  words: [
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    '</stream:stream>',
    '<message',
    "<message to='a@b'>",
    '</message>',
    "<iq type='get'/>",
    '<presence/>',
    '<body>',
    '</body>',
    "xmlns=''",
    "xmlns:x='y'",
    'x:y',
    "xml:lang='de'",
    '&amp;',
    '&#x1F600;',
    '&#0;',
    '&lol;',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<!DOCTYPE',
    '<?xml',
    "<?xml version='1.0' encoding='UTF-8'?>",
    '\u{1f600}',
    '\u00e9',
    'x'.repeat(4_000),
  ],
  run: input => {
    const whole = readInPieces(input, Number.MAX_SAFE_INTEGER)
    for (const size of [1, 7, 1 + (input.length % 13)])
      same(readInPieces(input, size), whole, `told otherwise in pieces of ${size}`)
    const elements = whole.flatMap(told => (typeof told === 'object' && 'element' in told ? [told.element] : []))
    for (const element of elements) {
      const { stanzaBytes } = defaultLimits
      holds(bytesOf(element).length <= (longestReference + 1) * stanzaBytes, 'an element grew', element.length)
    }
    const ofClients = whole[0]
    if (isOfClients(ofClients)) for (const element of elements) readsAsItself(element)
    const last = whole.at(-1)
    const ending = typeof last === 'object' && 'fault' in last ? kindOf(last.fault.text ?? last.fault.condition) : last
    return `${Math.min(elements.length, 3)} elements, ${typeof ending === 'string' ? ending : 'unfinished'}`
  },
}

const isOfClients = (told: Told | undefined): boolean =>
  typeof told === 'object' && 'header' in told && told.header.xmlns === 'jabber:client'

/** Written on another stream of clients it is the same element, if it fits into the limits as it is written now. */
const readsAsItself = (element: string): void => {
  if (bytesOf(element).length > defaultLimits.stanzaBytes) return
  same(readInPieces(bytesOf(header + element), Number.MAX_SAFE_INTEGER).slice(1), [{ element }], 'read as another')
}
