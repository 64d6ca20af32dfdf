/** What counts, and what does not (XEP-0198 §§1, 4). */
import { expect } from 'vitest'
import type { House } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { child } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

/** A session that has counted nothing yet. */
const fresh = async (house: House): Promise<XmppClient> => {
  const client = await house.bound(house.person())
  await client.enable()
  return client
}

/** The server's `h` after all that was sent, whatever it answered. */
const handledBy = async (client: XmppClient): Promise<number> => {
  client.send(`<r xmlns='${nsSm3}'/>`)
  return Number((await client.until('a')).attrs.h)
}

const counted: ReadonlyArray<readonly [string, string, string]> = [
  ['XEP-0198 §4', 'a message', "<message to='user1@localhost' type='chat'><body>x</body></message>"],
  ['XEP-0198 §4', 'a presence', '<presence/>'],
  ['XEP-0198 §4', 'an iq', "<iq type='get' id='v'><query xmlns='jabber:iq:roster'/></iq>"],
  ['edge 18', 'an iq that answers nothing', "<iq type='result' id='unasked' to='localhost'/>"],
  ['smacks', 'an iq that is refused', "<iq type='get' id='u'><query xmlns='urn:example:unknown'/></iq>"],
  ['smacks', 'a message that nobody can take', "<message to='nobody-at-all@localhost'><body>x</body></message>"],
  [
    'smacks',
    'a stanza to a domain that is not here',
    "<iq type='get' id='d' to='elsewhere.invalid'><ping xmlns='urn:xmpp:ping'/></iq>",
  ],
  ['edge 22', 'a stanza to a JID that is none', "<message to='@@' type='chat'><body>x</body></message>"],
  ['edge 24', 'a message of type error', "<message to='user1@localhost' type='error'/>"],
  ['edge 25', 'a message to oneself', "<message type='chat'><body>x</body></message>"],
  ['edge 25', 'a message to the server', "<message to='localhost' type='chat'><body>x</body></message>"],
  [
    'clients 7',
    'a session iq after <enable/>',
    "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
  ],
  ['RFC 6120 8.2.3', 'an iq of no known type', "<iq type='ask' id='t'><query xmlns='jabber:iq:roster'/></iq>"],
  ['edge 18', 'an empty message', '<message/>'],
]

const uncounted: ReadonlyArray<readonly [string, string, string]> = [
  ['XEP-0198 §1', 'an <r/>', `<r xmlns='${nsSm3}'/>`],
  ['XEP-0198 §1', 'an <a/>', `<a xmlns='${nsSm3}' h='0'/>`],
  ['edge 19', 'whitespace', ' \n \t '],
  ['edge 18', 'a client state', "<inactive xmlns='urn:xmpp:csi:0'/><active xmlns='urn:xmpp:csi:0'/>"],
]

rules('counting', {}, rule => {
  for (const [source, what, xml] of counted)
    rule(source, `${what} counts once`, async house => {
      const client = await fresh(house)
      client.send(xml)
      expect(await handledBy(client)).toBe(1)
    })

  for (const [source, what, xml] of uncounted)
    rule(source, `${what} does not count`, async house => {
      const client = await fresh(house)
      client.sendRaw(xml)
      client.send('<presence/>')
      let h = await handledBy(client)
      if (xml.includes('<r ')) h = Number((await client.until('a')).attrs.h)
      expect(h).toBe(1)
    })

  rule('edge 20', 'neither the bind iq nor a session iq before <enable/> counts', async house => {
    const client = await house.bound(house.person())
    await client.ask("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
    await client.enable()
    expect(await client.acked()).toBe(0)
  })

  rule('XEP-0198 §4', 'a thousand stanzas in one write are a thousand', async house => {
    const client = await fresh(house)
    const reader = await house.online(house.person())
    client.send(
      Array.from(
        { length: 1_000 },
        (_, n) => `<message to='${reader.jid}' type='chat'><body>${n}</body></message>`,
      ).join(''),
    )
    expect(await handledBy(client)).toBe(1_000)
  })

  rule('edge 28', 'a stanza with a prefix is counted, or ends the stream with bad-namespace-prefix', async house => {
    const client = await fresh(house)
    client.send(`<c:presence xmlns:c='jabber:client'/><r xmlns='${nsSm3}'/>`)
    const counted = await client.until(it => it.name === 'a' || it.name === 'error')
    if (counted.attrs.h === '1') return
    // Before the error comes what was counted.
    const error = counted.name === 'error' ? counted : await client.expect('error')
    expect(child(error, 'bad-namespace-prefix')).toBeDefined()
  })

  rule('edge 24', 'what the server answers is counted by the client: an <a/> for it is accepted', async house => {
    const client = await fresh(house)
    await client.ask("<iq type='get' id='u'><query xmlns='urn:example:unknown'/></iq>")
    client.ack(1)
    await client.expectNothing()
  })

  rule('edge 26', 'roster pushes are counted: they come again after a cut', async house => {
    const client = await fresh(house)
    await client.ask("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>")
    await client.untilFence()
    const h = client.handled
    client.send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost'/></query></iq>")
    await client.until(it => it.attrs.type === 'set', 'a roster push')
    await client.untilFence()
    client.reset()
    const again = await house.resumed(client, h)
    const came = await again.untilFence()
    expect(came.filter(it => it.name === 'iq' && it.attrs.type === 'set')).toHaveLength(1)
  })

  rule('edge 25', 'h is the count of all stanzas sent, whatever became of them', async house => {
    const client = await fresh(house)
    for (const [, , xml] of counted) client.send(xml)
    expect(await handledBy(client)).toBe(counted.length)
  })

  rule('XEP-0198 §5', 'both counts go on after a resumption', async house => {
    const client = await fresh(house)
    for (let n = 0; n < 5; n += 1) client.send('<presence/>')
    await client.untilFence()
    client.reset()
    const again = await house.resumed(client)
    for (let n = 0; n < 3; n += 1) again.send('<presence/>')
    await again.untilFence()
    expect(await again.acked()).toBe(again.sent)
    expect(again.sent).toBe(10)
    again.ack()
    await again.expectNothing()
  })
})
