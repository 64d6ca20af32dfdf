import { clientNamespace, createStreamReader, type Element, streamNamespace } from '@smacks/codec'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bytesOf,
  declaration,
  defaultLimits,
  elementsIn,
  header,
  readAll,
  readInPieces,
  recordingReader,
  type Told,
} from './reading.js'

describe('a stream header', () => {
  test('is told with all it says', () =>
    expect(
      readAll(
        `${declaration}<stream:stream xmlns='jabber:client' xmlns:stream='${streamNamespace}' from='a@localhost' to='localhost' id='x' version='1.0' xml:lang='de'>`,
      ),
    ).toEqual([
      { header: { from: 'a@localhost', to: 'localhost', id: 'x', version: '1.0', lang: 'de', xmlns: 'jabber:client' } },
    ]))

  test('is told without what it does not say', () =>
    expect(readAll(`<stream:stream xmlns='jabber:server' xmlns:stream='${streamNamespace}' xml:lang=''>`)).toEqual([
      { header: { xmlns: 'jabber:server' } },
    ]))

  test('may have another prefix than stream', () =>
    expect(readAll(`<s:stream xmlns='jabber:client' xmlns:s='${streamNamespace}'></s:stream>`)).toEqual([
      { header: { xmlns: clientNamespace } },
      'closed',
    ]))

  test('may follow white space, as after a login that ended with a line break', () =>
    expect(readAll(`\r\n ${declaration}\n${header}`)).toHaveLength(1))

  test.each(['utf-8', 'UTF-8', 'Utf-8'])('may declare the encoding as %s', encoding =>
    expect(readAll(`<?xml version='1.0' encoding='${encoding}'?>${header}`)).toHaveLength(1),
  )

  test('may be empty', () => expect(readAll(header.replace(/>$/, '/>')).at(-1)).toBe('closed'))
})

describe('first-level elements', () => {
  test('are told whole and in order', () =>
    expect(elementsIn("<message to='b'><body>one</body></message><r xmlns='urn:xmpp:sm:3'/><presence/>")).toEqual([
      { element: '<message to="b"><body>one</body></message>' },
      { element: '<r xmlns="urn:xmpp:sm:3"/>' },
      { element: '<presence/>' },
    ]))

  test('of the default namespace have no xmlns, wherever it stood', () =>
    expect(elementsIn("<message id='1' xmlns='jabber:client' to='b'/>")).toEqual([
      { element: '<message id="1" to="b"/>' },
    ]))

  test('of another content namespace keep it', () =>
    expect(elementsIn("<message xmlns='jabber:server'/>")).toEqual([{ element: '<message xmlns="jabber:server"/>' }]))

  test('keep the namespaces of what is inside', () => {
    const forwarded = '<forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:client"/></forwarded>'
    expect(elementsIn(`<message>${forwarded}</message>`)).toEqual([{ element: `<message>${forwarded}</message>` }])
  })

  test('have the characters that references and sections stand for', () =>
    expect(
      elementsIn("<message a='&quot;&#x41;&#10;'><body>&lt;&amp;<![CDATA[<&>]]>&#128512;&apos;</body></message>"),
    ).toEqual([{ element: '<message a="&quot;A&#10;"><body>&lt;&amp;&lt;&amp;&gt;\u{1f600}\'</body></message>' }]))

  test('have their text in one piece, though sections split it', () => {
    const elements: Array<Element> = []
    const reader = createStreamReader(defaultLimits, {
      header: () => undefined,
      element: element => elements.push(element),
      close: () => undefined,
      fault: () => undefined,
    })
    reader.write(bytesOf(`${header}<message>a<![CDATA[b]]>c&amp;d</message>`))
    expect(elements[0]?.children).toEqual(['abc&d'])
    expect(elements[0]?.parent).toBeNull()
  })

  test('have a line break where the peer had any kind of one', () =>
    expect(elementsIn('<a>1\r\n2\r3\n4</a>')).toEqual([{ element: '<a>1\n2\n3\n4</a>' }]))

  test('know their parents', () => {
    const namespaces: Array<string | undefined> = []
    const reader = createStreamReader(defaultLimits, {
      header: () => undefined,
      element: element => namespaces.push(element.getChild('query')?.getChild('item')?.getNS()),
      close: () => undefined,
      fault: () => undefined,
    })
    reader.write(bytesOf(`${header}<iq><query xmlns='jabber:iq:roster'><item/></query></iq>`))
    expect(namespaces).toEqual(['jabber:iq:roster'])
  })

  test('may have a byte order mark inside, also where a piece begins', () =>
    expect(readInPieces(`${header}<a>\ufeff\ufeff</a>`, 3).at(-1)).toEqual({ element: '<a>\ufeff\ufeff</a>' }))
})

