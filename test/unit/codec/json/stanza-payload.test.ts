import {
  type Element,
  element,
  parseElement,
  redact,
  redactedStanzaXml,
  Stanza,
  stanzaFacts,
  stanzaXml,
  toXml,
  withDelay,
} from '@smacks/codec'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const decoded = (json: unknown): Stanza => {
  const result = stanzaXml.decode(json)
  if (Either.isLeft(result)) throw new Error(result.left)
  return result.right
}

const facts = (xml: string) => stanzaFacts(Stanza.fromXml(xml).element)
const bytes = (xml: string): number => Buffer.byteLength(xml)

// What is secret has a letter, a sign or an emoji that nothing else has.
const secret = fc.string({
  unit: fc.constantFrom('Q', '\u0416', '\u20ac', '\u{1f600}', '&', '<', '>', '"', "'", '\n', '\r', '\t'),
})
const secrets = /[Q\u0416\u20ac\u{1f600}&\r\t]/u
const address = fc.constantFrom(
  'juliet@example.org',
  'juliet@example.org/balcony',
  'romeo@example.net/orchard',
  'example.org',
)
const id = fc.stringMatching(/^[a-z0-9-]{1,8}$/)

const anyElement = fc
  .tuple(
    fc.constantFrom('body', 'subject', 'x', 'status'),
    fc.dictionary(fc.constantFrom('node', 'jid', 'x:id', 'stamps'), secret),
    secret,
  )
  .map(([name, attrs, text]) => element(name, { 'xmlns:x': 'urn:x', ...attrs }, ...(text === '' ? [] : [text])))

const known: fc.Arbitrary<Element> = fc.oneof(
  fc
    .tuple(secret, address)
    .map(([text, from]) =>
      element(
        'delay',
        { xmlns: 'urn:xmpp:delay', stamp: '2026-01-01T00:00:00Z', from },
        ...(text === '' ? [] : [text]),
      ),
    ),
  address.map(by => element('stanza-id', { xmlns: 'urn:xmpp:sid:0', id: 'a1', by })),
  fc
    .tuple(fc.constantFrom('sent', 'received', 'private'), secret, address)
    .map(([name, body, to]) =>
      element(
        name,
        { xmlns: 'urn:xmpp:carbons:2' },
        element(
          'forwarded',
          { xmlns: 'urn:xmpp:forward:0' },
          element('message', { to }, element('body', {}, `Q${body}`)),
        ),
      ),
    ),
  fc
    .tuple(id, secret)
    .map(([queryid, text]) =>
      element('result', { xmlns: 'urn:xmpp:mam:2', id: 'a2', queryid: `Q${queryid}` }, `Q${text}`),
    ),
)

const stanza: fc.Arbitrary<Element> = fc
  .tuple(
    fc.constantFrom('message', 'presence', 'iq'),
    fc.record(
      {
        from: address,
        to: address,
        id,
        type: fc.constantFrom('chat', 'get', 'error', 'unavailable'),
        'xml:lang': fc.constant('en'),
      },
      { requiredKeys: [] },
    ),
    fc.array(fc.oneof(anyElement, known), { maxLength: 5 }),
  )
  .map(([name, attrs, children]) => element(name, attrs, ...children))

describe('a stanza as JSON', () => {
  test('is its text, and comes back as it was', () =>
    fc.assert(
      fc.property(stanza, any => {
        const xml = toXml(any)
        expect(stanzaXml.encode(Stanza.fromElement(any))).toBe(xml)
        expect(decoded(xml).xml).toBe(xml)
        expect(decoded(xml).element).toEqual(parsed(xml))
      }),
    ))

  test('stays parsed for those who work on it', () => {
    const made = Stanza.fromElement(element('message', { id: 'm1' }))
    const { element: before } = made
    stanzaXml.encode(made)
    redactedStanzaXml.encode(made)
    expect(made.element).toBe(before)
    expect(made.xml).toBe('<message id="m1"/>')
    expect(made.peekXml()).toBe(made.xml)
  })

  const refused = (json: unknown): string => {
    const result = stanzaXml.decode(json)
    return Either.isLeft(result) ? result.left : ''
  }
  const allowed = 'allowed: the XML of a message, presence or iq'

  test.each<[json: unknown, said: string]>([
    [5, `found 5, ${allowed}`],
    [undefined, `missing, ${allowed}`],
    ['', `found "", ${allowed}; document must contain a root element.`],
    ['Hark!', `found "Hark!", ${allowed}; text data outside of root node.`],
    ['<message>', `found "<message>", ${allowed}; unclosed tag: message`],
    ['<a/>', `found "<a/>", ${allowed}`],
    [
      '<x:message xmlns:x="urn:x"/>',
      `found "<x:message xmlns:x="urn:x"/>", ${allowed}`.replaceAll('"urn:x"', '\\"urn:x\\"'),
    ],
    ['<message/><iq/>', `found "<message/><iq/>", ${allowed}; documents may contain only one root.`],
    ['<message/> ', `found "<message/> ", ${allowed}; there is white space around it`],
    ['<message><a:b/></message>', `found "<message><a:b/></message>", ${allowed}; unbound namespace prefix: "a".`],
    [
      '<!DOCTYPE a><message/>',
      `found "<!DOCTYPE a><message/>", ${allowed}; a document type declaration is not allowed`,
    ],
    ['<message><!--a--></message>', `found "<message><!--a--></message>", ${allowed}; a comment is not allowed`],
    [
      '<message><?a b?></message>',
      `found "<message><?a b?></message>", ${allowed}; a processing instruction is not allowed`,
    ],
    ["<?xml version='1.0'?><iq/>", `found "<?xml version='1.0'?><iq/>", ${allowed}; an XML declaration is not allowed`],
    ['<message>&e;</message>', `found "<message>&e;</message>", ${allowed}; undefined entity.`],
  ])('is refused: %j', (json, said) => expect(refused(json)).toBe(said))

  const nested = (levels: number): string => `${'<iq>'.repeat(levels)}${'</iq>'.repeat(levels)}`

  test('is refused where it is nested too deeply', () => {
    expect(decoded(nested(500)).element.name).toBe('iq')
    expect(refused(nested(501))).toMatch(/; elements are nested more than 500 levels deep$/)
    expect(refused(nested(100_000))).toMatch(/; elements are nested more than 500 levels deep$/)
  })

  test('is refused in one bounded line, whatever it is', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: fc.constantFrom('<', '>', '/', 'iq', ' ', '"', 'a', '=', '&', '!--', '\u2028') }),
        ),
        any => {
          expect(refused(any).length).toBeLessThan(400)
        },
      ),
    ))
})

