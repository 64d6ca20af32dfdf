import {
  byteStringOf,
  createStreamReader,
  element,
  outlineFacts,
  Stanza,
  StanzaScanner,
  textOfBytes,
  toXml,
  utf8Bytes,
} from '@smacks/codec'
import { describe, expect, test } from 'vitest'
import { Words } from '../../../packages/codec/src/scanner/words.js'
import { bytesOf, header } from './reading.js'
import { parsed, scanned } from './scanning.js'

const opening = bytesOf(header)
const inLanguage = bytesOf(header.replace('>', " xml:lang='d&quot;e'>"))

/** What both readers tell of the same pieces behind a header; how much of it without the parser. */
const scannedOf = (text: string, ...pieces: ReadonlyArray<Uint8Array>): number => {
  const all = [opening, ...(pieces.length > 0 ? pieces : [bytesOf(text)])]
  const one = scanned(all)
  expect(one.told).toEqual(parsed(all).told)
  expect(one.midElement).toEqual(parsed(all).midElement)
  return one.scanned
}

const long = 'x'.repeat(70)

describe('without the parser is read', () => {
  test.each([
    "<message to='juliet@capulet.example' id='1' type='chat'><body>Hark!</body></message>",
    '<message to="juliet@capulet.example/balcony"><body>Hark!</body></message>',
    "<message xmlns='jabber:client' to='juliet@capulet.example'/>",
    "<message to='a@b' xmlns='jabber:client' type='chat' from='romeo@montague.example/orchard'><body/></message>",
    "<iq from='a@b' id='1' xmlns='jabber:client' type='get'><query xmlns='jabber:iq:roster'/></iq>",
    '<presence/>',
    '<presence  />',
    '<presence ></presence>',
    "<presence xml:lang='en'><show>away</show><priority>5</priority></presence>",
    "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:n' ver='x+/='/></presence>",
    '<message><body>\u00fc \u0416 \u20ac \u{1f600} \ud7ff \ue000 \ufffd \u{10ffff}</body></message>',
    "<message id='\u00fc' to='r\u00f6meo@m'><body>&lt;&gt;&amp;&quot;&apos;</body></message>",
    "<message id='&lt;&gt;&amp;&quot;&apos;'><body xml:lang='de'>\n\t'\">]>]] ></body></message>",
    `<message a='${long}' id='${long}' to='${long}'/>`,
    `<message><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'/></forwarded></received></message>`,
    "<message><stanza-id xmlns='urn:xmpp:sid:0' by='a@b' id='1'/></message>",
    "<presence><x xmlns='http://jabber.org/protocol/muc#user'><item/><status code='110'/></x></presence>",
    `<message id='"' to="it's"/>`,
    "<r xmlns='urn:xmpp:sm:3'/>",
    '<r xmlns="urn:xmpp:sm:2"></r>',
    "<a xmlns='urn:xmpp:sm:3' h='5'/>",
    '<a h="000000005" xmlns="urn:xmpp:sm:3"></a>',
  ])('%s', text => {
    expect(scannedOf(text)).toBe(1)
    const one = scanned([inLanguage, bytesOf(text)])
    expect(one.told).toEqual(parsed([inLanguage, bytesOf(text)]).told)
    expect(one.scanned).toBe(1)
  })
})

