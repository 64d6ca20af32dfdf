/** Headers and elements of logins and resumptions are read without a parser, and told as the parser tells them. */
import { createStreamReader, type Stanza, StanzaScanner } from '@smacks/codec'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createSaxes } from '../../../packages/codec/src/saxes.js'
import { bytesOf } from './reading.js'
import { canonical, parsed, scanned } from './scanning.js'

const streams = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
const usual = `<?xml version='1.0'?><stream:stream to='localhost' version='1.0' ${streams}>`

/** What the parsers of all streams are given. */
const given = vi.spyOn(Object.getPrototypeOf(createSaxes()), 'write')

/** Reads with and without a scanner; how often the former came to ask a parser. */
const asked = (pieces: ReadonlyArray<string>): number => {
  const bytes = pieces.map(bytesOf)
  given.mockClear()
  const one = scanned(bytes)
  const count = given.mock.calls.length
  const other = parsed(bytes)
  expect(one.told).toEqual(other.told)
  expect(one.midElement).toEqual(other.midElement)
  return count
}

describe('a header that is usual needs no parser', () => {
  test.each([
    usual,
    `<stream:stream ${streams}>`,
    `<?xml version="1.0" encoding="UTF-8"?>\n<stream:stream to="localhost" from="a@localhost" id="1" xml:lang="en" ${streams}>`,
    `<?xml version='1.0' ?><stream:stream\n${streams} version='1.0' xml:lang='' >`,
    `<?xml version='1.0' encoding='utf-8'?><stream:stream ${streams} xmlns:db='jabber:server:dialback'>`,
    `<stream:stream ${streams.replace('client', 'server')} to='a.example' from='b.example'>`,
    ` \n${usual}`,
    `${usual} \n`,
  ])('%s', header => {
    expect(asked([header])).toBe(0)
    expect(asked([header, '</stream:stream>'])).toBe(0)
  })
})

describe('a header is for the parser to judge', () => {
  test.each([
    usual.replace('version=', 'version ='),
    usual.replace("to='localhost'", "to='&lt;'"),
    usual.replace("to='localhost'", "to='l\u00f6calhost'"),
    usual.replace("to='localhost'", "to='a\tb'"),
    usual.replace("to='localhost'", "to='a' to='b'"),
    usual.replace("to='localhost'", `to='${'a'.repeat(4000)}'`),
    usual.replace("to='localhost'", "foo='bar'"),
    usual.replace("to='localhost'", "xmlns:x='urn:x'"),
    usual.replace("to='localhost'", "xmlns:xml='urn:x'"),
    usual.replace("to='localhost'", "xmlns:db='urn:x'"),
    usual.replace("to='localhost'", "xmlns:db='http://www.w3.org/2000/xmlns/'"),
    usual.replace('jabber:client', 'jabber:else'),
    usual.replace('etherx', 'ether'),
    usual.replace(" xmlns:stream='http://etherx.jabber.org/streams'", ''),
    usual.replace("xmlns='jabber:client' ", ''),
    usual.replace("version='1.0'?", "version='1.1'?"),
    usual.replace("version='1.0'?", "VERSION='1.0'?"),
    usual.replace("version='1.0'?", "version='1.0' encoding='latin1'?"),
    usual.replace('>', ' standalone="yes">'),
    usual.replaceAll('stream:', 's:').replace(':stream', ':s'),
    usual.replace(/>$/, '/>'),
    '<stream:stream to=',
    '<?xml version=',
    '<',
    `<?xml version='1.0'?>x`,
    `<?xml version='1.0'?> ${usual}`,
    `<?xml version='1.0'?>${' '.repeat(20_000)}`,
    `<stream:stream>${usual}`,
  ])('%s', header => expect(asked([header])).toBeGreaterThan(0))
})

test('what is no XML is refused at once', () => {
  asked(['GET / HTTP/1.1'])
  expect(scanned([bytesOf('G')]).told).toEqual([{ fault: 'not-well-formed' }])
})

