/** Messages for those who are not there (XEP-0160, RFC 6121 §8.5.2.2). */
import { expect } from 'vitest'
import type { House, Person } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)

/** What comes at an initial presence. */
const login = async (house: House, who: Person, presence = '<presence/>'): Promise<ReadonlyArray<Xml>> => {
  const client = await house.bound(who, 'login')
  client.send(presence)
  const came = await client.untilFence()
  await client.close()
  return came
}

const spares = { ejabberd: 'stores in its own time' }

rules('offline messages', { people: 50 }, rule => {
  rule(
    'clients 21',
    'messages come at the initial presence, in order and once',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      for (const body of ['1', '2', '3']) sender.message(who.jid, body)
      sender.message(who.jid, '4', 'normal')
      await sender.expectNothing()
      expect(bodies(await login(house, who))).toEqual(['1', '2', '3', '4'])
      expect(bodies(await login(house, who))).toEqual([])
    },
    { spares },
  )

  rule(
    'XEP-0160',
    'a stored message says when it was sent, and its sender is who sent it',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      const before = Date.now()
      sender.message(who.jid, 'dated')
      await sender.untilFence()
      const message = (await login(house, who)).find(it => it.name === 'message')
      const delay = child(message, 'delay', 'urn:xmpp:delay')
      expect(message?.attrs.from).toBe(sender.jid)
      expect(delay?.attrs.from).toBe('localhost')
      expect(Math.abs(Date.parse(delay?.attrs.stamp ?? '') - before)).toBeLessThan(5_000)
    },
    { spares },
  )

  rule(
    'RFC 6121 4.7.2.4',
    'a resource of negative priority is not given them',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      sender.message(who.jid, 'later')
      await sender.untilFence()
      expect(bodies(await login(house, who, '<presence><priority>-1</priority></presence>'))).toEqual([])
      expect(bodies(await login(house, who))).toEqual(['later'])
    },
    { spares },
  )

  rule(
    'RFC 6121 8.5.2.2',
    'before any presence nothing is delivered',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      sender.message(who.jid, 'later')
      await sender.untilFence()
      const client = await house.bound(who)
      await client.expectNothing()
      client.send('<presence/>')
      expect(bodies(await client.untilFence())).toEqual(['later'])
    },
    { spares },
  )

  for (const type of ['headline', 'error'])
    rule('XEP-0160', `a message of type ${type} is not stored`, async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      sender.message(who.jid, type, type)
      await sender.untilFence()
      expect(bodies(await login(house, who))).toEqual([])
    })

  rule('XEP-0160', 'a groupchat message is refused, not stored', async house => {
    const who = house.person()
    const sender = await house.online(house.person())
    sender.message(who.jid, 'to all', 'groupchat')
    expect((await sender.expect('message')).attrs.type).toBe('error')
    expect(bodies(await login(house, who))).toEqual([])
  })

  rule(
    'XEP-0160',
    'a mere chat state is not stored',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      sender.send(
        `<message to='${who.jid}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      )
      await sender.untilFence()
      expect((await login(house, who)).filter(it => it.name === 'message')).toEqual([])
    },
    { differs: { prosody: 'stores it' } },
  )

  rule(
    'RFC 6121 8.5.2.2',
    'an iq to the bare JID of somebody offline is answered for them, or refused',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      const answer = await sender.ask(`<iq type='get' id='i' to='${who.jid}'><query xmlns='urn:example:unknown'/></iq>`)
      expect(child(child(answer, 'error'), 'service-unavailable')).toBeDefined()
    },
    { spares: { ejabberd: 'says subscription-required' } },
  )

  rule(
    'XEP-0198 §4',
    'stored messages that a lost line swallowed come again at the next login',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      for (const body of ['1', '2', '3']) sender.message(who.jid, body)
      await sender.untilFence()
      const client = await house.bound(who)
      await client.enable('')
      client.send('<presence/>')
      await client.untilFence()
      client.reset()
      await new Promise(resolve => setTimeout(resolve, 200))
      expect(bodies(await login(house, who))).toEqual(['1', '2', '3'])
    },
    { spares },
  )

  rule(
    'XEP-0198 §5',
    'stored messages in flight are resumed like any',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      for (const body of ['1', '2', '3']) sender.message(who.jid, body)
      await sender.untilFence()
      const client = await house.bound(who)
      await client.enable()
      client.send('<presence/>')
      await client.until(it => bodyOf(it) === '1')
      client.reset()
      const again = await house.resumed(client)
      const came = await again.untilFence()
      expect(bodies(came)).toEqual(['2', '3'])
      for (const it of came.filter(stanza => stanza.name === 'message'))
        expect(it.children.filter(inside => inside.name === 'delay' && inside.ns === 'urn:xmpp:delay')).toHaveLength(1)
    },
    { spares },
  )

  rule(
    'XEP-0160',
    'two hundred messages wait in order',
    async house => {
      const who = house.person()
      const sender = await house.online(house.person())
      const sent = Array.from({ length: 200 }, (_, n) => String(n))
      for (const body of sent) sender.message(who.jid, body)
      await sender.untilFence()
      expect(bodies(await login(house, who))).toEqual(sent)
    },
    { spares: { ejabberd: 'keeps a hundred' } },
  )
})
