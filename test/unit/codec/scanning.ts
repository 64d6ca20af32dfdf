/** What a reader with a scanner tells, beside one that parses all. */

import { isDeepStrictEqual } from 'node:util'
import {
  createStreamReader,
  decodeNonza,
  Element,
  isSmElement,
  outlineFacts,
  outlineOf,
  Stanza,
  StanzaScanner,
  type StreamLimits,
  stanzaFacts,
  toXml,
  utf8Bytes,
  utf8Length,
  withAttributes,
} from '@smacks/codec'
import { fromEither, toUndefined } from 'fp-ts/lib/Option.js'
import { defaultLimits } from './reading.js'

/** What was told, and how much of it without the parser. */
export interface Reading {
  readonly told: ReadonlyArray<unknown>
  readonly scanned: number
  /** The stream would end in the middle of an element after these pieces. */
  readonly midElement: ReadonlyArray<boolean>
}

/** An element, whatever the order of its attributes. */
export const canonical = ({ name, attrs, children }: Element): unknown => [
  name,
  Object.entries(attrs).sort(([one], [other]) => (one < other ? -1 : 1)),
  children.map(child => (child instanceof Element ? canonical(child) : child)),
]

export const parsed = (pieces: ReadonlyArray<Uint8Array>, limits: Partial<StreamLimits> = {}): Reading =>
  read(pieces, limits, undefined)

/** Throws if what is told of a stanza is not what its parsed form tells. */
export const scanned = (
  pieces: ReadonlyArray<Uint8Array>,
  limits: Partial<StreamLimits> = {},
  scanner = new StanzaScanner(),
): Reading => read(pieces, limits, scanner)

const read = (
  pieces: ReadonlyArray<Uint8Array>,
  limits: Partial<StreamLimits>,
  scanner: StanzaScanner | undefined,
): Reading => {
  const told: Array<unknown> = []
  const midElement: Array<boolean> = []
  let withoutParser = 0
  const reader = createStreamReader(
    { ...defaultLimits, ...limits },
    {
      header: header => told.push({ header }),
      element: parsed => told.push(frequent(parsed) ?? canonical(parsed)),
      stanza: stanza => {
        if (!stanza.isParsed) {
          withoutParser += 1
          agrees(stanza)
        }
        told.push(canonical(stanza.element))
      },
      nonza: nonza => {
        withoutParser += 1
        told.push({ nonza })
      },
      overLimit: (stanza, { condition }) => told.push({ overLimit: toXml(stanza), condition }),
      close: () => told.push('closed'),
      // Of several faults in a few characters, which one the text is about depends on the pieces.
      fault: ({ condition }) => told.push({ fault: condition }),
    },
    scanner,
  )
  for (const piece of pieces) {
    // A reader keeps nothing of what it is given.
    const own = piece.slice()
    reader.write(own)
    own.fill(0x21)
    midElement.push(reader.midElement())
  }
  return { told, scanned: withoutParser, midElement }
}

/** `<r/>` or a right `<a/>`, by what it says. */
const frequent = (parsed: Element): unknown => {
  if (!isSmElement(parsed)) return undefined
  const nonza = toUndefined(fromEither(decodeNonza(parsed)))
  return nonza?._tag === 'Ack' || nonza?._tag === 'Request' ? { nonza } : undefined
}

const from = 'romeo@montague.example/\u00f6rchard & "balcony"'

/** All that a stanza tells without being parsed is what it tells parsed, also where another sender is put in. */
const agrees = (stanza: Stanza): void => {
  const text = stanza.peekXml()
  const { outline, size, isParsed } = stanza
  const sent = stanza.sent(from)
  const sentTo = outline.to === undefined ? stanza.sent(from, 'juliet@capulet.example') : sent
  same(isParsed, false, 'it is parsed for its outline')
  const tree = Stanza.fromXml(text).element
  same(outline, outlineOf(tree), 'the outline is another')
  same(outlineFacts(outline), stanzaFacts(tree), 'the facts are others')
  same(size, utf8Length(text), 'the size is another')
  const { from: _, to, id, type } = tree.attrs
  same(
    { to, id, type },
    { to: stanza.head.attrs.to, id: stanza.head.attrs.id, type: stanza.head.attrs.type },
    'the head',
  )
  same(canonical(sent.element), canonical(withAttributes(tree, { from })), 'another one is sent')
  const whole = { from, to: outline.to ?? 'juliet@capulet.example' }
  same(canonical(sentTo.element), canonical(withAttributes(tree, whole)), 'another one is sent to somebody')
  same(sent.size, utf8Length(sent.peekXml()), 'the size sent is another')
  same(sent.bytes, utf8Bytes(sent.xml), 'the bytes sent are others')
  same(stanza.sent(from).xml, sent.xml, 'written first, it is another')
}

const same = (one: unknown, other: unknown, what: string): void => {
  if (!isDeepStrictEqual(one, other))
    throw new Error(`${what}:\n  ${JSON.stringify(one)?.slice(0, 500)}\n  ${JSON.stringify(other)?.slice(0, 500)}`)
}