test('a header that came before is told again, under the limits of its stream', () => {
  const told = (limits = {}) => scanned([bytesOf(usual), bytesOf('<presence/>')], limits).told
  const first = told()
  expect(told()).toEqual(first)
  expect(told({ attributes: 4 })).toEqual(first)
  for (const less of [{ attributes: 3 }, { headerBytes: usual.length - 1 }]) {
    expect(told(less)).toEqual(parsed([bytesOf(usual), bytesOf('<presence/>')], less).told)
    expect(told(less)).not.toEqual(first)
  }
})

test('as many headers as come are told, each by itself', () => {
  const headers = Array.from({ length: 200 }, (_, number) => usual.replace('localhost', `host${number}.example`))
  for (const header of [...headers, ...headers]) expect(asked([header])).toBe(0)
})

test('a header that is cut anywhere is told the same', () => {
  for (let at = 1; at < usual.length; at += 1) asked([usual.slice(0, at), usual.slice(at), '<presence/>'])
  expect(asked(["<?xml version='1.0'?>", usual.slice("<?xml version='1.0'?>".length)])).toBe(0)
})

const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"

describe('what logins and resumptions are made of needs no parser', () => {
  test.each([
    `<auth ${sasl} mechanism='PLAIN'>AGEAYg==</auth>`,
    `<auth ${sasl} mechanism="EXTERNAL">=</auth>`,
    `<response ${sasl}/>`,
    `<abort ${sasl}></abort>`,
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<enable xmlns='urn:xmpp:sm:3' resume='true' max='600'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='5' previd='a&amp;b'/>",
    "<active xmlns='urn:xmpp:csi:0'/>",
    "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>AGEAYg==</initial-response> " +
      "<user-agent id='1'><software>\u00dc&lt;&gt;</software></user-agent><bind xmlns='urn:xmpp:bind:0'><tag>x</tag></bind>" +
      "<resume xmlns='urn:xmpp:sm:3' previd='1' h='2'/></authenticate>",
    "<x xmlns='urn:x'><b xmlns='jabber:client'><c xmlns='jabber:client'/></b>text<d/></x>",
  ])('%s', element => expect(asked([usual, element])).toBe(0))
})

test('the tree of a stanza that was scanned needs none either', () => {
  const iq =
    "<iq xmlns='jabber:client' type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'> <resource>x</resource></bind></iq>"
  const trees: Array<unknown> = []
  const limits = { headerBytes: 1000, stanzaBytes: 10_000, depth: 9, elements: 99, attributes: 9 }
  const read = (scanner: StanzaScanner | undefined): void => {
    const nothing = (): void => {}
    const handlers = { header: nothing, close: nothing, fault: nothing, element: nothing }
    const stanza = ({ element }: Stanza) => trees.push(canonical(element))
    createStreamReader(limits, { ...handlers, stanza }, scanner).write(bytesOf(usual + iq))
  }
  given.mockClear()
  read(new StanzaScanner())
  expect(given).not.toHaveBeenCalled()
  read(undefined)
  expect(trees[0]).toEqual(trees[1])
})

test.each(['<foo/>', "<foo xmlns='jabber:client'/>", '<stream:error/>', "<x xmlns='urn:x'>&#65;</x>"])(
  'a parser that comes late knows what the header says: %s',
  unusual => {
    const header = usual.replace("to='localhost'", "xml:lang='de' xmlns:db='jabber:server:dialback'")
    expect(asked([header, '<presence/>', unusual, '<presence/>', "<db:result from='a'/>"])).toBeGreaterThan(0)
    asked([header, unusual, `<message><db:x/></message></stream:stream>`])
  },
)

/** What is bent a little is told as the parser tells it, however it is cut. */
test('headers and elements that are nearly usual are told the same', () => {
  const whole = `${usual}<auth ${sasl} mechanism='PLAIN'>AGEAYg==</auth><enable xmlns='urn:xmpp:sm:3' resume='true'/></stream:stream>`
  const characters = fc.constantFrom(...'<>/=?&;:\'" \n\tabmxl1.-\u00fc\0')
  const edit = fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: 3 }), fc.array(characters, { maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 3 }), fc.nat({ max: whole.length }), (edits, cut) => {
      const text = edits.reduce(
        (bent, [at, gone, put]) => bent.slice(0, at) + put.join('') + bent.slice(at + gone),
        whole,
      )
      asked([text.slice(0, cut), text.slice(cut)])
    }),
    { numRuns: 2000 },
  )
})