const parsed = (xml: string): Element => {
  const result = parseElement(xml)
  if (Either.isLeft(result)) throw new Error(`${xml}: ${result.left}`)
  return result.right
}

describe('a redacted stanza', () => {
  test('has the facts and the size of the original, and none of its secrets', () =>
    fc.assert(
      fc.property(stanza, any => {
        const xml = toXml(any)
        const redacted = redactedStanzaXml.encode(Stanza.fromElement(any))
        if (typeof redacted !== 'string') throw new Error('no text')
        expect(facts(redacted)).toStrictEqual(facts(xml))
        expect(bytes(redacted)).toBe(bytes(xml))
        expect(redacted).not.toMatch(secrets)
        expect(redact(redacted)).toBe(redacted)
        expect(Either.isRight(redactedStanzaXml.decode(redacted))).toBe(true)
      }),
      { numRuns: 500 },
    ))

  test('is made of the same elements and attributes', () => {
    const names = (any: Element): unknown => [any.name, Object.keys(any.attrs), any.getChildElements().map(names)]
    fc.assert(fc.property(stanza, any => void expect(names(parsed(redact(toXml(any))))).toEqual(names(any))))
  })

  test('can be delayed like the original', () =>
    fc.assert(
      fc.property(stanza, any => {
        const xml = toXml(any)
        const delayed = (text: string): string => withDelay(Stanza.fromXml(text), facts(xml), 'example.org', 0).xml
        expect(facts(delayed(redact(xml)))).toStrictEqual(facts(delayed(xml)))
      }),
    ))

  test.each<[xml: string, redacted: string]>([
    [
      '<message xmlns:s="urn:s" to="juliet@example.org/balcony" id="m1" type="chat" xml:lang="en"><body>Hark! \u20ac &amp; \u{1f600}</body><s:x s:id="5" at=""/></message>',
      '<message xmlns:s="urn:s" to="juliet@example.org/balcony" id="m1" type="chat" xml:lang="en"><body>xxxxxxxxxxxxxxxxxxxx</body><s:x s:id="x" at=""/></message>',
    ],
    [
      "<iq type='get'><query  xmlns = 'jabber:iq:roster'\n ver='a>b\"c' ></query></iq>",
      "<iq type='get'><query  xmlns = 'jabber:iq:roster'\n ver='xxxxx' ></query></iq>",
    ],
    ['<message>a<![CDATA[<b c="d">]] >]]>e="f"</message>', '<message>x<![CDATA[xxxxxxxxxxxxx]]>xxxxx</message>'],
    [
      '<presence><show>away</show><priority>5</priority></presence>',
      '<presence><show>xxxx</show><priority>x</priority></presence>',
    ],
    ['<message>a > b = "c"</message>', '<message>xxxxxxxxxxx</message>'],
  ])('%s', (xml, redacted) => {
    expect(redact(xml)).toBe(redacted)
    expect(facts(redacted)).toEqual(facts(xml))
  })

  test('may have names of any length', () => {
    const long = 'a'.repeat(500_000)
    expect(redact(`<iq><${long} b='c'/></iq>`)).toBe(`<iq><${long} b='x'/></iq>`)
  })

  test.each<[text: string, redacted: string]>([
    ['', ''],
    ['secret', 'xxxxxx'],
    ['<!-- <secret> -->', 'xxxxx<secret>xxxx'],
    ['<?secret?>', 'xxxxxxxxxx'],
    ['<a b="secret', 'xxxxxxxxxxxx'],
    ['< secret', 'xxxxxxxx'],
  ])('shows tags at most where the text is no element: %j', (text, redacted) => expect(redact(text)).toBe(redacted))
})
