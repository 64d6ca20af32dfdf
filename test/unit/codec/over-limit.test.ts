/** Stanzas beyond a limit: each costs itself alone, and what comes behind it is read as ever. */
import { createStreamReader, type StreamLimits, toXml } from '@smacks/codec'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOf, header } from './reading.js'

const limits: StreamLimits = { headerBytes: 2_000, stanzaBytes: 2_000, depth: 8, elements: 40, attributes: 8 }

/** What a reader tells that is told of stanzas beyond limits; the bytes come in pieces of these sizes. */
const told = (xml: string, sizes: ReadonlyArray<number> = [Number.MAX_SAFE_INTEGER]): ReadonlyArray<string> => {
  const seen: Array<string> = []
  const reader = createStreamReader(limits, {
    header: () => {},
    element: element => seen.push(toXml(element)),
    overLimit: (stanza, { condition, text }) => seen.push(`${toXml(stanza)} ${condition}: ${text}`),
    close: () => seen.push('closed'),
    fault: ({ condition, text }) => seen.push(`fault ${condition}: ${text}`),
  })
  const bytes = bytesOf(header + xml)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    reader.write(bytes.subarray(at, at + size))
    at += size
  }
  return seen
}

const nested = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels)
const attributes = (count: number): string => Array.from({ length: count }, (_, i) => ` a${i}='${i}'`).join('')
const wide = (bytes: number): string => `<body>${'x'.repeat(bytes)}</body>`

const tooDeep = 'policy-violation: elements are nested too deeply, allowed: 8 levels'
const tooMany = 'policy-violation: an element has too many attributes, allowed: 8 attributes'
const tooManyElements = 'policy-violation: an element has too many elements in it, allowed: 40 elements'
const tooLong = 'policy-violation: an element is too long, allowed: 2000 bytes'

/** What is in a message, or in its first tag; why it is beyond a limit. */
const beyond: ReadonlyArray<readonly [what: string, stanza: string, fault: string]> = [
  ['nested too deeply', `<message to='b' id='1'>${nested(8)}</message>`, tooDeep],
  ['nested too deeply behind other children', `<message to='b' id='1'><x><y/></x>${nested(20)}<z/></message>`, tooDeep],
  ['of too many attributes', `<message to='b' id='1'${attributes(7)}/>`, tooMany],
  ['of too many attributes that come first', `<message${attributes(9)} to='b' id='1'><body/></message>`, tooMany],
  ['with a child of too many attributes', `<message to='b' id='1'><x${attributes(9)}><y/></x></message>`, tooMany],
  ['of too many elements', `<message to='b' id='1'>${'<x/>'.repeat(40)}</message>`, tooManyElements],
  ['that is too long', `<message to='b' id='1'>${wide(3_000)}</message>`, tooLong],
  ['with an attribute that is too long', `<message to='b' id='1'><x y='${'z'.repeat(3_000)}'/></message>`, tooLong],
  [
    'with a namespace that some parsers refuse',
    "<message to='b' id='1'><x xmlns='urn:x y'><y/></x></message>",
    "policy-violation: the namespace 'urn:x y' has characters that no URI has",
  ],
  [
    'with a name that some parsers refuse',
    "<message to='b' id='1'><\u{1f600}/></message>",
    "policy-violation: the name '\u{1f600}' is not one in every edition of XML 1.0",
  ],
]

const addressed = '<message id="1" to="b"/>'

test('a message that is too long once its characters are written as references is one of them', () => {
  const stanza = `<message to='b' id='1' x='${'"'.repeat(330)}'/>`
  const whole = told(`<presence/>${stanza}<iq/>`)
  expect(whole).toEqual([
    '<presence/>',
    '<message id="1" to="b"/> policy-violation: an element has 2009 bytes with all that it takes over from the stream header, allowed: 2000 bytes',
    '<iq/>',
  ])
  for (const size of [1, 7, 100]) expect(told(`<presence/>${stanza}<iq/>`, [size])).toEqual(whole)
  expect(told(`<message x='${'"'.repeat(300)}'/>`)).toEqual([`<message x="${'&quot;'.repeat(300)}"/>`])
})

describe.each(beyond)('a message %s', (_, stanza, fault) => {
  test('is told as such, and what is around it is read', () =>
    expect(told(`<presence/>${stanza}<iq/> <message><body>x</body></message></stream:stream>`)).toEqual([
      '<presence/>',
      `${addressed} ${fault}`,
      '<iq/>',
      '<message><body>x</body></message>',
      'closed',
    ]))

  test('is the same however the bytes are cut', () => {
    const xml = `<presence/>${stanza}<iq/>${stanza}${stanza}<iq/>`
    const whole = told(xml)
    expect(whole).toHaveLength(6)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), sizes => {
        expect(told(xml, sizes)).toEqual(whole)
      }),
    )
  })

  test('is the same as an error, a presence or an iq, with what an answer needs', () => {
    const iq = stanza.replace('<message', "<iq type='set' from='c'").replace('</message', '</iq')
    expect(told(iq)).toEqual([`<iq from="c" id="1" to="b" type="set"/> ${fault}`])
  })

  test('ends the stream if nobody asked to be told of it', () => {
    let condition: string | undefined
    const reader = createStreamReader(limits, {
      header: () => {},
      element: () => {},
      close: () => {},
      fault: fault => {
        condition = fault.condition
      },
    })
    reader.write(bytesOf(header + stanza))
    expect(condition).toBe('policy-violation')
  })

  test('ends the stream if it is no stanza', () => {
    const other = stanza.replace('<message', "<x xmlns='urn:x'").replace('</message', '</x')
    expect(told(`<presence/>${other}<iq/>`)).toEqual(['<presence/>', `fault ${fault}`])
  })

  test('is not well-formed all the same if its end is missing', () => {
    expect(told(`${stanza.replace(/<\/message>$|\/>$/, '')}<</message>`)[0]).toMatch(/^fault not-well-formed/)
  })
})

test('the first limit that a stanza breaks is the one that is told', () =>
  expect(told(`<message to='b' id='1'>${nested(9)}<x${attributes(9)}/>${wide(3_000)}</message>`)).toEqual([
    `${addressed} ${tooDeep}`,
  ]))

describe('what cannot be read past safely ends the stream', () => {
  test.each([
    ['nested four times too deeply', `<message>${'<a>'.repeat(33)}`, tooDeep],
    ['of four times too many attributes', `<message${attributes(33)}`, tooMany],
    ['four times too long', `<message>${wide(8_000)}</message>`, tooLong],
    ['with a tag that is too long already', `<message to='${'x'.repeat(3_000)}'/>`, tooLong],
  ])('a message %s', (_, stanza, fault) => {
    for (const size of [1, 7, 1_000_000]) expect(told(stanza, [size])).toEqual([`fault ${fault}`])
  })

  test('four times as much is exactly what may be', () => {
    expect(told(`<message>${nested(31)}</message>`)).toEqual([`<message/> ${tooDeep}`])
    expect(told(`<message${attributes(32)}/>`)).toEqual([`<message/> ${tooMany}`])
    const most = 8_000 - '<message><body></body></message>'.length
    expect(told(`<message>${wide(most)}</message>`)).toEqual([`<message/> ${tooLong}`])
    expect(told(`<message>${wide(most + 1)}</message>`)).toEqual([`fault ${tooLong}`])
  })
})
