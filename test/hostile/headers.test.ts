/**
 * What a stream header may cost (RFC 6120 §4.7): it is refused where it holds too much, before authentication and after,
 * and what stanzas take over from it is little. Until somebody is authenticated, nothing they send may be large.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { bodyOf, child } from '../support/xml.js'
import { base64, type XmppClient } from '../support/xmpp-client.js'

const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const nsSasl2 = 'urn:xmpp:sasl:2'

/** Attributes of a header, the limit that they are beyond, and what is said of it. */
const tooMuch: ReadonlyArray<readonly [what: string, attributes: Readonly<Record<string, string>>, text: string]> = [
  ['a language of 250 kB', { 'xml:lang': 'x'.repeat(250_000) }, 'the stream header is too long, allowed: 10000 bytes'],
  ['an unused namespace of 250 kB', { 'xmlns:x': 'x'.repeat(250_000) }, 'the stream header is too long'],
  ['a language of 5 kB', { 'xml:lang': 'x'.repeat(5_000) }, "the attribute 'xml:lang' of the stream header has 5000"],
  ['a namespace of 5 kB', { 'xmlns:x': 'x'.repeat(5_000) }, 'declares a prefix with 5001 characters, allowed: 256'],
  ['an id of 5 kB', { id: 'x'.repeat(5_000) }, "the attribute 'id' of the stream header has 5000 characters"],
  [
    'forty prefixes',
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`xmlns:x${index}`, 'urn:x'])),
    'the stream header declares 41 prefixes, allowed: 16 prefixes',
  ],
]

describe('a stream header', () => {
  const users: TestUser[] = [...makeUsers(40)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  const refused = async (client: XmppClient, attributes: Readonly<Record<string, string>>, text: string) => {
    client.restart()
    client.sendRaw(client.header(attributes))
    await client.opened()
    const error = await client.expectStreamError('policy-violation')
    expect(child(error, 'text')?.text).toContain(text)
  }

  test.each(tooMuch)('with %s is refused, whoever sends it', async (_, attributes, text) => {
    await refused(await house.connect(), attributes, text)
    const encrypted = await house.connect()
    await encrypted.open()
    await encrypted.startTls()
    await refused(encrypted, attributes, text)
    const known = await house.encrypted()
    const answer = await known.sasl(house.person(), 'PLAIN')
    expect(answer.name).toBe('success')
    await refused(known, attributes, text)
  })

  test('adds little to each stanza, whatever it says', async () => {
    const reader = await house.online(house.person())
    const sender = await house.encrypted()
    await sender.sasl(house.person(), 'PLAIN')
    const prefixes = Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`xmlns:x${n}`, `urn:${'x'.repeat(240)}`]))
    await sender.open({ 'xml:lang': 'x'.repeat(100), ...prefixes })
    await sender.bind('desk')
    sender.send(`<message to='${reader.jid}'><body>x</body></message>`)
    const message = await reader.expect('message')
    expect(Object.keys(message.attrs).filter(name => name.startsWith('xmlns:'))).toEqual([])
    expect(reader.chunks.at(-1)?.length).toBeLessThan(400)
  })

  test('counts against the limit of a stanza, in what the stanza takes over', async () => {
    const reader = await house.online(house.person())
    const sender = await house.encrypted()
    await sender.sasl(house.person(), 'PLAIN')
    await sender.open({ 'xml:lang': 'x'.repeat(100) })
    await sender.bind('desk')
    const around = `<message to='${reader.jid}' id='big'><body></body></message>`.length
    const filled = (bytes: number) =>
      `<message to='${reader.jid}' id='big'><body>${'x'.repeat(bytes - around)}</body></message>`
    sender.send(filled(262_144))
    const error = await sender.expect('message')
    expect(error.attrs).toMatchObject({ type: 'error', id: 'big' })
    expect(child(child(error, 'error'), 'text')?.text).toContain('an element has 262256 bytes')
    sender.send(filled(262_144 - 112))
    expect((await reader.expect('message')).attrs.id).toBe('big')
  })

  test('or not, a stanza that is longer when it is written goes nowhere', async () => {
    const reader = await house.online(house.person())
    const sender = await house.managed(house.person())
    sender.send(`<message to='${reader.jid}' id='big' x='${'"'.repeat(100_000)}'><body>x</body></message>`)
    sender.message(reader.jid, 'behind')
    expect((await sender.expect('message')).attrs).toMatchObject({ type: 'error', id: 'big' })
    expect(bodyOf(await reader.expect('message'))).toBe('behind')
  })
})

describe('before authentication', () => {
  const users: TestUser[] = [...makeUsers(20)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users, limits: { unauthenticated_stanza_size: '5 kB' } })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  test.each([
    ['of 20 kB', `<auth xmlns='${nsSasl}' mechanism='PLAIN'>${'A'.repeat(20_000)}</auth>`],
    ['that never ends', `<auth xmlns='${nsSasl}' mechanism='${'A'.repeat(20_000)}`],
    ['of many elements', `<auth xmlns='${nsSasl}' mechanism='PLAIN'>${'<a/>'.repeat(300)}</auth>`],
    ['nested deeply', `<auth xmlns='${nsSasl}' mechanism='PLAIN'>${'<a>'.repeat(20)}${'</a>'.repeat(20)}</auth>`],
    ['that is a stanza of 20 kB', `<message><body>${'A'.repeat(20_000)}</body></message>`],
  ])('an element %s ends the stream', async (_, element) => {
    for (const stranger of [await house.connect(), await house.encrypted()]) {
      if (stranger.chunks.length === 0) await stranger.open()
      stranger.sendRaw(element)
      await stranger.expectStreamError('policy-violation')
    }
  })

  test('a header is limited by the setting', async () => {
    const stranger = await house.connect()
    stranger.sendRaw(stranger.header({ a: 'x'.repeat(5_000) }))
    await stranger.opened()
    await stranger.expectStreamError('policy-violation')
  })

  test('all is small, and afterwards stanzas may be large, with and without a new stream', async () => {
    const reader = await house.online(house.person())
    const body = 'x'.repeat(200_000)
    const large = `<message to='${reader.jid}'><body>${body}</body></message>`
    const first = await house.bound(house.person())
    first.send(large)
    expect(bodyOf(await reader.expect('message'))).toBe(body)

    const person = house.person()
    const second = await house.encrypted()
    const plain = base64(`\0${person.username}\0${person.password}`)
    second.sendRaw(
      `<authenticate xmlns='${nsSasl2}' mechanism='PLAIN'><initial-response>${plain}</initial-response>` +
        `<bind xmlns='urn:xmpp:bind:0'><tag>test</tag></bind></authenticate>`,
    )
    await second.expect('success')
    await second.expect('features')
    second.sendRaw(large)
    expect(bodyOf(await reader.expect('message'))).toBe(body)
  })
})
