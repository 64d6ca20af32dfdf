/** The roster (RFC 6121 §2). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { child, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

const ns = 'jabber:iq:roster'
const fetchRoster = (client: XmppClient, attributes = ''): Promise<Xml> =>
  client.ask(`<iq type='get' id='get'><query xmlns='${ns}'${attributes}/></iq>`)
const itemsOf = (iq: Xml): ReadonlyArray<Xml> => child(iq, 'query', ns)?.children.filter(it => it.name === 'item') ?? []
const set = (item: string, id = 'set'): string => `<iq type='set' id='${id}'><query xmlns='${ns}'>${item}</query></iq>`
const isPush = (it: Xml): boolean => it.name === 'iq' && it.attrs.type === 'set' && child(it, 'query', ns) !== undefined
const isAnswer = (it: Xml): boolean => it.name === 'iq' && it.attrs.id === 'set'

/** Changes the roster; the push to oneself and the answer, in whatever order they come. */
const change = async (client: XmppClient, item: string): Promise<{ push?: Xml; answer?: Xml }> => {
  client.send(set(item))
  const came = await client.untilFence()
  const [push, answer] = [came.find(isPush), came.find(isAnswer)]
  return { ...(push && { push }), ...(answer && { answer }) }
}

rules('rosters', { people: 40 }, rule => {
  rule('RFC 6121 2.6.1, 3.4.1', 'versions and approval beforehand are among the features', async house => {
    const client = await house.encrypted()
    const features = await client.authenticate(house.person())
    expect(child(features, 'ver', 'urn:xmpp:features:rosterver')).toBeDefined()
    expect(child(features, 'sub', 'urn:xmpp:features:pre-approval')).toBeDefined()
  })

  rule('RFC 6121 2.1.3', 'a new roster is empty', async house => {
    const client = await house.bound(house.person())
    const answer = await fetchRoster(client)
    expect(answer.attrs.type).toBe('result')
    expect(child(answer, 'query', ns)).toBeDefined()
    expect(itemsOf(answer)).toEqual([])
  })

  rule(
    'clients 19',
    'an empty ver is answered with the whole roster, or with nothing where it is empty',
    async house => {
      const client = await house.bound(house.person())
      await fetchRoster(client)
      await change(client, "<item jid='juliet@localhost'/>")
      expect(itemsOf(await fetchRoster(client, " ver=''"))).toHaveLength(1)
    },
  )

  rule('RFC 6121 2.3', 'an item is added, pushed and answered', async house => {
    const client = await house.bound(house.person())
    await fetchRoster(client)
    const { push, answer } = await change(
      client,
      "<item jid='juliet@localhost' name='Juliet'><group>Verona</group></item>",
    )
    expect(answer?.attrs.type).toBe('result')
    const item = push === undefined ? undefined : itemsOf(push)[0]
    expect(item?.attrs).toMatchObject({ jid: 'juliet@localhost', name: 'Juliet', subscription: 'none' })
    expect(child(item, 'group')?.text).toBe('Verona')
    expect(itemsOf(await fetchRoster(client)).map(it => it.attrs.name)).toEqual(['Juliet'])
  })

  rule('RFC 6121 2.1.6', 'a push comes to all resources that asked for the roster, and to no other', async house => {
    const who = house.person()
    const [one, two, deaf] = [
      await house.bound(who, 'one'),
      await house.bound(who, 'two'),
      await house.bound(who, 'deaf'),
    ]
    await fetchRoster(one)
    await fetchRoster(two)
    await change(one, "<item jid='juliet@localhost'/>")
    const pushes = (await two.untilFence()).filter(isPush)
    expect(pushes.map(it => itemsOf(it)[0]?.attrs.jid)).toEqual(['juliet@localhost'])
    await deaf.expectNothing()
  })

  rule('RFC 6121 2.1.6', 'a push has no from, or the own bare JID', async house => {
    const who = house.person()
    const client = await house.bound(who)
    await fetchRoster(client)
    const { push } = await change(client, "<item jid='juliet@localhost'/>")
    expect([undefined, who.jid]).toContain(push?.attrs.from)
  })

  rule('RFC 6121 2.4', 'an item is changed: name and groups are replaced', async house => {
    const client = await house.bound(house.person())
    await fetchRoster(client)
    await change(client, "<item jid='juliet@localhost' name='Juliet'><group>Verona</group></item>")
    await change(client, "<item jid='juliet@localhost' name='J.'><group>A</group><group>B</group></item>")
    const items = itemsOf(await fetchRoster(client))
    expect(items.map(it => it.attrs.name)).toEqual(['J.'])
    expect(items[0]?.children.map(it => it.text).sort()).toEqual(['A', 'B'])
  })

  rule('RFC 6121 2.5', 'an item is removed, and pushed with subscription remove', async house => {
    const client = await house.bound(house.person())
    await fetchRoster(client)
    await change(client, "<item jid='juliet@localhost'/>")
    const { push } = await change(client, "<item jid='juliet@localhost' subscription='remove'/>")
    expect(push && itemsOf(push)[0]?.attrs).toMatchObject({ jid: 'juliet@localhost', subscription: 'remove' })
    expect(itemsOf(await fetchRoster(client))).toEqual([])
  })

  rule(
    'RFC 6121 2.5.3',
    'an unknown item cannot be removed: item-not-found',
    async house => {
      const client = await house.bound(house.person())
      const { answer } = await change(client, "<item jid='nobody@localhost' subscription='remove'/>")
      expect(child(child(answer, 'error'), 'item-not-found')).toBeDefined()
    },
    { spares: { ejabberd: 'answers a result' } },
  )

  rule('RFC 6121 2.3.3', 'a set with two items is refused with bad-request', async house => {
    const client = await house.bound(house.person())
    const { answer } = await change(client, "<item jid='a@localhost'/><item jid='b@localhost'/>")
    expect(child(child(answer, 'error'), 'bad-request')).toBeDefined()
  })

  rule('RFC 6121 2.3.3', 'a set without any item is refused with bad-request', async house => {
    const client = await house.bound(house.person())
    const { answer } = await change(client, '')
    expect(child(child(answer, 'error'), 'bad-request')).toBeDefined()
  })

  rule('RFC 6121 2.3.3', 'a set with a JID that is none is refused', async house => {
    const client = await house.bound(house.person())
    const { answer } = await change(client, "<item jid='@@'/>")
    expect(answer?.attrs.type).toBe('error')
  })

  rule('RFC 6121 2.1.2.5', 'a client cannot grant itself a subscription', async house => {
    const client = await house.bound(house.person())
    await fetchRoster(client)
    await change(client, "<item jid='juliet@localhost' subscription='both'/>")
    expect(itemsOf(await fetchRoster(client)).map(it => it.attrs.subscription ?? 'none')).toEqual(['none'])
  })

  rule('RFC 6121 2.1.4', "somebody else's roster is neither shown nor changed", async house => {
    const victim = house.person()
    const owner = await house.bound(victim)
    await fetchRoster(owner)
    const client = await house.bound(house.person())
    const shown = await client.ask(`<iq type='get' id='g' to='${victim.jid}'><query xmlns='${ns}'/></iq>`)
    expect(shown.attrs.type).toBe('error')
    const changed = await client.ask(
      `<iq type='set' id='s' to='${victim.jid}'><query xmlns='${ns}'><item jid='evil@localhost'/></query></iq>`,
    )
    expect(changed.attrs.type).toBe('error')
    expect(itemsOf(await fetchRoster(owner))).toEqual([])
  })

  rule('RFC 6121 2.2', 'the roster is there at the next login', async house => {
    const who = house.person()
    const client = await house.bound(who)
    await change(client, "<item jid='juliet@localhost' name='Juliet'/>")
    await client.close()
    expect(itemsOf(await fetchRoster(await house.bound(who))).map(it => it.attrs.jid)).toEqual(['juliet@localhost'])
  })

  rule('RFC 6121 2.1.6', 'the answer of a client to a push is taken without a word', async house => {
    const client = await house.bound(house.person())
    await fetchRoster(client)
    const { push } = await change(client, "<item jid='juliet@localhost'/>")
    client.send(`<iq type='result' id='${push?.attrs.id ?? ''}'/>`)
    await client.expectNothing()
  })
})