describe('what the header says for all', () => {
  const declaring = header.replace('>', " xmlns:x='urn:x' xmlns:y='urn:y' xml:lang='de'>")
  const read = (text: string): ReadonlyArray<Told> => readAll(declaring + text).slice(1)

  test('the language goes into stanzas that name none', () =>
    expect(read("<message/><presence xml:lang='fr'/><a xmlns='urn:xmpp:sm:3'/><foo/>")).toEqual([
      { element: '<message xml:lang="de"/>' },
      { element: '<presence xml:lang="fr"/>' },
      { element: '<a xmlns="urn:xmpp:sm:3"/>' },
      { element: '<foo/>' },
    ]))

  test('the prefixes go into elements that use them, where these do not declare them', () =>
    expect(read("<iq xml:lang='' xmlns:x='urn:mine'><x:q y:a='1'/></iq>")).toEqual([
      {
        element: `<iq xml:lang="" xmlns:x="urn:mine" xmlns:y="urn:y"><x:q y:a="1"/></iq>`,
      },
    ]))

  test('a prefix goes into an element whose only attribute uses it, and not into the next element', () =>
    expect(read("<foo x:a='1'/><foo/>")).toEqual([
      { element: '<foo x:a="1" xmlns:x="urn:x"/>' },
      { element: '<foo/>' },
    ]))

  test('nothing goes into elements that need nothing', () =>
    expect(elementsIn("<iq><q xmlns='urn:q' xmlns:z='urn:z'/></iq>")).toEqual([
      { element: '<iq><q xmlns="urn:q" xmlns:z="urn:z"/></iq>' },
    ]))

  test('an element of the stream itself says so', () =>
    expect(elementsIn('<stream:error/>')).toEqual([{ element: `<stream:error xmlns:stream="${streamNamespace}"/>` }]))
})

describe('the end of a stream', () => {
  test('is told once, and nothing behind it is read', () =>
    expect(readAll(`${header}<presence/></stream:stream><presence/><!-- `)).toEqual([
      expect.objectContaining({ header: expect.anything() }),
      { element: '<presence/>' },
      'closed',
    ]))

  test('leaves nothing to be in the middle of', () => {
    const reader = recordingReader()
    reader.writeText(`${header}</stream:stream>`)
    reader.writeText('<')
    expect(reader.midElement()).toBe(false)
  })
})

describe('white space between stanzas', () => {
  test('is no element, and never in the middle of one', () => {
    const reader = recordingReader({ stanzaBytes: 200 })
    reader.writeText(header)
    for (let i = 0; i < 1000; i++) {
      reader.writeText(' \n\t\r')
      expect(reader.midElement()).toBe(false)
    }
    reader.writeText(`<presence/>${' '.repeat(1000)}<presence/>`)
    expect(reader.told.slice(1)).toEqual([{ element: '<presence/>' }, { element: '<presence/>' }])
  })
})

