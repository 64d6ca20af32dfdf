/** Clean closes, and all the other ends of a line (XEP-0198 §7). */
import { expect } from 'vitest'
import type { House } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)

/** Somebody, and a contact who sees them. */
const seen = async (house: House, connect: (house: House) => (typeof house)['managed']) => {
  const [one, other] = [house.person(), house.person()]
  await house.befriend(one, other)
  const friend = await house.online(other)
  const client = await connect(house)(one)
  await friend.until(it => it.name === 'presence' && it.attrs.from === client.jid)
  return { client, friend }
}

const unclean: ReadonlyArray<readonly [string, (client: XmppClient) => Promise<void>]> = [
  ['RST', async client => client.reset()],
  ['FIN without </stream:stream>', client => client.finish()],
  ['an end in the middle of a stanza', client => client.cutIn("<message to='user1@localhost'><body>hal")],
  ['an end in the middle of a tag', client => client.cutIn('<presence ty')],
  ['an end in the middle of a character', client => client.cutIn(Uint8Array.of(0x3c, 0x61, 0x3e, 0xe2, 0x82))],
]

rules('closing', {}, rule => {
  rule('XEP-0198 §7', '</stream:stream> is answered by </stream:stream>', async house => {
    const client = await house.managed(house.person())
    await client.close()
  })

  rule(
    'XEP-0198 §7',
    'contacts see the user unavailable at once after a clean close',
    async house => {
      const { client, friend } = await seen(house, it => it.managed)
      await client.close()
      const presence = await friend.expect('presence')
      expect(presence.attrs).toMatchObject({ type: 'unavailable', from: client.jid })
    },
    { differs: { prosody: 'answers unacked presence with an error' } },
  )

  rule('edge 63', 'a session that was closed cleanly cannot be resumed', async house => {
    const client = await house.managed(house.person())
    await client.close()
    const again = await house.returning(client)
    again.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='0'/>`)
    expect(child(await again.expect('failed'), 'item-not-found')).toBeDefined()
    await again.bind()
  })

  for (const [what, cut] of unclean)
    rule(
      'smacks',
      `${what} is a lost line: the session hibernates and is resumed`,
      async house => {
        const client = await house.managed(house.person())
        const sender = await house.online(house.person())
        await cut(client)
        sender.message(client.jid, 'meanwhile')
        await sender.untilFence()
        const again = await house.returning(client)
        expect((await again.resume(client)).attrs.h).toBe(String(client.sent))
        expect(bodies(await again.untilFence())).toEqual(['meanwhile'])
      },
      what.includes('middle')
        ? { spares: { prosody: 'the half stanza upsets the resumed stream', ejabberd: 'by chance' } }
        : {},
    )

  rule('XEP-0198 §7', 'contacts see nothing of a FIN without </stream:stream>', async house => {
    const { client, friend } = await seen(house, it => it.managed)
    await client.finish()
    await friend.expectNothing()
  })

  rule('RFC 6121 4.5', 'without stream management the end of the line makes the user unavailable', async house => {
    const { client, friend } = await seen(house, it => it.online)
    client.reset()
    expect((await friend.expect('presence')).attrs).toMatchObject({ type: 'unavailable', from: client.jid })
  })

  rule(
    'clients 10',
    'without resumption the end of the line makes the user unavailable',
    async house => {
      const { client, friend } = await seen(house, it => (who, resource) => it.managed(who, resource, ''))
      client.reset()
      expect((await friend.expect('presence')).attrs).toMatchObject({ type: 'unavailable', from: client.jid })
    },
    { differs: { prosody: 'answers unacked presence with an error' } },
  )

  rule(
    'clients 10',
    'without resumption, what was not acked is delivered at the next login',
    async house => {
      const who = house.person()
      const client = await house.managed(who, 'desk', '')
      const sender = await house.online(house.person())
      const h = client.handled
      for (const body of ['1', '2', '3']) sender.message(client.jid, body)
      await client.expectMany('message', 3)
      client.ack(h + 1)
      await client.expectNothing()
      client.reset()
      await new Promise(resolve => setTimeout(resolve, 200))
      const later = await house.bound(who)
      later.send('<presence/>')
      expect(bodies(await later.untilFence())).toEqual(['2', '3'])
    },
    { spares: { ejabberd: 'stores in its own time' } },
  )

  rule(
    'edge 64',
    'a session that ended over bad XML is not resumed, and its queue is not lost',
    async house => {
      const who = house.person()
      const client = await house.managed(who)
      const sender = await house.online(house.person())
      sender.message(client.jid, 'precious')
      await client.expect('message')
      client.sendRaw('<message></presence>')
      await client.expectStreamError('not-well-formed', 'bad-format', 'invalid-xml')
      const later = await house.authenticated(who)
      later.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled - 1}'/>`)
      const answer = await later.element()
      if (answer.name === 'failed') {
        await later.bind()
        later.send('<presence/>')
      }
      expect(bodies(await later.untilFence())).toEqual(['precious'])
    },
    { spares: { ejabberd: 'stores in its own time' } },
  )

  rule('RFC 6120 4.4', 'stanzas before </stream:stream> in the same write are processed', async house => {
    const client = await house.managed(house.person())
    const reader = await house.online(house.person())
    client.sendRaw(`<message to='${reader.jid}' type='chat'><body>last words</body></message></stream:stream>`)
    expect(bodyOf(await reader.expect('message'))).toBe('last words')
    await client.expectLost()
  })

  rule(
    'RFC 6121 4.5.2',
    'an unavailable presence keeps the session: it is managed and resumed like any',
    async house => {
      const client = await house.managed(house.person())
      client.send("<presence type='unavailable'/>")
      await client.untilFence()
      client.reset()
      const again = await house.resumed(client)
      await again.expectNothing()
    },
  )
})
