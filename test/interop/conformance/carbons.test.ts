/** Carbon copies (XEP-0280): each client gets each message once, as it is or as a copy. */
import { expect } from 'vitest'
import type { House, Person } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { at, bodyOf, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

const enable = "<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>"

/** What was read, in order: `body` of a message, `copy of body` of a copy. */
const read = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came
    .filter(it => it.name === 'message')
    .map(it => {
      const copied = at(it, 'received', 'forwarded', 'message')
      return copied === undefined ? (bodyOf(it) ?? '') : `copy of ${bodyOf(copied) ?? ''}`
    })

const spares = { ejabberd: 'was not held to these' }

/** Somebody for whom one message waits, and somebody who goes on writing. */
const waiting = async (house: House): Promise<readonly [Person, XmppClient]> => {
  const who = house.person()
  const sender = await house.online(house.person())
  sender.message(who.jid, 'stored')
  await sender.expectNothing()
  return [who, sender]
}

rules('carbon copies', { people: 20 }, rule => {
  rule(
    'XEP-0280 7',
    'what is stored while a client with carbons is not available yet comes to it once',
    async house => {
      const [who, sender] = await waiting(house)
      const client = await house.bound(who)
      await client.ask(enable)
      sender.message(who.jid, 'meanwhile')
      await sender.expectNothing()
      client.send('<presence/>')
      expect(read(await client.untilFence())).toEqual(['stored', 'meanwhile'])
      expect(read(await client.untilFence())).toEqual([])
    },
    { spares },
  )

  rule(
    'XEP-0280 7',
    'what is stored while a client has a negative priority comes to it once',
    async house => {
      const [who, sender] = await waiting(house)
      const client = await house.bound(who)
      await client.ask(enable)
      client.send('<presence><priority>-1</priority></presence>')
      await client.untilFence()
      sender.message(who.jid, 'meanwhile')
      await sender.expectNothing()
      client.send('<presence/>')
      const came = [...read(await client.untilFence()), ...read(await client.untilFence())]
      expect(came.map(it => it.replace('copy of ', '')).sort()).toEqual(['meanwhile', 'stored'])
    },
    { spares, differs: { prosody: 'sends a copy at once and the message later' } },
  )

  rule(
    'XEP-0280 7',
    'what comes while a client returns is read once, as a copy or as it is, by each of two devices',
    async house => {
      const [who, sender] = await waiting(house)
      const [phone, laptop] = [await house.bound(who, 'phone'), await house.bound(who, 'laptop')]
      for (const client of [phone, laptop]) await client.ask(enable)
      for (let n = 0; n < 20; n += 1) sender.message(who.jid, `${n}`)
      phone.send('<presence><priority>5</priority></presence>')
      for (let n = 20; n < 40; n += 1) sender.message(who.jid, `${n}`)
      laptop.send('<presence><priority>1</priority></presence>')
      for (let n = 40; n < 60; n += 1) sender.message(who.jid, `${n}`)
      await sender.expectNothing()
      const got = async (client: XmppClient) => {
        const all = [...read(await client.untilFence()), ...read(await client.untilFence())]
        return all.map(it => it.replace('copy of ', ''))
      }
      const expected = ['stored', ...Array.from({ length: 60 }, (_, n) => `${n}`)]
      expect(await got(phone)).toEqual(expected)
      expect((await got(laptop)).sort()).toEqual([...expected].sort())
    },
    { spares, differs: { prosody: 'copies nothing of what it stored' } },
  )
})
