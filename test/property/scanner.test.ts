/** The scanner beside the parser: whatever comes, and however it is cut, both tell the same. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOf, header } from '../unit/codec/reading.js'
import { parsed, type Reading, scanned } from '../unit/codec/scanning.js'
import { runs } from './runs.js'

const inLanguage = header.replace('>', " xml:lang='de'>")
const ofServers = header.replace('jabber:client', 'jabber:server')

const name = fc.constantFrom(
  'message',
  'presence',
  'iq',
  'r',
  'a',
  'body',
  'x',
  'message1',
  'b-2.c',
  '_',
  'xml',
  'm:x',
  '1x',
  'é',
)
const spelled = fc.constantFrom(
  'abc',
  '\u00fc',
  '\u0416',
  '\u20ac',
  '\ufffd',
  '\u{1f600}',
  '\u0085',
  '\ufeff',
  ' ',
  '\n',
  '\t',
  '\r',
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x1F600;',
  '&lol;',
  '&amp',
  '&',
  '>',
  ']',
  ']]>',
  '"',
  "'",
  '<',
  '\0',
  '\x7f',
  '\ufffe',
  '\uffff',
  'x'.repeat(70),
)
const text = fc.array(spelled, { maxLength: 4 }).map(parts => parts.join(''))
const value = fc.oneof(
  fc.constantFrom('juliet@capulet.example/balcony', 'chat', '', 'a b', '7', '4294967296', '0007'),
  fc.constantFrom(
    'jabber:client',
    'jabber:server',
    'urn:xmpp:sm:3',
    'urn:xmpp:sm:2',
    'urn:x',
    'urn:xmpp:carbons:2',
    'urn:xmpp:forward:0',
  ),
  fc.constantFrom(
    'http://www.w3.org/2000/xmlns/',
    'http://www.w3.org/XML/1998/namespace',
    'urn:xmpp:sid:0',
    'urn:xmpp:delay',
    'urn:xmpp:mam:2',
  ),
  fc.constantFrom('http://jabber.org/protocol/muc', 'http://jabber.org/protocol/muc#user', 'a{b', ' urn:x'),
  text,
)
const attributeName = fc.constantFrom(
  'to',
  'from',
  'id',
  'type',
  'by',
  'h',
  'xmlns',
  'xmlns',
  'xml:lang',
  'xml:space',
  'xmlns:p',
  'p:q',
  'a',
  'b',
  'xml:languor',
  '__proto',
)
const attribute = fc
  .tuple(
    fc.constantFrom(' ', ' ', ' ', '  ', '', '\n'),
    attributeName,
    fc.constantFrom('=', '=', '=', '=', ' = ', ''),
    value,
    fc.constantFrom("'", '"'),
  )
  .map(([gap, key, equals, content, quote]) => `${gap}${key}${equals}${quote}${content}${quote}`)

/** An attribute as a client writes it. */
const plainAttribute = fc
  .tuple(
    fc.constantFrom('to', 'from', 'id', 'type', 'by', 'xmlns', 'xml:lang', 'a'),
    fc.oneof(
      fc.constantFrom(
        'juliet@capulet.example/balcony',
        'chat',
        'urn:x',
        'jabber:client',
        'urn:xmpp:carbons:2',
        'a&amp;b',
        'caf\u00e9',
      ),
      fc.constantFrom('urn:xmpp:sid:0', 'http://jabber.org/protocol/muc#user', 'urn:xmpp:forward:0', 'urn:xmpp:delay'),
    ),
    fc.constantFrom("'", '"'),
  )
  .map(([key, content, quote]) => ` ${key}=${quote}${content}${quote}`)

const once = (attributes: ReadonlyArray<string>): string => {
  const names = attributes.map(one => one.slice(0, one.indexOf('=')))
  return attributes.filter((_, index) => names.indexOf(names[index] ?? '') === index).join('')
}

const { element, plain } = fc.letrec<{ element: string; plain: string }>(tie => ({
  element: fc
    .tuple(
      name,
      fc.array(attribute, { maxLength: 3 }),
      fc.constantFrom('', '', '', ' ', '\n'),
      fc.option(fc.array(fc.oneof({ maxDepth: 4 }, text, tie('element'), tie('plain')), { maxLength: 3 })),
      fc.constantFrom('', '', '', '', '', ' ', 'x'),
    )
    .map(([tag, attributes, space, inside, wrong]) =>
      inside === null
        ? `<${tag}${attributes.join('')}${space}/>`
        : `<${tag}${attributes.join('')}${space}>${inside.join('')}</${tag}${wrong}>`,
    ),
  plain: fc
    .tuple(
      fc.constantFrom(
        'message',
        'presence',
        'iq',
        'body',
        'x',
        'forwarded',
        'received',
        'delay',
        'stanza-id',
        'status',
        'thread',
      ),
      fc.array(plainAttribute, { maxLength: 4 }),
      fc.option(
        fc.array(
          fc.oneof(
            { maxDepth: 5 },
            fc.constantFrom('Good night', '\u00dcber &amp; &lt;', '\u{1f600}', '"\'>\n'),
            tie('plain'),
          ),
          { maxLength: 3 },
        ),
      ),
    )
    .map(([tag, attributes, inside]) =>
      inside === null ? `<${tag}${once(attributes)}/>` : `<${tag}${once(attributes)}>${inside.join('')}</${tag}>`,
    ),
}))

