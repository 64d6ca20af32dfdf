import {
  Element,
  element,
  escapeAttribute,
  escapeText,
  isStanza,
  isStanzaName,
  parseElement,
  Stanza,
  stanzaError,
  stanzaFacts,
  toXml,
  withAttributes,
  withDelay,
} from '@smacks/codec'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const parsed = (xml: string): Element => {
  const result = parseElement(xml)
  if (Either.isLeft(result)) throw new Error(`${xml}: ${result.left}`)
  return result.right
}

/** Text that XML can carry. */
const text = fc
  .string({ unit: 'binary', minLength: 1 })
  .map(any => any.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?'))
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/).filter(any => any !== 'xmlns')
const tree = fc.letrec<{ element: Element }>(tie => ({
  element: fc
    .tuple(
      name,
      fc.dictionary(name, text, { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.oneof({ maxDepth: 3 }, text, tie('element')), { maxLength: 4 }),
    )
    .map(([called, attrs, children]) => {
      // Two texts side by side are one when read.
      const apart = children.filter((child, i) => child instanceof Element || !(typeof children[i - 1] === 'string'))
      return element(called, attrs, ...apart)
    }),
})).element

describe('an element as text', () => {
  test('is the same element when read', () =>
    fc.assert(
      fc.property(tree, any => {
        const xml = toXml(any)
        expect(toXml(parsed(xml))).toBe(xml)
        expect(parsed(xml)).toEqual(any)
      }),
    ))

  test('leaves out what is undefined', () => {
    const made = element('a', { b: undefined, c: '' }, 'x', element('d'))
    expect(toXml(made)).toBe('<a c="">x<d/></a>')
    made.attrs.c = undefined
    expect(toXml(made)).toBe('<a>x<d/></a>')
  })

  test('escapes what would be markup, or would be lost', () => {
    expect(escapeText(`<a href="x">&'\r\n\t</a>`)).toBe(`&lt;a href="x"&gt;&amp;'&#13;\n\t&lt;/a&gt;`)
    expect(escapeAttribute(`<a href="x">&'\r\n\t`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&apos;&#13;&#10;&#9;')
  })

  test.each([
    ['', 'document must contain a root element.'],
    ['<a>', 'unclosed tag: a'],
    ['<a/><b/>', 'documents may contain only one root.'],
    ['<a>&foo;</a>', 'undefined entity.'],
  ])('that is not one element is refused: %j', (xml, problem) =>
    expect(parseElement(xml)).toEqual(Either.left(problem)),
  )

  test('may hold sections', () => expect(parsed('<a>x<![CDATA[<]]>y</a>').children).toEqual(['x<y']))
})

describe('a stanza', () => {
  test('made from an element is written once', () => {
    const stanza = Stanza.fromElement(element('message', { to: 'b' }, 'x'))
    expect(stanza.xml).toBe('<message to="b">x</message>')
    stanza.element.attrs.to = 'c'
    expect(stanza.xml).toBe('<message to="b">x</message>')
  })

  test('made from text is parsed once', () => {
    const stanza = Stanza.fromXml('<message to="b"/>')
    expect(stanza.element.attrs).toEqual({ to: 'b' })
    expect(stanza.element).toBe(stanza.element)
    expect(stanza.xml).toBe('<message to="b"/>')
  })

  test('made from text that is no element says so when it is looked at', () =>
    expect(() => Stanza.fromXml('<message').element).toThrow('stanza text is not one XML element'))

  test.each([
    ['message', true],
    ['presence', true],
    ['iq', true],
    ['r', false],
    ['messages', false],
  ])('has one of three names: %s %s', (called, expected) => {
    expect(isStanzaName(called)).toBe(expected)
    expect(isStanza(element(called))).toBe(expected)
  })

  test('is of no other namespace', () => expect(isStanza(element('message', { xmlns: 'urn:other' }))).toBe(false))

  test('with other attributes is a copy that shares its children', () => {
    const original = element('message', { to: 'b', id: '1', type: 'chat' }, element('body', {}, 'x'))
    const copy = withAttributes(original, { from: 'a', id: undefined, type: 'normal', gone: undefined })
    expect(toXml(copy)).toBe('<message to="b" type="normal" from="a"><body>x</body></message>')
    expect(toXml(original)).toBe('<message to="b" id="1" type="chat"><body>x</body></message>')
    expect(copy.children).toBe(original.children)
  })
})

describe('an error reply', () => {
  const stanza = element('iq', { from: 'a@b/c', to: 'd', id: '1', type: 'get' }, element('query', { xmlns: 'q' }))

  test('goes back with the same id and the condition', () =>
    expect(toXml(stanzaError(stanza, 'cancel', 'service-unavailable'))).toBe(
      '<iq from="d" to="a@b/c" id="1" type="error"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>',
    ))

  test('may say who and why', () =>
    expect(toXml(stanzaError(stanza, 'wait', 'resource-constraint', { by: 'd', text: 'too much' }))).toBe(
      '<iq from="d" to="a@b/c" id="1" type="error"><error type="wait" by="d"><resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">too much</text></error></iq>',
    ))

  test('to a stanza without addresses has none', () =>
    expect(toXml(stanzaError(element('message'), 'modify', 'bad-request'))).toMatch(/^<message type="error">/))
})

describe('the facts of a stanza', () => {
  test.each([
    ['<message/>', 'normal'],
    ["<message type=''/>", 'normal'],
    ["<message type='CHAT'/>", 'normal'],
    ["<message type='unknown'/>", 'normal'],
    ["<message type='normal'/>", 'normal'],
    ["<message type='chat'/>", 'chat'],
    ["<message type='groupchat'/>", 'groupchat'],
    ["<message type='headline'/>", 'headline'],
    ["<message type='error'/>", 'error'],
    ['<presence/>', 'available'],
    ["<presence type='unavailable'/>", 'unavailable'],
    ["<iq type='get'/>", 'get'],
    ["<iq type='wrong'/>", 'wrong'],
    ['<iq/>', ''],
  ])('%s is of type %s', (xml, type) => expect(stanzaFacts(parsed(xml)).type).toBe(type))

  test('are its name, id and addresses, and no more if there is no more', () => {
    expect(stanzaFacts(parsed("<message id='1' from='a' to='b'>text<body/></message>"))).toEqual({
      name: 'message',
      type: 'normal',
      id: '1',
      from: 'a',
      to: 'b',
    })
    expect(stanzaFacts(parsed('<presence/>'))).toEqual({ name: 'presence', type: 'available' })
  })

  const forwarded = "<forwarded xmlns='urn:xmpp:forward:0'/>"
  test.each([
    ["<delay xmlns='urn:xmpp:delay'/>", { delayed: true }],
    ["<d:delay xmlns:d='urn:xmpp:delay'/>", { delayed: true }],
    ["<other xmlns='urn:xmpp:delay'/>", {}],
    ["<delay xmlns='urn:other'/>", {}],
    ["<x xmlns='urn:x'><delay xmlns='urn:xmpp:delay'/></x>", {}],
    [`<sent xmlns='urn:xmpp:carbons:2'>${forwarded}</sent>`, { copy: true }],
    [`<received xmlns='urn:xmpp:carbons:2'>${forwarded}</received>`, { copy: true }],
    ["<received xmlns='urn:xmpp:carbons:2'/>", {}],
    [`<other xmlns='urn:xmpp:carbons:2'>${forwarded}</other>`, {}],
    ["<private xmlns='urn:xmpp:carbons:2'/>", {}],
    ["<received xmlns='urn:xmpp:receipts'/>", {}],
    ["<result xmlns='urn:xmpp:mam:2'/>", { copy: true }],
    ["<fin xmlns='urn:xmpp:mam:2'/>", {}],
    ["<stanza-id xmlns='urn:xmpp:sid:0' by='b@c' id='1'/>", { archived: true }],
    ["<stanza-id xmlns='urn:xmpp:sid:0' by='b@c/d' id='1'/>", {}],
    ["<stanza-id xmlns='urn:xmpp:sid:0' by='room@c' id='1'/>", {}],
    ["<stanza-id xmlns='urn:xmpp:sid:0' id='1'/>", {}],
    ["<origin-id xmlns='urn:xmpp:sid:0' by='b@c' id='1'/>", {}],
    [
      `<sent xmlns='urn:xmpp:carbons:2'>${forwarded}</sent><delay xmlns='urn:xmpp:delay'/>`,
      { copy: true, delayed: true },
    ],
  ])('%s means %j', (child, expected) =>
    expect(stanzaFacts(parsed(`<message from='b@c' to='b@c/d'>${child}</message>`))).toEqual({
      name: 'message',
      type: 'normal',
      from: 'b@c',
      to: 'b@c/d',
      ...expected,
    }),
  )

  test.each(["from='b@c/e' to='b@c/d'", "from='stranger@c' to='b@c/d'", "from='b@c'", "to='b@c/d'"])(
    'say of what is wrapped like a copy, but does not come from the own account (%s), that it is none',
    addresses =>
      expect(
        stanzaFacts(
          parsed(`<message ${addresses}><received xmlns='urn:xmpp:carbons:2'>${forwarded}</received></message>`),
        ),
      ).not.toHaveProperty('copy'),
  )

  test('say of nobody that an archive holds it, if it is for nobody', () =>
    expect(stanzaFacts(parsed("<message><stanza-id xmlns='urn:xmpp:sid:0' by='b@c'/></message>"))).not.toHaveProperty(
      'archived',
    ))
})

describe('a stanza that came and counts, but goes nowhere', () => {
  const fault = { condition: 'jid-malformed', text: 'to="a@@b" is no JID' } as const

  test('says why, and still has the name and the addresses that its answer needs', () => {
    const refused = Stanza.refused(element('message', { from: 'romeo@montague.example', to: 'a@@b', id: '1' }), fault)
    expect(refused.fault).toEqual(fault)
    expect(refused.xml).toBe('<message from="romeo@montague.example" to="a@@b" id="1"/>')
  })

  test('is not what any other stanza is', () => {
    expect(Stanza.fromElement(element('message')).fault).toBeUndefined()
    expect(Stanza.fromXml('<message/>').fault).toBeUndefined()
  })
})

describe('the head of a stanza', () => {
  test('has the name and the attributes of any, read or written', () =>
    fc.assert(
      fc.property(tree, inner => {
        const attrs = { to: 'a>b/c', id: `"'<&>`, 'xml:lang': 'de' }
        for (const whole of [element('message', attrs, inner), element('iq', attrs), element('presence')])
          for (const stanza of [Stanza.fromElement(whole), Stanza.fromXml(toXml(whole))]) {
            expect(stanza.head.name).toBe(whole.name)
            expect(stanza.head.attrs).toEqual(whole.attrs)
          }
      }),
    ))

  test('is what was parsed, once it was', () => {
    const stanza = Stanza.fromXml('<message id="1"><body>x</body></message>')
    expect(stanza.head.children).toEqual([])
    const { element: parsedOnce } = stanza
    expect(stanza.head).toBe(parsedOnce)
  })
})

describe('a delay', () => {
  const stamp = Date.UTC(2026, 10, 22, 22, 9, 3, 123)
  const delay = '<delay xmlns="urn:xmpp:delay" from="localhost" stamp="2026-11-22T22:09:03.123Z"/>'
  const delayed = (xml: string): string =>
    withDelay(Stanza.fromXml(xml), stanzaFacts(parsed(xml)), 'localhost', stamp).xml

  test.each([
    ['<message><body>x</body></message>', `<message><body>x</body>${delay}</message>`],
    ['<message to="b">x</message>', `<message to="b">x${delay}</message>`],
    ['<presence/>', `<presence>${delay}</presence>`],
    ['<presence><c/></presence>', `<presence><c/>${delay}</presence>`],
  ])('goes last into %s', (xml, expected) => expect(delayed(xml)).toBe(expected))

  test.each(['<iq type="get"/>', '<message><delay xmlns="urn:xmpp:delay"/></message>'])('goes not into %s', xml =>
    expect(delayed(xml)).toBe(xml),
  )

  test('escapes who delayed it', () =>
    expect(withDelay(Stanza.fromXml('<message/>'), { name: 'message', type: 'chat' }, `\u00e4'"b`, 0).xml).toContain(
      'from="\u00e4&apos;&quot;b"',
    ))

  test('makes any message one that is delayed, with all it had', () =>
    fc.assert(
      fc.property(tree, fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (inner, when) => {
        const message = element('message', {}, inner)
        const after = parsed(
          withDelay(Stanza.fromElement(message), stanzaFacts(message), 'localhost', when.getTime()).xml,
        )
        expect(stanzaFacts(after).delayed).toBe(true)
        expect(after.getChild('delay', 'urn:xmpp:delay')?.attrs.stamp).toBe(when.toISOString())
        expect(toXml(element('message', {}, ...after.children.slice(0, -1)))).toBe(toXml(message))
      }),
    ))
})