describe('the parser is asked about', () => {
  test.each([
    "<message xmlns='jabber:server'/>",
    "<message xmlns=''/>",
    "<message><body xmlns='jabber:client'/></message>",
    "<message><body xmlns=''/></message>",
    "<message><x xmlns='a{b'/></message>",
    "<message><x xmlns='http://www.w3.org/2000/xmlns/'/></message>",
    "<message><x xmlns='http://www.w3.org/XML/1998/namespace'/></message>",
    "<m:message xmlns:m='urn:m'/>",
    "<message><p:x xmlns:p='urn:p'/></message>",
    "<message xml:space='preserve'/>",
    "<message xmm:lang='preserve'/>",
    "<message to='a' to='b'/>",
    "<message to ='a'/>",
    '<message to=a/>',
    "<message to='a'id='b'/>",
    "<message to='a\n'/>",
    "<message to='a>'/>",
    "<message to='<'/>",
    "<message to='&#65;'/>",
    "<message to='\0'/>",
    '<message/ >',
    "<message\nto='a'/>",
    '<message><body>\r</body></message>',
    '<message><body>]]></body></message>',
    '<message><body>\0</body></message>',
    '<message><body>&#65;</body></message>',
    '<message><body>&</body></message>',
    '<message><body>\uffff</body></message>',
    '<message><body></bodx></message>',
    '<message><body></body ></message>',
    '<message></message1>',
    '<message><1/></message>',
    '<message><!-- --></message>',
    '<message><![CDATA[x]]></message>',
    `<message ${Array.from({ length: 25 }, (_, number) => `a${number}='x'`).join(' ')}/>`,
    `<message>${'<x>'.repeat(40)}${'</x>'.repeat(40)}</message>`,
    '<message1/>',
    '<active xmlns="urn:xmpp:csi:0"/>',
    '<r/>',
    "<r xmlns='urn:x'/>",
    "<r xmlns='urn:xmpp:sm:3' x='y'/>",
    "<r xmlns='urn:xmpp:sm:3'>x</r>",
    "<a xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h=''/>",
    "<a xmlns='urn:xmpp:sm:3' h='1' x='y'/>",
    "<a xmlns='urn:xmpp:sm:3' h='-1'/>",
    "<a xmlns='urn:xmpp:sm:3' h='4x'/>",
    "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
    'text',
    '<>',
    '</stream:stream>',
  ])('%s', text => expect(scannedOf(text)).toBe(0))

  test.each([
    ['a byte that begins no character', [0x80]],
    ['an overlong form of two bytes', [0xc1, 0x81]],
    ['an overlong form of three', [0xe0, 0x81, 0x81]],
    ['an overlong form of four', [0xf0, 0x81, 0x81, 0x81]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['more than Unicode has', [0xf4, 0x90, 0x80, 0x80]],
    ['a character that is cut off', [0xe2, 0x82, 0x3c]],
    ['a character that is none of XML', [0xef, 0xbf, 0xbe]],
  ])('%s', (_, bytes) => {
    const text = [...bytesOf('<message><body>'), ...bytes, ...bytesOf('</body></message>')]
    const value = [...bytesOf("<message id='"), ...bytes, ...bytesOf("'/>")]
    expect(scannedOf('', Uint8Array.from(text))).toBe(0)
    expect(scannedOf('', Uint8Array.from(value))).toBe(0)
  })

  test('what is beyond a limit, or might be', () => {
    const text = '<message id="1"><a><b c="1" d="2" e="3" f="4" g="5"/></a></message>'
    const within = { depth: 3, elements: 3, attributes: 5, stanzaBytes: 2000 }
    const all = [opening, bytesOf(text)]
    expect(scanned(all, within).scanned).toBe(1)
    for (const beyond of [{ depth: 2 }, { elements: 2 }, { attributes: 4 }, { stanzaBytes: 200 }]) {
      const one = scanned(all, { ...within, ...beyond })
      expect(one.scanned).toBe(0)
      expect(one.told).toEqual(parsed(all, { ...within, ...beyond }).told)
    }
    const first = [opening, bytesOf('<message id="1" to="b" type="chat" a="4" b="5"/>')]
    expect(scanned(first, { attributes: 4 }).told).toEqual(parsed(first, { attributes: 4 }).told)
  })
})

test('other limits hold from where they were told', () => {
  const told: Array<string> = []
  const limits = { headerBytes: 1000, stanzaBytes: 10_000, depth: 9, elements: 99, attributes: 9 }
  const reader = createStreamReader(
    limits,
    {
      header: () => {},
      element: () => told.push('element'),
      stanza: () => told.push('stanza'),
      close: () => {},
      fault: ({ condition }) => told.push(condition),
    },
    new StanzaScanner(),
  )
  reader.write(opening)
  const text = '<message><a><b/></a></message>'
  reader.write(bytesOf(text))
  reader.limit({ ...limits, depth: 2 })
  reader.write(bytesOf(text))
  expect(told).toEqual(['stanza', 'policy-violation'])
})

test('a string that takes the place of another is made again, and none is taken for another', () => {
  const words = new Words(byteStringOf)
  for (let round = 0; round < 2; round += 1)
    for (let number = 10_000; number < 15_000; number += 1)
      expect(words.of(bytesOf(`w${number}`), 0, 6)).toBe(`w${number}`)
})

describe('an element that is cut', () => {
  const text = "<message to='a' xml:lang='en'><body>\u00fc&amp;\u{1f600}</body><x xmlns='urn:x' />  </message>"

  test('anywhere is read without the parser', () => {
    for (const whole of [text, "<a xmlns='urn:xmpp:sm:3' h='5'></a>", '<r xmlns="urn:xmpp:sm:3" />']) {
      const bytes = bytesOf(whole)
      for (let at = 1; at < bytes.length; at += 1)
        expect(scannedOf('', bytes.subarray(0, at), bytes.subarray(at))).toBe(1)
    }
  })

  test('into very many pieces is parsed: none of its bytes is looked at again and again', () => {
    const bytes = Array.from(bytesOf(text), byte => Uint8Array.of(byte))
    expect(scannedOf('', ...bytes)).toBe(0)
  })

  test('is followed by others, without the parser', () => {
    const both = bytesOf(`<x xmlns='urn:x'>${'<y/>'.repeat(10)}</x> ${text}`)
    expect(scannedOf('', both)).toBe(1)
    expect(scannedOf('<presence/> \n')).toBe(1)
    expect(scannedOf(`<x xmlns='urn:x'>&#65;${'<y/>'.repeat(100)}</x>${text}`)).toBe(0)
  })
})

test('who asks for nothing but elements gets them', () => {
  const told: Array<string> = []
  const reader = createStreamReader(
    { headerBytes: 1000, stanzaBytes: 1000, depth: 9, elements: 99, attributes: 9 },
    {
      header: () => {},
      element: read => told.push(toXml(read)),
      close: () => {},
      fault: () => {},
    },
    new StanzaScanner(),
  )
  reader.write(opening)
  reader.write(bytesOf("<presence id='1'/><r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='07'/>"))
  expect(told).toEqual(['<presence id="1"/>', '<r xmlns="urn:xmpp:sm:3"/>', '<a xmlns="urn:xmpp:sm:3" h="7"/>'])
})

test('bytes are strings of their own, of any length', () => {
  const text = `\u00fc${'x'.repeat(20_000)}\u{1f600}`
  const bytes = utf8Bytes(text)
  expect(bytes.length).toBe(bytesOf(text).length)
  expect(textOfBytes(bytes)).toBe(text)
  expect(byteStringOf(bytesOf(text), 0, bytes.length)).toBe(bytes)
  expect(utf8Bytes('abc')).toBe('abc')
})

describe('a stanza that is sent on', () => {
  const from = 'romeo@montague.example/orchard'
  const of = (text: string): Stanza => {
    const scanner = new StanzaScanner()
    const bytes = bytesOf(text)
    const limits = { headerBytes: 0, stanzaBytes: 10_000, depth: 9, elements: 99, attributes: 9 }
    scanner.scan(bytes, 0, { xmlns: 'jabber:client', lang: undefined, declaredLength: 0 }, limits)
    if (scanner.found !== undefined && 'outline' in scanner.found) return Stanza.fromScanned(scanner.found)
    throw new Error('not scanned')
  }

  test('has all as it came behind its sender', () => {
    const came = of(`<message xmlns='jabber:client' from='x@y' to='j@c'  id="1" ><body>\u00fc'"</body></message>`)
    expect(came.peekXml()).toBe(`<message from='x@y' to='j@c'  id="1" ><body>\u00fc'"</body></message>`)
    expect(came.sent(from).xml).toBe(`<message from="${from}" to='j@c'  id="1" ><body>\u00fc'"</body></message>`)
    expect(of('<message/>').sent(from).xml).toBe(`<message from="${from}"/>`)
    expect(of('<message/>').sent(from, 'j@c').xml).toBe(`<message from="${from}" to="j@c"/>`)
    expect(of("<message to='a@b'/>").sent(from, 'j@c').xml).toBe(`<message from="${from}" to='a@b'/>`)
  })

  test.each([
    '<message id="1"><body>\u00fc</body></message>',
    '<message from="x@y" to="a@b"/>',
    '<p:x xmlns:p="urn:p"/>',
  ])('is the same text whatever form it was in: %s', text => {
    const tree = Stanza.fromXml(text).element
    for (const to of [undefined, 'j@c']) {
      const sent = Stanza.fromElement(tree).sent(from, to).xml
      expect(Stanza.fromXml(text).sent(from, to).xml).toBe(sent)
      const written = Stanza.fromXml(text)
      expect(written.bytes).toBe(utf8Bytes(text))
      expect(written.sent(from, to).xml).toBe(sent)
      expect(sent).toMatch(/^<[\w:]+ from="romeo/)
    }
    expect(Stanza.fromXml(text).outline).toEqual(Stanza.fromElement(tree).outline)
  })

  test('that is none is not taken for one', () =>
    expect(Stanza.fromXml("<r xmlns='urn:xmpp:sm:3'/>").outline).toMatchObject({ name: 'r', to: undefined }))

  test('has characters beyond ASCII wherever they come from', () => {
    for (const [came, sender, to] of [
      [of('<message/>'), 'r\u00f6meo@m', 'j@c'],
      [of('<message/>'), from, 'j\u00fcliet@c'],
      [of("<message id='\u00fc'/>"), from, 'j@c'],
    ] as const) {
      const sent = came.sent(sender, to)
      expect(sent.size).toBe(sent.bytes.length)
      expect(sent.element.attrs).toMatchObject({ from: sender, to })
      expect(textOfBytes(sent.bytes)).toBe(sent.xml)
    }
  })

  test('has the facts of what is in it', () => {
    const inside = (text: string) =>
      outlineFacts(of(`<presence from='r@m/n' to='a@b'>${text}</presence>`).outline).state
    expect(inside("<x xmlns='http://jabber.org/protocol/muc#user'><item/></x>")).toBe(true)
    expect(inside("<x xmlns='http://jabber.org/protocol/muc#user'><item/><status/></x>")).toBeUndefined()
    expect(inside("<x xmlns='http://jabber.org/protocol/muc'/>")).toBeUndefined()
  })

  test('is text once it was written, and can be parsed again', () => {
    const sent = of("<message to='j@c' id='7'><body>\u00fc</body></message>").sent(from)
    expect(toXml(sent.head)).toBe(`<message from="${from}" to="j@c" id="7"/>`)
    expect(sent.size).toBe(sent.bytes.length)
    expect(sent.isParsed).toBe(false)
    expect(sent.size).toBe(sent.bytes.length)
    expect(sent.peekXml()).toBe(sent.xml)
    expect(toXml(sent.head)).toBe(`<message from="${from}" to="j@c" id="7"/>`)
    expect(sent.outline).toMatchObject({ name: 'message', from, to: 'j@c', children: [{ name: 'body', xmlns: '' }] })
    expect(sent.isParsed).toBe(false)
    expect(toXml(sent.element)).toBe(`<message from="${from}" to="j@c" id="7"><body>\u00fc</body></message>`)
    expect(sent.isParsed).toBe(true)
  })

  test('made of an element or of text has the same forms', () => {
    const made = Stanza.fromElement(element('message', { to: 'a@b' }, '\u00fc'))
    expect(made.bytes).toBe(utf8Bytes('<message to="a@b">\u00fc</message>'))
    expect(made.isParsed).toBe(false)
    expect(made.xml).toBe('<message to="a@b">\u00fc</message>')
    expect(Stanza.fromXml('<message to="a@b">\u00fc</message>').size).toBe(30)
    expect(Stanza.fromXml('<iq/>').sent(from).xml).toBe(`<iq from="${from}"/>`)
  })
})
