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

const hibernationEnds = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 3_500))

const spares = { ejabberd: 'was not held to these' }

/** Somebody for whom one message waits, and somebody who goes on writing. */
const waiting = async (house: House): Promise<readonly [Person, XmppClient]> => {
  const who = house.person()
  const sender = await house.online(house.person())
  sender.message(who.jid, 'stored')
  await sender.expectNothing()
  return [who, sender]
}

rules('carbon copies', { people: 20, hibernationTime: 3 }, rule => {
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

  rule(
    'XEP-0280 7',
    "who has a copy does not get the message when the other device's time is over",
    async house => {
      const who = house.person()
      const [phone, laptop] = [await house.managed(who, 'phone'), await house.managed(who, 'laptop')]
      await laptop.ask(enable)
      const sender = await house.online(house.person())
      phone.reset()
      sender.message(phone.jid, 'once')
      expect(read([await laptop.until('message')])).toEqual(['copy of once'])
      laptop.ack()
      await hibernationEnds()
      expect(read(await laptop.untilFence())).toEqual([])
      await sender.expectNothing()
      expect(await login(house, who)).toEqual([])
    },
    { spares },
  )

  rule(
    'XEP-0280 7',
    'a copy that waits for its device is all that it gets, if the other device is lost',
    async house => {
      const { sender, laptop } = await lostPhone(house)
      const again = await house.resumed(laptop)
      expect(read(await again.untilFence())).toEqual(['copy of once'])
      again.ack()
      await again.expectNothing()
      await sender.expectNothing()
    },
    { spares },
  )

  rule(
    'XEP-0280 7',
    'a message of which only a copy was left comes at the next login, if its device does not come back',
    async house => {
      const { who, sender, laptop } = await lostPhone(house)
      await hibernationEnds()
      await sender.expectNothing()
      expect(await login(house, who)).toEqual(['once'])
      laptop.destroy()
    },
    { spares },
  )
})

/** The laptop sleeps with the copy of a message to the phone, which is gone for good before it acked it. */
const lostPhone = async (house: House) => {
  const who = house.person()
  const [phone, laptop] = [await house.managed(who, 'phone', ''), await house.managed(who, 'laptop')]
  await laptop.ask(enable)
  const sender = await house.online(house.person())
  await phone.untilFence()
  await laptop.untilFence()
  laptop.reset()
  sender.message(phone.jid, 'once')
  await sender.expectNothing()
  phone.reset()
  // An answer means that the phone is gone.
  sender.send(`<iq type='get' id='gone' to='${phone.jid}'><query xmlns='urn:example:any'/></iq>`)
  expect((await sender.until('iq')).attrs.type).toBe('error')
  return { who, sender, laptop }
}

/** What is read at the next login. */
const login = async (house: House, who: Person): Promise<ReadonlyArray<string>> => {
  const client = await house.bound(who, 'login')
  client.send('<presence/>')
  const came = [...(await client.untilFence()), ...(await client.untilFence())]
  await client.close()
  return read(came)
}
