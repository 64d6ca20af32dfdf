import { describe, expect, test } from 'vitest'
import { bytesOf, elementsIn, faultIn, header, readInPieces, recordingReader, type Told } from './reading.js'

const tooLong = (limit: number): Told => ({
  fault: { condition: 'policy-violation', text: `an element is too long, allowed: ${limit} bytes` },
})

describe('an element of as many bytes as are allowed', () => {
  const limit = 400
  /** An element of so many bytes. */
  const ofBytes = (bytes: number, filling = 'x'): string => {
    const rest = bytes - '<a></a>'.length
    const width = bytesOf(filling).length
    return `<a>${filling.repeat(Math.floor(rest / width))}${'y'.repeat(rest % width)}</a>`
  }

  test.each(['x', '\u00e4', '\u20ac', '\u{1f600}'])('passes, and one byte more does not, of %s', filling => {
    for (const size of [1, 2, 3, 50, 399, 400, 401, 1000]) {
      const fits = header + ofBytes(limit, filling).repeat(3)
      expect(readInPieces(fits, size, { stanzaBytes: limit })).toHaveLength(4)
      const tooMuch = `${header}<b/>${ofBytes(limit + 1, filling)}`
      expect(readInPieces(tooMuch, size, { stanzaBytes: limit }).slice(1)).toEqual([
        { element: '<b/>' },
        tooLong(limit),
      ])
    }
  })

  test('may be followed by any number of others in the same bytes', () =>
    expect(elementsIn(ofBytes(300).repeat(1000), { stanzaBytes: 400 })).toHaveLength(1000))

  test('may have any white space around it', () =>
    expect(elementsIn(`${' '.repeat(5000)}${ofBytes(300)}${' '.repeat(5000)}`, { stanzaBytes: 400 })).toHaveLength(1))
})

describe('a limit is crossed', () => {
  test.each([
    ['a text', '<message><body>'],
    ['an attribute', "<message a='"],
    ['a name of an element', '<'],
    ['a name of an attribute', '<message '],
    ['an end tag', '<message></'],
    ['a comment', '<message><!--'],
    ['a section', '<message><![CDATA['],
    ['an instruction', '<message><?x '],
    ['an entity', '<message>&'],
  ])('by %s that never ends, as soon as it is', (_, start) => {
    const reader = recordingReader({ stanzaBytes: 10_000 })
    reader.writeText(header + start)
    const rest = 10_000 - start.length
    reader.writeText('x'.repeat(rest))
    expect(reader.told).toHaveLength(1)
    reader.writeText('x')
    expect(reader.told.slice(1)).toEqual([tooLong(10_000)])
    expect(reader.midElement()).toBe(false)
  })

  test('by a stanza of 10 MB, and the rest is not even decoded', () => {
    const bytes = bytesOf(`${header}<message><body>${'x'.repeat(10_000_000)}`)
    bytes[1_000_000] = 0xff
    expect(faultIn(bytes, { stanzaBytes: 262_144 })).toBe('policy-violation')
  })

  test('by a header that never ends', () =>
    expect(faultIn(`<stream:stream a='${'x'.repeat(20_000)}`)).toBe('policy-violation'))

  test('by white space inside a header that never ends', () =>
    expect(faultIn(`<stream:stream ${' '.repeat(20_000)}`)).toBe('policy-violation'))

  test('by a name for it that says which', () =>
    expect(readInPieces(`<?xml version='1.0'?>${' '.repeat(20_000)}`, 100).at(-1)).toEqual({
      fault: { condition: 'policy-violation', text: 'the stream header is too long, allowed: 10000 bytes' },
    }))
})

describe('elements inside each other', () => {
  const nested = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels)

  test('pass up to the limit', () => expect(elementsIn(nested(64), { depth: 64 })).toHaveLength(1))

  test('are a fault beyond it, at once', () =>
    expect(elementsIn('<a>'.repeat(65), { depth: 64 })).toEqual([
      { fault: { condition: 'policy-violation', text: 'elements are nested too deeply, allowed: 64 levels' } },
    ]))

  test('count anew for each first-level element', () =>
    expect(elementsIn(nested(3).repeat(10), { depth: 3 })).toHaveLength(10))
})

describe('attributes', () => {
  const withAttributes = (count: number): string =>
    `<a ${Array.from({ length: count }, (_, i) => `a${i}='${i}'`).join(' ')}/>`

  test('pass up to the limit, in each element', () =>
    expect(elementsIn(`<b>${withAttributes(20)}${withAttributes(20)}</b>`, { attributes: 20 })).toHaveLength(1))

  test('are a fault beyond it, before the tag ends', () =>
    expect(elementsIn(withAttributes(21).slice(0, -2), { attributes: 20 })).toEqual([
      { fault: { condition: 'policy-violation', text: 'an element has too many attributes, allowed: 20 attributes' } },
    ]))

  test('of the header count too', () => expect(faultIn(header, { attributes: 3 })).toBe('policy-violation'))
})
