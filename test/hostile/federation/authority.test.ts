/** Our server as the authority of dialback (XEP-0220 §2.4): it knows the keys that it made, and nobody else's. */
import { describe, expect, test } from 'vitest'
import { child, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { offers } from './elsewhere.js'
import { alsoOurs, certificateOf, chat, expectUntrusted, onGround, ours } from './ground.js'
import { honest } from './keys.js'
import { outcome, type Peer } from './peer.js'

describe('as the authority', () => {
  const ground = onGround({ authentication: 'dialback', connect_timeout_seconds: 20 })

  /** A key that our server made for a stream to a domain, and a stream from there to ask about it. */
  const shownKey = async (): Promise<{ readonly peer: Peer; readonly id: string; readonly key: string }> => {
    const { elsewhere, house, stranger } = ground()
    const domain = stranger()
    const id = `stream ${domain}`
    const keys: Array<Xml> = []
    const certificate = await certificateOf(domain)
    const shown = new Promise<void>(resolve => {
      elsewhere.plays(domain, async line => {
        await line.welcome(domain, certificate, offers.dialback, id)
        keys.push(await line.expect('result'))
        resolve()
      })
    })
    writer ??= await house.online(house.person())
    writer.send(chat(`somebody@${domain}`, `to ${domain}`))
    await shown
    const peer = await ground().peer(domain)
    await peer.encrypted()
    return { peer, id, key: keys[0]?.text ?? '' }
  }
  let writer: XmppClient | undefined

  test('our own key is known, for the stream that it was made for', async () => {
    const { peer, id, key } = await shownKey()
    const answer = await peer.verify(id, key)
    expect(answer.attrs).toEqual({ from: ours, to: peer.from, id, type: 'valid' })
  })

  test('nothing else is known', async () => {
    const { peer, id, key } = await shownKey()
    const changed = `${key.startsWith('0') ? '1' : '0'}${key.slice(1)}`
    for (const [stream, said, to] of [
      [id, changed, ours],
      [id, key.toUpperCase(), ours],
      [id, key.slice(1), ours],
      [id, `${key}0`, ours],
      [`${id} `, key, ours],
      ['another', key, ours],
      [id, key, alsoOurs],
    ] as const)
      expect((await peer.verify(stream, said, to)).attrs).toEqual({
        from: to,
        to: peer.from,
        id: stream,
        type: 'invalid',
      })
    expect((await peer.verify(id, key)).attrs.type).toBe('valid')
  })

  test('the key for one domain is not one for another', async () => {
    const { id, key } = await shownKey()
    const other = await honest(ground())
    expect((await other.verify(id, key)).attrs.type).toBe('invalid')
  })

  test('of the keys of others nothing is known here', async () => {
    const { peer, id, key } = await shownKey()
    const answer = await peer.verify(id, key, 'not-here.example')
    expect(outcome(answer)).toBe('error item-not-found')
    expect(answer.attrs).toMatchObject({ from: 'not-here.example', to: peer.from, id })
    expect(child(answer, 'error')?.attrs.type).toBe('cancel')
  })

  test('asking is no way in', async () => {
    const { peer, id, key } = await shownKey()
    expect((await peer.verify(id, key)).attrs.type).toBe('valid')
    await expectUntrusted(ground(), peer)
  })
})