describe('a reader is in the middle of an element', () => {
  test.each([
    ['at first', '', false],
    ['after white space before the header', '\n', false],
    ['inside the XML declaration', '<?xml', true],
    ['behind the XML declaration', declaration, true],
    ['inside the header', header.slice(0, 20), true],
    ['behind the header', header, false],
    ['at the first character', `${header}<`, true],
    ['inside a start tag', `${header}<message`, true],
    ['inside a text', `${header}<message><body>a`, true],
    ['inside an end tag', `${header}<message></message`, true],
    ['behind an element', `${header}<message></message>`, false],
    ['behind an empty element and white space', `${header}<message/>\n`, false],
    ['behind the first character of the next', `${header}<message/> <`, true],
    ['inside the end of the stream', `${header}</stream:`, true],
    ['after a fault', `${header}x`, false],
  ])('%s: %s -> %s', (_, text, expected) => {
    const reader = recordingReader()
    reader.writeText(text)
    expect(reader.midElement()).toBe(expected)
  })

  test('inside a character', () => {
    const reader = recordingReader()
    reader.write(bytesOf(`${header}<a>\u20ac`).slice(0, -1))
    expect(reader.midElement()).toBe(true)
  })
})

describe('an error of the one who is told', () => {
  test('comes out of write, and nothing more is read', () => {
    let elements = 0
    const reader = createStreamReader(defaultLimits, {
      header: () => undefined,
      element: () => {
        elements += 1
        throw new RangeError('not mine')
      },
      close: () => undefined,
      fault: () => undefined,
    })
    expect(() => reader.write(bytesOf(`${header}<a/><b/>`))).toThrow('not mine')
    reader.write(bytesOf('<c/>'))
    expect(elements).toBe(1)
  })
})

describe('however the bytes are cut', () => {
  const conversation = bytesOf(
    `\n${declaration}\r\n${header} \r\n<message xml:lang='de' x='&#x20ac;&amp;'>\r\n<body>\u00e4\u20ac\u{1f600}<![CDATA[]]]]>]</body>\r</message>\r\n` +
      "<iq xmlns='jabber:client'><q:query xmlns:q='urn:q' q:a='1'/></iq><r xmlns='urn:xmpp:sm:3'/>\t</stream:stream>",
  )
  const whole = readAll(conversation)

  test('the whole is read as expected', () =>
    expect(whole.slice(1)).toEqual([
      {
        element: '<message xml:lang="de" x="\u20ac&amp;">\n<body>\u00e4\u20ac\u{1f600}]]]</body>\n</message>',
      },
      {
        element: `<iq><q:query xmlns:q="urn:q" q:a="1"/></iq>`,
      },
      { element: '<r xmlns="urn:xmpp:sm:3"/>' },
      'closed',
    ]))

  test('in two, at every byte, the same is told', () => {
    for (let cut = 1; cut < conversation.length; cut++) {
      const reader = recordingReader()
      reader.write(conversation.subarray(0, cut))
      reader.write(conversation.subarray(cut))
      expect(reader.told, `cut at ${cut}`).toEqual(whole)
    }
  })

  test('byte by byte, the same is told', () => expect(readInPieces(conversation, 1)).toEqual(whole))

  test('anywhere, and with any limit that holds, the same is told', () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(conversation.length), { maxLength: 20 }),
        fc.integer({ min: 160, max: 500 }),
        (cuts, stanzaBytes) => {
          const reader = recordingReader({ stanzaBytes })
          const edges = [0, ...cuts.sort((a, b) => a - b), conversation.length]
          edges.forEach((edge, i) => {
            reader.write(conversation.subarray(edges[i - 1] ?? 0, edge))
          })
          expect(reader.told).toEqual(whole)
        },
      ),
    ))

  test('in a long stream, pieces of any size tell all', () => {
    const long = header + '<message><body>\u20ac\u{1f600}x</body></message>\n'.repeat(500)
    const expected = readInPieces(long, 1)
    expect(expected).toHaveLength(501)
    for (const size of [2, 3, 7, 4095, 4096, 4097, 10_000_000]) expect(readInPieces(long, size)).toEqual(expected)
  })
})
