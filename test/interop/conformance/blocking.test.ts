/** The block list (XEP-0191). */
import { expect } from 'vitest'
import type { House, Person } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

const ns = 'urn:xmpp:blocking'
const command = (verb: 'block' | 'unblock', jid: string, id = 'b'): string =>
  `<iq type='set' id='${id}'><${verb} xmlns='${ns}'><item jid='${jid}'/></${verb}></iq>`

/** Blocks or unblocks, and returns the answer; what else came is seen. */
const blocks = async (
  client: XmppClient,
  jid: string,
  verb: 'block' | 'unblock' = 'block',
): Promise<Xml | undefined> => {
  client.send(command(verb, jid))
  return (await client.untilFence()).find(it => it.name === 'iq' && it.attrs.id === 'b')
}

const presences = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.filter(it => it.name === 'presence').map(it => `${it.attrs.from} ${it.attrs.type ?? 'available'}`)
const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string | undefined> =>
  came.filter(it => it.name === 'message' && it.attrs.type !== 'error').map(bodyOf)

/** Somebody who blocks, and somebody who is blocked. */
const two = async (house: House): Promise<readonly [XmppClient, XmppClient, Person]> => {
  const other = house.person()
  return [await house.online(house.person()), await house.online(other), other]
}

const spares = { ejabberd: 'was not held to these' }

rules('blocking', { people: 40 }, rule => {
  for (const [how, end] of [
    ['closes its stream', client => client.close()],
    ['loses its line', client => client.reset()],
    ['goes unavailable', client => client.send("<presence type='unavailable'/>")],
  ] as ReadonlyArray<readonly [string, (client: XmppClient) => unknown]>)
    rule(
      'XEP-0191 3.3, RFC 6121 4.6.3',
      `whoever got directed presence learns its end with the block, and once, if the session then ${how}`,
      async house => {
        const [user, blocked, other] = await two(house)
        user.send(`<presence to='${blocked.jid}'/>`)
        await user.untilFence()
        expect(presences(await blocked.untilFence())).toEqual([`${user.jid} available`])
        await blocks(user, other.jid)
        expect(presences(await blocked.untilFence())).toEqual([`${user.jid} unavailable`])
        await end(user)
        // Others learn when it is over.
        const watcher = await house.online(house.person())
        await watcher.untilFence()
        expect(presences(await blocked.untilFence())).toEqual([])
      },
      { spares, differs: { prosody: 'tells nobody but contacts' } },
    )

  rule(
    'XEP-0191 3.3, 3.4',
    'a contact sees the user leave with the block, and come with its end',
    async house => {
      const [one, other] = [house.person(), house.person()]
      await house.befriend(one, other)
      const [user, contact] = [await house.online(one), await house.online(other)]
      await user.untilFence()
      await contact.untilFence()
      await blocks(user, other.jid)
      expect(presences(await contact.untilFence())).toEqual([`${user.jid} unavailable`])
      await blocks(user, other.jid, 'unblock')
      expect(presences(await contact.untilFence())).toEqual([`${user.jid} available`])
    },
    { spares },
  )

  rule(
    'XEP-0191 3.3',
    'a message that waits in storage is not delivered once its sender is blocked',
    async house => {
      const who = house.person()
      const [blocked, free] = [await house.online(house.person()), await house.online(house.person())]
      blocked.message(who.jid, 'from the one who is blocked')
      free.message(who.jid, 'from another')
      for (const one of [blocked, free]) await one.expectNothing()
      const user = await house.bound(who)
      await blocks(user, blocked.jid.replace(/\/.*/, ''))
      user.send('<presence/>')
      expect(bodies(await user.untilFence())).toEqual(['from another'])
      await blocked.expectNothing()
    },
    { spares, differs: { prosody: 'delivers it' } },
  )

  rule(
    'XEP-0191 3.3',
    'a request for a subscription that waits is not shown once its sender is blocked',
    async house => {
      const who = house.person()
      const blocked = await house.online(house.person())
      blocked.send(`<presence type='subscribe' to='${who.jid}'/>`)
      await blocked.untilFence()
      const user = await house.bound(who)
      await blocks(user, blocked.jid.replace(/\/.*/, ''))
      user.send('<presence/>')
      expect(presences(await user.untilFence()).filter(it => it.endsWith('subscribe'))).toEqual([])
    },
    { spares },
  )

  for (const what of ['domain', 'full JID'] as const)
    rule(
      'XEP-0191 5',
      `a block of the own ${what} cuts no own device off`,
      async house => {
        const who = house.person()
        const [phone, desk] = [await house.online(who, 'phone'), await house.online(who, 'desk')]
        await phone.untilFence()
        await desk.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        await blocks(phone, what === 'domain' ? 'localhost' : desk.jid)
        phone.message(desk.jid, 'to the desk')
        phone.send(`<iq type='get' id='q' to='${desk.jid}'><query xmlns='urn:example:any'/></iq>`)
        phone.send('<presence><status>still here</status></presence>')
        await phone.untilFence()
        const came = await desk.untilFence()
        expect(bodies(came)).toEqual(['to the desk'])
        expect(came.filter(it => it.name === 'iq').map(it => it.attrs.id)).toEqual(['q'])
        expect(came.filter(it => it.name === 'presence').map(it => child(it, 'status')?.text)).toEqual(['still here'])
        desk.send(`<iq type='result' id='q' to='${phone.jid}'/>`)
        desk.message(phone.jid, 'to the phone')
        await desk.untilFence()
        const answered = await phone.untilFence()
        expect(answered.filter(it => it.name === 'iq').map(it => it.attrs)).toMatchObject([{ id: 'q', type: 'result' }])
        expect(bodies(answered)).toEqual(['to the phone'])
      },
      { spares, differs: { prosody: 'cuts it off' } },
    )

  rule(
    'RFC 6120 8.1.3',
    'pushes have ids of their own, also those of one packet',
    async house => {
      const client = await house.bound(house.person())
      await client.ask(`<iq type='get' id='l'><blocklist xmlns='${ns}'/></iq>`)
      client.send([1, 2, 3, 4, 5].map(n => command('block', `someone${n}@example.org`, `b${n}`)).join(''))
      const pushes = (await client.untilFence()).filter(it => it.name === 'iq' && it.attrs.type === 'set')
      expect([pushes.length, new Set(pushes.map(it => it.attrs.id)).size]).toEqual([5, 5])
    },
    { spares, differs: { prosody: 'gives all of them one id' } },
  )
})
