import { decodeNonza, type Element, encodeNonza, parseElement } from '@smacks/codec'
import { isLeft } from 'fp-ts/lib/Either.js'
import { holds, kindOf, same, type Target, textOf } from '../target.js'

export const nonza: Target = {
  name: 'nonza',
  promise: 'an element of stream management that is read, is written and read as the same',
  words: [
    "<r xmlns='urn:xmpp:sm:3'/>",
    'urn:xmpp:sm:2',
    'urn:xmpp:sm:3',
    " h='4294967295'",
    " h='0'",
    " resume='true'",
    " resume='1'",
    " max='600'",
    " id='x'",
    " previd='x'",
    " location='[::1]:5222'",
    '<enable',
    '<enabled',
    '<resume',
    '<resumed',
    '<failed',
    '<a',
    "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>",
    "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='3'/>",
  ],
  run: input => {
    const parsed = parseElement(textOf(input))
    if (isLeft(parsed)) return `no XML: ${kindOf(parsed.left)}`
    const decoded = decodeNonza(parsed.right)
    if (isLeft(decoded)) return kindOf(decoded.left.message)
    const written = encodeNonza(decoded.right)
    const again = decodeNonza(elementOf(written))
    same(again, decoded, 'read as another')
    holds(encodeNonza(decoded.right) === written, 'written as another')
    holds(written.length <= 6 * input.length + 300, 'it grew', written.length)
    return decoded.right._tag
  },
}

const elementOf = (xml: string): Element => {
  const parsed = parseElement(xml)
  if (isLeft(parsed)) throw new Error(`what was written is no XML: ${parsed.left}`)
  return parsed.right
}
