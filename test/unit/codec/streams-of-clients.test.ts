/**
 * What real clients usually send needs no parser. The streams were recorded on the server's side of TLS, from the header of the
 * bound stream on, without the login: each client in its version of Debian 12 or npm, told to say four messages.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { header, readAll } from './reading.js'
import { parsed, scanned } from './scanning.js'

const folder = join(import.meta.dirname, 'streams-of-clients')
const recorded = readdirSync(folder).map((file): [string, string] => [
  file.replace('.xml', ''),
  readFileSync(join(folder, file), 'utf8'),
])

const id = '6f9619ff-8b86-d011-b42d-00c04fc964ff'

/** What comes from other applications, as they write it. */
const written: ReadonlyArray<[string, string]> = [
  [
    'a message with a receipt, a marker and an origin-id',
    `<message xmlns="jabber:client" to="romeo@montague.example" id="${id}" type="chat"><body>Grüße, 😀 &amp; &lt;3</body><active xmlns="http://jabber.org/protocol/chatstates"/><request xmlns="urn:xmpp:receipts"/><markable xmlns="urn:xmpp:chat-markers:0"/><origin-id xmlns="urn:xmpp:sid:0" id="${id}"/></message>`,
  ],
  [
    'an encrypted message',
    `<message id='${id}' to='romeo@montague.example' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='27183'><key rid='31415' prekey='true'>MwohBfRJ+4d5/w==</key><key rid='12321'>MwohBfRJ+4d5/w==</key><iv>bmFjbA==</iv></header><payload>c2FsdA==</payload></encrypted><store xmlns='urn:xmpp:hints'/><encryption xmlns='urn:xmpp:eme:0' name='OMEMO' namespace='eu.siacs.conversations.axolotl'/><body>You received a message encrypted with OMEMO but your client doesn't support it.</body></message>`,
  ],
  [
    'a chat state alone',
    `<message type="chat" to="romeo@montague.example/orchard" id="${id}"><composing xmlns="http://jabber.org/protocol/chatstates"/><no-store xmlns="urn:xmpp:hints"/></message>`,
  ],
  [
    'a receipt and a marker',
    `<message to='romeo@montague.example/orchard' type='chat'><received xmlns='urn:xmpp:receipts' id='${id}'/><displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/></message>`,
  ],
  [
    'a presence with capabilities and an avatar',
    `<presence id='${id}'><show>away</show><status>Zurück um 5 &gt; 4</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://conversations.im' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/><x xmlns='vcard-temp:x:update'><photo>3c0d</photo></x></presence>`,
  ],
  [
    'a presence for a room',
    `<presence to='capulet@rooms.example/juliet'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='20'/></x></presence>`,
  ],
  [
    'a ping, and its result',
    `<iq type='get' id='${id}' to='montague.example'><ping xmlns='urn:xmpp:ping'/></iq><iq type='result' id='${id}' to='montague.example'/>`,
  ],
  [
    'a query of the archive',
    `<iq type='set' id='${id}'><query xmlns='urn:xmpp:mam:2' queryid='f27'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>10</max></set></query></iq>`,
  ],
]

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Stanzas, `<r/>` and `<a/>` of a stream, and how many of them needed the parser. */
const counted = (stream: string): { readonly all: number; readonly parsed: number } => {
  const one = scanned([bytesOf(stream)])
  expect(one.told).toEqual(parsed([bytesOf(stream)]).told)
  const all = readAll(stream).filter(told => typeof told === 'object' && 'element' in told && isUsual(told.element))
  return { all: all.length, parsed: all.length - one.scanned }
}

const isUsual = (xml: string): boolean => /^<(?:message|presence|iq|[ar])[\s/>]/.test(xml)

describe('no stanza of a client needs the parser', () => {
  test.each(recorded)('%s', (_, stream) => {
    const { all, parsed } = counted(stream)
    expect(all).toBeGreaterThan(5)
    expect(parsed).toBe(0)
  })

  test.each(written)('%s', (_, stanzas) => expect(counted(header + stanzas).parsed).toBe(0))
})
