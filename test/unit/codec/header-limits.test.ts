/** What a stream header may hold, and what elements take over from it, which counts against their own limit. */
import { describe, expect, test } from 'vitest'
import { bytesOf, faultIn, header, readAll, readInPieces, recordingReader, type Told } from './reading.js'

const withAttributes = (attributes: string): string => header.replace('>', ` ${attributes}>`)
const textIn = (input: string): string | undefined => {
  const last = readAll(input).at(-1)
  return typeof last === 'object' && 'fault' in last ? last.fault.text : undefined
}
const declared = (count: number): string =>
  Array.from({ length: count }, (_, index) => `xmlns:n${index}='urn:n${index}'`).join(' ')

describe('a stream header', () => {
  test.each([
    ['a language', "xml:lang='", 100, "the attribute 'xml:lang' of the stream header has 101 characters, allowed: 100"],
    ['a sender', "from='", 3071, "the attribute 'from' of the stream header has 3072 characters, allowed: 3071"],
    ['an id', "id='", 256, "the attribute 'id' of the stream header has 257 characters, allowed: 256"],
  ])('may have %s of so many characters, and not one more', (_, start, limit, text) => {
    expect(readAll(withAttributes(`${start}${'x'.repeat(limit)}'`))).toHaveLength(1)
    expect(faultIn(withAttributes(`${start}${'x'.repeat(limit + 1)}'`))).toBe('policy-violation')
    expect(textIn(withAttributes(`${start}${'x'.repeat(limit + 1)}'`))).toBe(`${text} characters`)
  })

  test('has an addressee and a version of bounded length', () => {
    expect(textIn(header.replace("to='localhost'", `to='${'x'.repeat(3072)}'`))).toBe(
      "the attribute 'to' of the stream header has 3072 characters, allowed: 3071 characters",
    )
    expect(textIn(header.replace("'1.0'", `'${'1'.repeat(21)}'`))).toBe(
      "the attribute 'version' of the stream header has 21 characters, allowed: 20 characters",
    )
  })

  test('may declare sixteen prefixes, and not one more', () => {
    expect(readAll(withAttributes(declared(15)))).toHaveLength(1)
    expect(textIn(withAttributes(declared(16)))).toBe('the stream header declares 17 prefixes, allowed: 16 prefixes')
  })

  test('may declare a prefix of 256 characters with its namespace, and not one more', () => {
    expect(readAll(withAttributes(`xmlns:x='urn:${'x'.repeat(251)}'`))).toHaveLength(1)
    const text =
      'the stream header declares a prefix with 257 characters, allowed: 256 characters, its namespace included'
    expect(textIn(withAttributes(`xmlns:x='urn:${'x'.repeat(252)}'`))).toBe(text)
    expect(textIn(withAttributes(`xmlns:${'x'.repeat(252)}='urn:x'`))).toBe(text)
  })

  test('has a limit of its own, as soon as it is crossed', () => {
    const reader = recordingReader({ headerBytes: 1000, stanzaBytes: 10_000 })
    reader.writeText(`<stream:stream a='${'x'.repeat(982)}`)
    expect(reader.told).toEqual([])
    reader.writeText('x')
    expect(reader.told).toEqual([
      { fault: { condition: 'policy-violation', text: 'the stream header is too long, allowed: 1000 bytes' } },
    ])
  })
})

describe('what an element takes over', () => {
  const stanzaBytes = 1000
  const lang = 'x'.repeat(100)
  const after = (attributes: string, text: string, size = 4096): Told | undefined =>
    readInPieces(withAttributes(attributes) + text, size, { stanzaBytes }).at(-1)
  const beyond = (bytes: number): Told => ({
    fault: {
      condition: 'policy-violation',
      text: `an element has ${bytes} bytes with all that it takes over from the stream header, allowed: 1000 bytes`,
    },
  })
  /** A stanza of so many bytes. */
  const stanza = (bytes: number, filling = 'x'): string => {
    const rest = bytes - '<message></message>'.length
    const width = bytesOf(filling).length
    return `<message>${filling.repeat(Math.floor(rest / width))}${'y'.repeat(rest % width)}</message>`
  }

  test.each(['x', '\u00e4', '\u20ac'])('counts: a language, where the stanza has none, of %s', filling => {
    const taken = " xml:lang=''".length + lang.length
    for (const size of [1, 100, 4096]) {
      expect(after(`xml:lang='${lang}'`, stanza(stanzaBytes - taken, filling), size)).toHaveProperty('element')
      expect(after(`xml:lang='${lang}'`, stanza(stanzaBytes - taken + 1, filling), size)).toEqual(beyond(1001))
    }
    const own = stanza(stanzaBytes - " xml:lang='en'".length, filling).replace('>', " xml:lang='en'>")
    expect(after(`xml:lang='${lang}'`, own)).toHaveProperty('element')
  })

  test('counts: prefixes that it uses, and no others', () => {
    const declarations = `xmlns:x='urn:${'x'.repeat(96)}' xmlns:y='urn:${'y'.repeat(200)}'`
    const taken = " xmlns:x=''".length + 100
    const longest = stanza(stanzaBytes - taken - '<x:q/>'.length).replace('>', '><x:q/>')
    expect(after(declarations, longest)).toHaveProperty('element')
    expect(after(declarations, longest.replace('xxx', 'xxxx'))).toEqual(beyond(1001))
    expect(after(declarations, stanza(stanzaBytes))).toHaveProperty('element')
  })

  test('is little, however much the header declares', () => {
    const told = readAll(`${withAttributes(`${declared(15)} xml:lang='${lang}'`)}<message><n3:x n4:y=''/></message>`)
    expect(told.at(-1)).toEqual({
      element: `<message xmlns:n3="urn:n3" xmlns:n4="urn:n4" xml:lang="${lang}"><n3:x n4:y=""/></message>`,
    })
  })

  test('counts in what is no stanza too', () =>
    expect(after(declared(1), `<auth n0:a='${'"'.repeat(200)}'/>`)).toEqual(beyond(1233)))
})

describe('other limits', () => {
  const long = `<message>${'x'.repeat(2000)}</message>`
  const [small, large] = [
    { headerBytes: 1000, stanzaBytes: 1000, depth: 3, elements: 3, attributes: 3 },
    { headerBytes: 1000, stanzaBytes: 10_000, depth: 9, elements: 9, attributes: 9 },
  ]

  test('hold from when they are set', () => {
    const reader = recordingReader({ ...small, attributes: 9 })
    reader.writeText(header)
    reader.limit(large)
    reader.writeText(`${long}<a><b><c><d/></c></b></a><a b1='' b2='' b3='' b4=''/>`)
    expect(reader.told.slice(2)).toEqual([
      { element: '<a><b><c><d/></c></b></a>' },
      { element: '<a b1="" b2="" b3="" b4=""/>' },
    ])
    reader.limit(small)
    reader.writeText(long)
    expect(reader.told.at(-1)).toEqual({
      fault: { condition: 'policy-violation', text: 'an element is too long, allowed: 1000 bytes' },
    })
  })

  test('hold for the element that is being read', () => {
    const reader = recordingReader({ ...small, attributes: 9 })
    reader.writeText(`${header}<message>`)
    reader.limit(large)
    reader.writeText(long.slice('<message>'.length))
    expect(reader.told.at(-1)).toEqual({ element: long })
  })
})