const nonza = fc.constantFrom(
  "<r xmlns='urn:xmpp:sm:3'/>",
  '<r xmlns="urn:xmpp:sm:3"></r>',
  "<a xmlns='urn:xmpp:sm:3' h='5'/>",
  "<a h='005' xmlns='urn:xmpp:sm:2'></a>",
  "<a xmlns='urn:xmpp:sm:3' h='4294967296'/>",
  "<a xmlns='urn:xmpp:sm:3' h=''/>",
  "<a xmlns='urn:xmpp:sm:3'/>",
  "<r xmlns='urn:xmpp:sm:3' x='y'/>",
  "<r xmlns='urn:xmpp:sm:3'> </r>",
  "<a xmlns='urn:xmpp:sm:3' h='1' x='2'/>",
  "<a xmlns='urn:xmpp:sm:3' h='-1'/>",
  '<r/>',
)
const firstLevel = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 2, arbitrary: element },
  { weight: 2, arbitrary: nonza },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' ',
      '\n',
      '<!-- -->',
      '<![CDATA[x]]>',
      'text',
      '</stream:stream>',
      '<?pi?>',
      '\r',
      '</message>',
      '<',
    ),
  },
)
const stream = fc
  .tuple(fc.constantFrom(header, inLanguage, ofServers), fc.array(firstLevel, { maxLength: 6 }))
  .map(([opening, elements]) => ({ opening, behind: elements.join('') }))

/** A byte here and there is another. */
const flips = fc.oneof(fc.constant([]), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 2 }))

const bent = (behind: Uint8Array, edits: ReadonlyArray<readonly [number, number]>): Uint8Array => {
  const bytes = behind.slice()
  for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte
  return bytes
}

const cutAt = (bytes: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const limits = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      stanzaBytes: fc.integer({ min: 60, max: 2000 }),
      depth: fc.integer({ min: 1, max: 5 }),
      elements: fc.integer({ min: 1, max: 5 }),
      attributes: fc.integer({ min: 1, max: 5 }),
    },
    { requiredKeys: [] },
  ),
)

const expectSame = (one: Reading, other: Reading): void => {
  expect(one.told).toEqual(other.told)
  expect(one.midElement).toEqual(other.midElement)
}

describe('a reader with a scanner tells what one without tells', () => {
  test('of anything, cut anywhere', () => {
    let withoutParser = 0
    fc.assert(
      fc.property(
        stream,
        flips,
        fc.array(fc.nat(), { maxLength: 6 }),
        limits,
        ({ opening, behind }, edits, cuts, most) => {
          const pieces = [bytesOf(opening), ...cutAt(bent(bytesOf(behind), edits), cuts)]
          const one = scanned(pieces, most)
          expectSame(one, parsed(pieces, most))
          withoutParser += one.scanned
        },
      ),
      runs(8_000),
    )
    expect(withoutParser).toBeGreaterThan(0)
  })

  test('of what is small, at each of its bytes, and byte for byte', () => {
    fc.assert(
      fc.property(fc.constantFrom(header, inLanguage), firstLevel, flips, (opening, element, edits) => {
        const bytes = bent(bytesOf(element), edits).subarray(0, 200)
        for (let at = 0; at <= bytes.length; at += 1) {
          const pieces = [bytesOf(opening), ...cutAt(bytes, [at])]
          expectSame(scanned(pieces), parsed(pieces))
        }
        const pieces = [bytesOf(opening), ...Array.from(bytes, byte => Uint8Array.of(byte))]
        expectSame(scanned(pieces), parsed(pieces))
      }),
      runs(150),
    )
  })

  test('of what is large, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.array(plain, { minLength: 20, maxLength: 40 }),
        fc.integer({ min: 1, max: 3000 }),
        (elements, size) => {
          const bytes = bytesOf(header + elements.join(''))
          const pieces = cutAt(
            bytes,
            Array.from({ length: bytes.length / size }, (_, index) => index * size),
          )
          expectSame(scanned(pieces, { stanzaBytes: 262_144 }), parsed(pieces, { stanzaBytes: 262_144 }))
        },
      ),
      runs(200),
    )
  })
})
