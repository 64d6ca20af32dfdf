import { element, forwarding, outlineOf, Stanza, toXml, utf8Bytes } from '@smacks/codec'
import { expect, test } from 'vitest'

const envelope = { from: 'romeo@a.example', to: 'romeo@a.example/desk', reason: { name: 'sent', xmlns: 'urn:x' } }
const inside = (message: string): string =>
  `<sent xmlns="urn:x"><forwarded xmlns="urn:xmpp:forward:0">${message}</forwarded></sent></message>`

test.each([
  ['text', () => Stanza.fromXml('<message to="b"><body>\u00fc</body></message>')],
  ['bytes', () => Stanza.fromBytes(utf8Bytes('<message to="b"><body>\u00fc</body></message>'))],
  ['an element', () => Stanza.fromElement(element('message', { to: 'b' }, element('body', {}, '\u00fc')))],
])('a stanza is forwarded as it was written, and stays in its form: %s', (_, make) => {
  const stanza = make()
  const { isParsed } = stanza
  const forwarded = forwarding(stanza, { ...envelope, type: 'chat' })
  expect(stanza.isParsed).toBe(isParsed)
  expect(forwarded.isParsed).toBe(false)
  expect(forwarded.xml).toBe(
    `<message from="romeo@a.example" to="romeo@a.example/desk" type="chat">${inside('<message xmlns="jabber:client" to="b"><body>\u00fc</body></message>')}`,
  )
})

test('what is sent is not parsed for it, and the outline of the whole is right', () => {
  const sent = Stanza.fromXml('<message to="b"/>').sent('a@b')
  const forwarded = forwarding(sent, { ...envelope, type: undefined })
  expect(sent.isParsed).toBe(false)
  const { outline } = forwarded
  expect(toXml(forwarded.element)).toBe(forwarded.xml)
  expect(outline).toEqual(outlineOf(Stanza.fromXml(forwarded.xml).element))
})
