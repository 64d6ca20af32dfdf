import { createStreamReader, type Element } from '@smacks/codec'
import { xmlStreamFraming } from '@smacks/stream'
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeDialback, encodeDialback, isDialback } from '../../../packages/stream-s2s/src/dialback-elements.js'
import { serverHeader } from '../../../packages/stream-s2s/src/elements.js'
import { defaultLimits } from '../../unit/codec/reading.js'
import { holds, kindOf, same, type Target, textOf } from '../target.js'

export const dialback: Target = {
  name: 'dialback',
  promise: 'an element of dialback that is read, is written and read as the same, from one domain to another',
  words: [
    '<db:result',
    '<db:verify',
    "from='a.example'",
    "to='xn--bcher-kva.example'",
    "id='x'",
    "type='valid'",
    "type='invalid'",
    "type='error'",
    '</db:result>',
    '</db:verify>',
    'key',
    '\u00fc',
    '[::1]',
    '@',
    '/',
    '&lt;',
    '&#10;',
    ' ',
    "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
  ],
  run: input => {
    const [element, ...more] = elementsIn(textOf(input))
    if (element === undefined || more.length > 0) return 'no element'
    if (!isDialback(element)) return 'another element'
    const decoded = decodeDialback(element)
    if (isLeft(decoded)) {
      const { text = '' } = decoded.left
      holds(text !== '' && text.length <= 1_000, 'a reason that is none', text)
      return kindOf(text)
    }
    const written = encodeDialback(decoded.right)
    const [again] = elementsIn(written)
    holds(again !== undefined, 'what was written is no element', written)
    if (again !== undefined) same(decodeDialback(again), decoded, 'read as another')
    holds(written.length <= 6 * input.length + 600, 'it grew', written.length)
    return `${decoded.right._tag} ${'type' in decoded.right ? decoded.right.type : ''}`
  },
}

const header = xmlStreamFraming.open(serverHeader({ from: 'a.example', to: 'b.example' }))

const elementsIn = (xml: string): ReadonlyArray<Element> => {
  const read: Array<Element> = []
  const ignore = (): void => {}
  createStreamReader(defaultLimits, {
    header: ignore,
    element: element => read.push(element),
    close: ignore,
    fault: ignore,
  }).write(Buffer.from(header + xml))
  return read
}
