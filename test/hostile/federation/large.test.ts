/** What a server may send before it has shown who it is: little, and a header that declares little. Afterwards more. */
import { describe, expect, test } from 'vitest'
import { bodyOf, child } from '../../support/xml.js'
import { onGround } from './ground.js'
import { honest, keyOf } from './keys.js'
import { nsSasl, outcome, type Peer } from './peer.js'

describe('a server that nobody knows yet', () => {
  const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

  const refused = async (peer: Peer, attributes: Readonly<Record<string, string>>, text: string) => {
    peer.restart()
    peer.sendRaw(peer.header(attributes))
    await peer.opened()
    expect(child(await peer.expectStreamError('policy-violation'), 'text')?.text).toContain(text)
  }

  test.each([
    ['a language of 250 kB', { 'xml:lang': 'x'.repeat(250_000) }, 'the stream header is too long'],
    ['a namespace of 250 kB', { 'xmlns:x': 'x'.repeat(250_000) }, 'the stream header is too long'],
    ['a language of 200', { 'xml:lang': 'x'.repeat(200) }, 'has 200 characters, allowed: 100 characters'],
  ])('is refused with %s, in the clear and inside TLS', async (_, attributes, text) => {
    await refused(await ground().peer(ground().stranger()), attributes, text)
    const peer = await ground().peer(ground().stranger())
    await peer.open()
    await peer.startTls()
    await refused(peer, attributes, text)
  })

  test.each([
    ['a dialback key', `<db:result from='x' to='y'>${'x'.repeat(20_000)}</db:result>`],
    ['an authentication', `<auth xmlns='${nsSasl}' mechanism='EXTERNAL'>${'A'.repeat(20_000)}</auth>`],
    ['a stanza', `<message><body>${'A'.repeat(20_000)}</body></message>`],
  ])('is refused with %s of 20 kB', async (_, element) => {
    const peer = await ground().peer(ground().stranger())
    await peer.encrypted()
    peer.sendRaw(element)
    await peer.expectStreamError('policy-violation')
  })

  test('may send large stanzas once it has shown who it is, on the same stream', async () => {
    const peer = await honest(ground())
    expect(outcome(await peer.dialBack(keyOf(peer.streamId)))).toBe('valid')
    const body = 'x'.repeat(400_000)
    peer.sendRaw(`<message from='a@${peer.from}' to='${ground().witness.jid}'><body>${body}</body></message>`)
    expect(bodyOf(await ground().witness.expect('message'))).toBe(body)
  })
})
