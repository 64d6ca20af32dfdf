/** Subscriptions and presence (RFC 6121 §§3, 4). */
import { expect } from 'vitest'
import type { House, Person } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { child, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

const roster = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
const kind = (it: Xml): string => `${it.attrs.type ?? 'available'} of ${it.attrs.from}`
const presences = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.filter(it => it.name === 'presence').map(kind)
const itemOf = (came: ReadonlyArray<Xml>, jid: string): Xml | undefined =>
  came
    .filter(it => it.name === 'iq' && it.attrs.type === 'set')
    .map(it => it.children[0]?.children[0])
    .filter(it => it?.attrs.jid === jid)
    .pop()

/** Online, and interested in its roster. */
const interested = async (house: House, who: Person, resource?: string): Promise<XmppClient> => {
  const client = await house.bound(who, resource)
  await client.ask(roster)
  client.send('<presence/>')
  await client.untilFence()
  return client
}

const pair = async (house: House) => {
  const [one, two] = [house.person(), house.person()]
  return { one, two, asking: await interested(house, one), asked: await interested(house, two) }
}

rules('presence', { people: 90 }, rule => {
  rule('RFC 6121 4.2.2', 'initial presence comes back to its sender, stamped with the full JID', async house => {
    const client = await house.bound(house.person())
    client.send('<presence/>')
    expect(presences(await client.untilFence())).toEqual([`available of ${client.jid}`])
  })

  rule('RFC 6121 4.2.3', 'resources of one user see each other', async house => {
    const who = house.person()
    const one = await house.online(who, 'one')
    const two = await house.bound(who, 'two')
    two.send('<presence/>')
    expect(presences(await two.untilFence())).toEqual(expect.arrayContaining([`available of ${one.jid}`]))
    expect(presences(await one.untilFence())).toEqual([`available of ${two.jid}`])
    await two.close()
    expect(presences(await one.untilFence())).toEqual([`unavailable of ${two.jid}`])
  })

  rule(
    'RFC 6121 3.1.2',
    'a request is pushed to the asking side with ask, and delivered from its bare JID',
    async house => {
      const { one, two, asking, asked } = await pair(house)
      asking.send(`<presence to='${two.jid}' type='subscribe'/>`)
      const item = itemOf(await asking.untilFence(), two.jid)
      expect([item?.attrs.subscription, item?.attrs.ask]).toEqual(['none', 'subscribe'])
      expect(presences(await asked.untilFence())).toEqual([`subscribe of ${one.jid}`])
    },
  )

  rule('RFC 6121 3.1.4', 'a request with a full JID goes to the bare JID, from the bare JID', async house => {
    const { one, asking, asked } = await pair(house)
    asking.send(`<presence to='${asked.jid}' from='${asking.jid}' type='subscribe'/>`)
    await asking.untilFence()
    expect(presences(await asked.untilFence())).toEqual([`subscribe of ${one.jid}`])
  })

  rule('RFC 6121 3.1.3', 'a request that waits is shown whole, however long it is', async house => {
    const [one, other] = [house.person(), house.person()]
    const asking = await house.online(one)
    const words = 'please '.repeat(10_000)
    asking.send(`<presence to='${other.jid}' type='subscribe'><status>${words}</status></presence>`)
    await asking.untilFence()
    const asked = await house.bound(other)
    asked.send('<presence/>')
    const request = (await asked.untilFence()).find(it => it.attrs.type === 'subscribe')
    expect(request?.attrs.from).toBe(one.jid)
    expect(child(request, 'status')?.text).toBe(words)
  })

  rule('RFC 6121 3.1.5', 'an approval makes to and from, and shows the presence', async house => {
    const { one, two, asking, asked } = await pair(house)
    asking.send(`<presence to='${two.jid}' type='subscribe'/>`)
    await asking.untilFence()
    await asked.untilFence()
    asked.send(`<presence to='${one.jid}' type='subscribed'/>`)
    expect(itemOf(await asked.untilFence(), one.jid)?.attrs.subscription).toBe('from')
    const came = await asking.untilFence()
    expect(itemOf(came, two.jid)?.attrs.subscription).toBe('to')
    expect(presences(came)).toEqual([`subscribed of ${two.jid}`, `available of ${asked.jid}`])
  })

  rule('RFC 6121 3.2.1', 'a denial leaves no subscription', async house => {
    const { one, two, asking, asked } = await pair(house)
    asking.send(`<presence to='${two.jid}' type='subscribe'/>`)
    await asking.untilFence()
    await asked.untilFence()
    asked.send(`<presence to='${one.jid}' type='unsubscribed'/>`)
    await asked.untilFence()
    const came = await asking.untilFence()
    expect(presences(came)).toEqual([`unsubscribed of ${two.jid}`])
    const item = itemOf(came, two.jid)
    expect([item?.attrs.subscription, item?.attrs.ask]).toEqual(['none', undefined])
  })

  rule('RFC 6121 3.2.3', 'a cancelled subscription hides the presence', async house => {
    const { one, two, asking, asked } = await pair(house)
    await house.befriend(one, two)
    await asking.untilFence()
    await asked.untilFence()
    asked.send(`<presence to='${one.jid}' type='unsubscribed'/>`)
    await asked.untilFence()
    const came = presences(await asking.untilFence())
    expect(came).toEqual(expect.arrayContaining([`unsubscribed of ${two.jid}`, `unavailable of ${asked.jid}`]))
    asked.send('<presence><show>away</show></presence>')
    await asked.untilFence()
    expect(presences(await asking.untilFence())).toEqual([])
  })

  rule('RFC 6121 3.3.1', 'an unsubscription ends it from the other side', async house => {
    const { one, two, asking, asked } = await pair(house)
    await house.befriend(one, two)
    await asking.untilFence()
    await asked.untilFence()
    asking.send(`<presence to='${two.jid}' type='unsubscribe'/>`)
    expect(itemOf(await asking.untilFence(), two.jid)?.attrs.subscription).toBe('from')
    const came = await asked.untilFence()
    expect(presences(came)).toContain(`unsubscribe of ${one.jid}`)
    expect(itemOf(came, one.jid)?.attrs.subscription).toBe('to')
  })

  rule('RFC 6121 2.5.2', 'removing an item ends the subscriptions of both sides', async house => {
    const { one, two, asking, asked } = await pair(house)
    await house.befriend(one, two)
    await asking.untilFence()
    await asked.untilFence()
    asking.send(
      `<iq type='set' id='x'><query xmlns='jabber:iq:roster'><item jid='${two.jid}' subscription='remove'/></query></iq>`,
    )
    await asking.untilFence()
    expect(itemOf(await asked.untilFence(), one.jid)?.attrs.subscription).toBe('none')
    asked.send('<presence><show>away</show></presence>')
    await asked.untilFence()
    expect(presences(await asking.untilFence())).toEqual([])
  })

  rule(
    'RFC 6121 3.1.3',
    'a request to somebody who is offline is delivered when they come, each time until answered',
    async house => {
      const [one, two] = [house.person(), house.person()]
      const asking = await interested(house, one)
      asking.send(`<presence to='${two.jid}' type='subscribe'/>`)
      await asking.untilFence()
      for (let n = 0; n < 2; n += 1) {
        const asked = await house.bound(two)
        await asked.ask(roster)
        asked.send('<presence/>')
        expect(presences(await asked.untilFence())).toContain(`subscribe of ${one.jid}`)
        await asked.close()
      }
    },
  )

  rule('RFC 6121 3.1.3', 'a second request of one who is subscribed is answered without asking', async house => {
    const { one, two, asking, asked } = await pair(house)
    await house.befriend(one, two)
    await asking.untilFence()
    await asked.untilFence()
    asking.send(`<presence to='${two.jid}' type='subscribe'/>`)
    await asking.untilFence()
    expect(presences(await asked.untilFence())).not.toContain(`subscribe of ${one.jid}`)
  })

  rule(
    'RFC 6121 4.3',
    'contacts that are online are seen at the initial presence, those that are offline are not',
    async house => {
      const [one, two] = [house.person(), house.person()]
      await house.befriend(one, two)
      const friend = await house.online(two)
      const client = await house.bound(one)
      client.send('<presence/>')
      expect(presences(await client.untilFence())).toContain(`available of ${friend.jid}`)
      await friend.close()
      await client.untilFence()
      const second = await house.bound(one, 'second')
      second.send('<presence/>')
      expect(presences(await second.untilFence())).not.toContain(`available of ${friend.jid}`)
    },
  )

  rule('RFC 6121 4.4', 'a change of presence goes to contacts, whole', async house => {
    const [one, two] = [house.person(), house.person()]
    await house.befriend(one, two)
    const [client, friend] = [await house.online(one), await house.online(two)]
    await client.untilFence()
    client.send('<presence><show>dnd</show><status>busy</status><priority>5</priority></presence>')
    await client.untilFence()
    const [changed] = await friend.untilFence()
    expect([child(changed, 'show')?.text, child(changed, 'status')?.text, child(changed, 'priority')?.text]).toEqual([
      'dnd',
      'busy',
      '5',
    ])
  })

  rule('RFC 6121 4.5', 'unavailable presence goes to contacts, with its status', async house => {
    const [one, two] = [house.person(), house.person()]
    await house.befriend(one, two)
    const [client, friend] = [await house.online(one), await house.online(two)]
    await client.untilFence()
    client.send("<presence type='unavailable'><status>gone</status></presence>")
    await client.untilFence()
    const [gone] = await friend.untilFence()
    expect([gone && kind(gone), child(gone, 'status')?.text]).toEqual([`unavailable of ${client.jid}`, 'gone'])
    await client.close()
    await friend.expectNothing()
  })

  rule('RFC 6121 4.3.2', 'a stranger learns nothing: neither by a probe nor by presence', async house => {
    const victim = await house.online(house.person())
    const stranger = await house.online(house.person())
    stranger.send(`<presence to='${victim.jid.split('/')[0]}' type='probe'/>`)
    const came = presences(await stranger.untilFence())
    expect(came.filter(it => it.startsWith('available'))).toEqual([])
    victim.send('<presence><show>away</show></presence>')
    await victim.untilFence()
    await stranger.expectNothing()
  })

  rule('RFC 6121 4.6', 'directed presence reaches a stranger, and so does the end of the session', async house => {
    const client = await house.online(house.person())
    const stranger = await house.online(house.person())
    client.send(`<presence to='${stranger.jid}'/>`)
    await client.untilFence()
    expect(presences(await stranger.untilFence())).toEqual([`available of ${client.jid}`])
    await client.close()
    expect(presences(await stranger.untilFence())).toEqual([`unavailable of ${client.jid}`])
  })

  rule('RFC 6121 4.6.3', 'directed unavailable presence is not followed by another one', async house => {
    const client = await house.online(house.person())
    const stranger = await house.online(house.person())
    client.send(`<presence to='${stranger.jid}'/>`)
    client.send(`<presence to='${stranger.jid}' type='unavailable'/>`)
    await client.untilFence()
    await stranger.untilFence()
    await client.close()
    await stranger.expectNothing()
  })

  for (const priority of ['200', '-129', 'high'])
    rule('RFC 6121 4.7.2.3', `the priority '${priority}' is refused or mended, and the stream goes on`, async house => {
      const client = await house.bound(house.person())
      client.send(`<presence id='p'><priority>${priority}</priority></presence>`)
      const came = await client.untilFence()
      expect(came.every(it => it.name === 'presence')).toBe(true)
    })

  rule(
    'RFC 6121 4.7.1',
    'a presence of no known type is refused with bad-request or dropped',
    async house => {
      const client = await house.online(house.person())
      client.send("<presence id='p' type='sideways'/>")
      const came = await client.untilFence()
      for (const it of came) expect(it.attrs.type).toBe('error')
    },
    { spares: { ejabberd: 'ends the stream' } },
  )
})
