/** When the server asks for acks (XEP-0198 §4; the options smacks_max_unacked_stanzas and its sibling). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { nsSm3 } from '../../support/xmpp-client.js'

const csi = 'urn:xmpp:csi:0'
const moment = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

rules('ack requests, by default after each stanza', { people: 20 }, rule => {
  rule(
    'smacks',
    'a stanza that is not acked brings one <r/>, and no second one while it is unanswered',
    async house => {
      const client = await house.bound(house.person())
      await client.enable()
      const sender = await house.online(house.person())
      await moment(50)
      for (let n = 0; n < 30; n += 1) sender.message(client.jid, String(n))
      await client.expectMany('message', 30)
      await client.expectNothing()
      expect(client.requests).toBe(1)
    },
  )

  rule('smacks', 'after the answer, the next stanza brings the next <r/>', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    client.answersRequests = true
    const sender = await house.online(house.person())
    await moment(50)
    for (let n = 0; n < 5; n += 1) {
      sender.message(client.jid, String(n))
      await client.expect('message')
      await client.expectNothing()
    }
    expect(client.requests).toBeGreaterThanOrEqual(3)
  })

  rule('edge 33', 'an answer with the same h as before brings no second <r/> for the same count', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    const sender = await house.online(house.person())
    await moment(50)
    sender.message(client.jid, 'one')
    await client.expect('message')
    await moment(100)
    for (let n = 0; n < 10; n += 1) client.send(`<a xmlns='${nsSm3}' h='0'/>`)
    await moment(100)
    // Nothing new may be sent to the client before this, or there is something new to ask for.
    client.send(`<r xmlns='${nsSm3}'/>`)
    await client.until('a')
    expect(client.requests).toBe(1)
  })

  rule('XEP-0198 §4', 'nothing is asked of a session that was sent nothing', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    await moment(200)
    expect(await client.acked()).toBe(0)
    expect(client.requests).toBe(0)
  })
})

rules('ack requests, tuned', { people: 20, maxUnackedStanzas: 5, maxInactiveUnackedStanzas: 20 }, rule => {
  rule(
    'options',
    'no <r/> comes before more than smacks_max_unacked_stanzas stanzas are unacked',
    async house => {
      const client = await house.bound(house.person())
      await client.enable()
      const sender = await house.online(house.person())
      await moment(50)
      for (let n = 0; n < 5; n += 1) sender.message(client.jid, String(n))
      await client.expectMany('message', 5)
      expect(await client.acked()).toBe(0)
      await moment(100)
      expect(await client.acked()).toBe(0)
      expect(client.requests).toBe(0)
      sender.message(client.jid, 'one more')
      await client.expect('message')
      await moment(100)
      await client.acked()
      expect(client.requests).toBe(1)
    },
    { spares: { ejabberd: 'has no such option' } },
  )

  rule(
    'edge 89',
    'an inactive client is asked later, and at once when it gets active',
    async house => {
      const client = await house.bound(house.person())
      await client.enable()
      const sender = await house.online(house.person())
      client.send(`<inactive xmlns='${csi}'/>`)
      await client.acked()
      for (let n = 0; n < 12; n += 1) sender.message(client.jid, String(n))
      await client.expectMany('message', 12)
      await moment(100)
      expect(client.requests).toBe(0)
      client.send(`<active xmlns='${csi}'/>`)
      await client.acked()
      await moment(50)
      await client.acked()
      expect(client.requests).toBe(1)
    },
    { spares: { ejabberd: 'has no such option' } },
  )
})
