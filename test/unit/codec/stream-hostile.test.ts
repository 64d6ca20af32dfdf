import { describe, expect, test } from 'vitest'
import { bytesOf, declaration, faultIn, header, readAll, readInPieces, type Told } from './reading.js'

/** What is in the stream, what the peer sends, and the condition that answers it. */
type Case = readonly [what: string, sent: string, condition: string]

const inElement = (text: string): string => `${header}<message>${text}</message>`

const beforeTheHeader: ReadonlyArray<Case> = [
  ['another protocol', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
  ['text', `hello${header}`, 'not-well-formed'],
  ['a byte order mark', `\ufeff${header}`, 'not-well-formed'],
  ['text behind the declaration', `${declaration}hello${header}`, 'not-well-formed'],
  ['a section', `${declaration}<![CDATA[x]]>${header}`, 'not-well-formed'],
  ['a comment', `${declaration}<!-- x -->${header}`, 'restricted-xml'],
  ['a processing instruction', `${declaration}<?php x?>${header}`, 'restricted-xml'],
  ['a document type', `${declaration}<!DOCTYPE stream:stream>${header}`, 'restricted-xml'],
  [
    'a billion laughs',
    `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${header}<message>&b;</message>`,
    'restricted-xml',
  ],
  ['another encoding', `<?xml version='1.0' encoding='ISO-8859-1'?>${header}`, 'unsupported-encoding'],
  ['no version', `<?xml encoding='UTF-8'?>${header}`, 'not-well-formed'],
  ['a declaration that is broken', `<?xml version=1.0?>${header}`, 'not-well-formed'],
  ['two declarations', `${declaration}${declaration}${header}`, 'not-well-formed'],
  ['an end', '</stream:stream>', 'not-well-formed'],
]

const headers: ReadonlyArray<Case> = [
  ['in no namespace', '<stream>', 'invalid-namespace'],
  ['in another namespace', "<stream:stream xmlns='jabber:client' xmlns:stream='urn:other'>", 'invalid-namespace'],
  ['in the namespace of stanzas', "<stream xmlns='jabber:client'>", 'invalid-namespace'],
  ['of another name', header.replace('<stream:stream', '<stream:features'), 'bad-format'],
  ['without a prefix', "<stream xmlns='http://etherx.jabber.org/streams'>", 'bad-namespace-prefix'],
  ['with a prefix that means nothing', "<stream:stream xmlns='jabber:client'>", 'not-well-formed'],
  ['without a default namespace', header.replace("xmlns='jabber:client'", ''), 'invalid-namespace'],
  ['with another default namespace', header.replace('jabber:client', 'jabber:component:accept'), 'invalid-namespace'],
]

const betweenStanzas: ReadonlyArray<Case> = [
  ['text', `${header}<presence/>hello`, 'bad-format'],
  ['text at once', `${header}hello`, 'bad-format'],
  ['text before a stanza', `${header}\n hello<presence/>`, 'bad-format'],
  ['a character reference', `${header}&#32;`, 'bad-format'],
  ['an undefined entity', `${header}<presence/>&foo;`, 'bad-format'],
  ['a section', `${header}<![CDATA[ ]]>`, 'bad-format'],
  ['a comment', `${header}<presence/><!-- x -->`, 'restricted-xml'],
  ['a processing instruction', `${header}<?x y?>`, 'restricted-xml'],
  ['a document type', `${header}<!DOCTYPE x>`, 'restricted-xml'],
  ['a declaration', `${header}${declaration}`, 'not-well-formed'],
  ['another end', `${header}</stream:features>`, 'not-well-formed'],
  ['a stanza with a prefix', `${header}<c:message xmlns:c='jabber:client'/>`, 'bad-namespace-prefix'],
  ['a control character', `${header}<presence/>\u0000`, 'bad-format'],
]

const insideElements: ReadonlyArray<Case> = [
  ['a comment', inElement('<!-- x -->'), 'restricted-xml'],
  ['a processing instruction', inElement('<?x?>'), 'restricted-xml'],
  ['a document type', inElement('<!DOCTYPE x>'), 'restricted-xml'],
  ['an undefined entity', inElement('&nbsp;'), 'restricted-xml'],
  ['an undefined entity in an attribute', `${header}<message a='&foo;'/>`, 'restricted-xml'],
  ['an entity without a name', inElement('&;'), 'not-well-formed'],
  ['an ampersand', inElement('a & b'), 'not-well-formed'],
  ['an ampersand with a semicolon somewhere behind it', inElement('a & b; c'), 'not-well-formed'],
  ['a reference to no character', inElement('&#0;'), 'not-well-formed'],
  ['a reference to half a character', inElement('&#xD800;'), 'not-well-formed'],
  ['a reference beyond all characters', inElement('&#x110000;'), 'not-well-formed'],
  ['a control character', inElement('\u0001'), 'not-well-formed'],
  ['a non-character', inElement('\uffff'), 'not-well-formed'],
  ['a wrong end', `${header}<message><body></message></body>`, 'not-well-formed'],
  ['a wrong end of a stanza', `${header}<message></iq>`, 'not-well-formed'],
  ['an end without a name', inElement('<a></>'), 'not-well-formed'],
  ['the end of the stream', `${header}<message></stream:stream>`, 'not-well-formed'],
  ['a start inside a start', `${header}<message <body/>`, 'not-well-formed'],
  ['an attribute twice', `${header}<message a='1' a='2'/>`, 'not-well-formed'],
  ['an attribute twice, by namespace', inElement("<x xmlns:a='u' xmlns:b='u' a:c='1' b:c='2'/>"), 'not-well-formed'],
  ['an attribute without quotes', `${header}<message a=1/>`, 'not-well-formed'],
  ['an attribute without a value', `${header}<message a/>`, 'not-well-formed'],
  ['attributes without space', `${header}<message a='1'b='2'/>`, 'not-well-formed'],
  ['a tag in an attribute', `${header}<message a='<'/>`, 'not-well-formed'],
  ['the end of a section', inElement(']]>'), 'not-well-formed'],
  ['a prefix that means nothing', inElement('<x:y/>'), 'not-well-formed'],
  ['a prefix of an attribute that means nothing', inElement("<y x:a='1'/>"), 'not-well-formed'],
  ['a name that begins with a digit', inElement('<1a/>'), 'not-well-formed'],
  ['a name that begins with a digit, behind a prefix', inElement("<x:1a xmlns:x='u'/>"), 'not-well-formed'],
  ['an attribute that begins with a digit, behind a prefix', inElement("<a xmlns:x='u' x:1='1'/>"), 'not-well-formed'],
  ['a prefix that begins with a digit', inElement("<a xmlns:-x='u'/>"), 'not-well-formed'],
  ['a name with two colons', inElement("<x:y:z xmlns:x='u'/>"), 'not-well-formed'],
  ['a name that begins with a colon', inElement('<:x/>'), 'not-well-formed'],
  ['a prefix that is declared away', inElement("<x xmlns:a=''/>"), 'not-well-formed'],
  ['the prefix xmlns, declared', inElement("<x xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>"), 'not-well-formed'],
  ['the prefix xml, declared as another', inElement("<x xmlns:xml='urn:other'/>"), 'not-well-formed'],
]

describe.each([
  ['before the header', beforeTheHeader],
  ['as header', headers],
  ['between stanzas', betweenStanzas],
  ['inside an element', insideElements],
])('%s', (_, cases) => {
  test.each(cases)('%s: %s -> %s', (_, sent, condition) => {
    expect(faultIn(sent)).toBe(condition)
    expect(faultIn(`${sent}<presence/></stream:stream>`)).toBe(condition)
  })

  test.each(cases)('%s is the same fault byte by byte', (_, sent) => {
    const whole = readAll(sent)
    for (const size of [1, 2, 3]) expect(readInPieces(sent, size)).toEqual(whole)
  })
})

describe('a fault', () => {
  test('comes behind all that was right', () =>
    expect(readAll(`${header}<presence/><iq/><a></b>`).slice(1)).toEqual([
      { element: '<presence/>' },
      { element: '<iq/>' },
      { fault: { condition: 'not-well-formed', text: 'the XML is not well-formed: unexpected close tag.' } },
    ]))

  test('is the last thing that is told', () => {
    const told = readInPieces(`${header}<presence/>x<presence/></stream:stream>`, 5)
    expect(told.slice(1)).toEqual([
      { element: '<presence/>' },
      { fault: { condition: 'bad-format', text: 'there is text between stanzas, allowed: white space' } },
    ])
  })

  test('names the thing, what was found and what is allowed, and no more of it than is useful', () => {
    const textOf = (told: Told | undefined): string =>
      typeof told === 'object' && 'fault' in told ? (told.fault.text ?? '') : ''
    expect(textOf(readAll(header.replace('jabber:client', 'urn:x')).at(-1))).toBe(
      "the default namespace is 'urn:x', allowed: 'jabber:client' or 'jabber:server'",
    )
    expect(textOf(readAll(header.replace('jabber:client', `urn:${'x'.repeat(5000)}`)).at(-1))).toBe(
      `the default namespace is 'urn:${'x'.repeat(96)}...', allowed: 'jabber:client' or 'jabber:server'`,
    )
    expect(textOf(readAll(`${header}</${'x'.repeat(5000)}>`).at(-1)).length).toBeLessThan(200)
    expect(textOf(readAll(`<${'x'.repeat(5000)}>`).at(-1)).length).toBeLessThan(200)
  })
})

describe('bytes that are not UTF-8', () => {
  const start = bytesOf(`${header}<presence/><message><body>\u20ac`)
  const broken = (...bytes: ReadonlyArray<number>): Uint8Array => new Uint8Array([...start, ...bytes, 0x3c, 0x3c])

  test.each([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0xe2, 0x82, 0x41]],
    ['an overlong form of two', [0xc0, 0xaf]],
    ['an overlong form of three', [0xe0, 0x80, 0xaf]],
    ['an overlong form of four', [0xf0, 0x80, 0x80, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['beyond all characters', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that never occurs', [0xff]],
    ['another that never occurs', [0xf5, 0x80, 0x80, 0x80]],
  ])('%s', (_, bytes) => {
    const expected = readAll(start)
    expect(expected).toHaveLength(2)
    for (const size of [1, 2, 3, 1000])
      expect(readInPieces(broken(...bytes), size)).toEqual([
        ...expected,
        { fault: { condition: 'unsupported-encoding', text: 'the bytes are not UTF-8' } },
      ])
  })

  test('come too late if the XML before them is wrong already', () =>
    expect(faultIn(new Uint8Array([...bytesOf(`${header}x`), 0xff]))).toBe('bad-format'))
})

describe('what the parser of a recipient might refuse is not passed on', () => {
  const refusal = (text: string) => ({ fault: { condition: 'policy-violation', text } })

  test.each([
    ['an element', '<\u{1f600}/>', '\u{1f600}'],
    ['an attribute', "<a>\u00e4<b \u20ac='1'/>", '\u20ac'],
    ['a prefix', "<x\u2070:a xmlns:x\u2070='u'/>", 'x\u2070:a'],
  ])('a name of %s that not every edition of XML 1.0 has', (_, sent, name) => {
    for (const size of [1, 1000])
      expect(readInPieces(`${header}${sent}`, size).slice(1)).toEqual([
        refusal(`the name '${name}' is not one in every edition of XML 1.0`),
      ])
  })

  test.each(['urn:a b', 'urn:a}b', 'urn:a{b', 'urn:a|b', 'urn:&lt;', 'urn:\nb'])('the namespace %j', uri => {
    expect(faultIn(`${header}<a xmlns='${uri}'/>`)).toBe('policy-violation')
    expect(faultIn(`${header}<a xmlns:x='${uri}'/>`)).toBe('policy-violation')
  })

  test('while names with other letters pass, and any namespace that is a URI', () =>
    expect(
      readInPieces(`${header}<\u00e4\u4e00 \u05d0='\u{1f600}'/><a xmlns='urn:\u00e4#x?y%20(z)'/>`, 3),
    ).toHaveLength(3))
})
