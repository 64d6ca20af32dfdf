/** Message carbons (XEP-0280). */
import { describe, expect, it } from 'vitest'
import { bodies, canonical, chat, openHouse, xml } from './house.js'

describe('carbon copies', () => {
  const enable = `<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`
  const disable = `<iq type='set' id='c'><disable xmlns='urn:xmpp:carbons:2'/></iq>`
  const copyOf = (direction: string, original: string, account: string, resource: string): string =>
    canonical(
      `<message type='chat' from='${account}' to='${account}/${resource}'><${direction} xmlns='urn:xmpp:carbons:2'>` +
        `<forwarded xmlns='urn:xmpp:forward:0'>${original.replace('<message', "<message xmlns='jabber:client'")}</forwarded></${direction}></message>`,
    )

  it('are enabled with an answer', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(enable, enable, disable)
    expect(romeo.hears()).toEqual(xml(...Array(3).fill(`<iq type='result' id='c' to='${romeo.jid}'/>`)))
  })

  it('of a received message go to the sessions that enabled them and did not get it', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const balcony = house.login('juliet@a.example', 'balcony')
    const chamber = house.login('juliet@a.example', 'chamber')
    const plain = house.login('juliet@a.example', 'plain')
    balcony.says(enable)
    chamber.says(enable)
    for (const one of [balcony, chamber]) one.ignores()
    romeo.says(chat(balcony.jid, 'hi'))
    const original = chat(balcony.jid, 'hi', romeo.jid)
    expect(balcony.hears()).toEqual(xml(original))
    expect(chamber.hears()).toEqual([copyOf('received', original, 'juliet@a.example', 'chamber')])
    expect(plain.hears()).toEqual([])
  })

  it('of a sent message go to the other sessions of its sender', () => {
    const house = openHouse()
    const phone = house.login('romeo@a.example', 'phone')
    const desk = house.login('romeo@a.example', 'desk')
    const juliet = house.login('juliet@a.example', 'balcony')
    phone.says(enable)
    desk.says(enable)
    for (const one of [phone, desk]) one.ignores()
    phone.says(chat(juliet.jid, 'hi'))
    expect(phone.hears()).toEqual([])
    expect(desk.hears()).toEqual([copyOf('sent', chat(juliet.jid, 'hi', phone.jid), 'romeo@a.example', 'desk')])
  })

  it('of a message to oneself come once', () => {
    const house = openHouse()
    const phone = house.login('romeo@a.example', 'phone')
    const desk = house.login('romeo@a.example', 'desk')
    const third = house.login('romeo@a.example', 'third')
    for (const one of [phone, desk, third]) {
      one.says(enable)
      one.ignores()
    }
    phone.says(chat(desk.jid, 'hi'))
    expect(phone.hears()).toEqual([])
    expect(desk.hears()).toHaveLength(1)
    expect(third.hears()).toEqual([copyOf('received', chat(desk.jid, 'hi', phone.jid), 'romeo@a.example', 'third')])
  })

  it('stop when they are disabled', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const balcony = house.login('juliet@a.example', 'balcony')
    const chamber = house.login('juliet@a.example', 'chamber')
    chamber.says(enable, disable)
    chamber.ignores()
    romeo.says(chat(balcony.jid, 'hi'))
    expect(chamber.hears()).toEqual([])
  })

  it('are never stored nor returned', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const balcony = house.login('juliet@a.example', 'balcony')
    const chamber = house.login('juliet@a.example', 'chamber').enables()
    chamber.says(enable)
    chamber.drops()
    romeo.says(chat(balcony.jid, 'hi'))
    balcony.leaves()
    house.host.advance(601_000)
    expect(house.offline.count('juliet@a.example')).toBe(0)
    expect(romeo.hears()).toEqual([])
  })
})

describe('a message of somebody else that is wrapped like a copy', () => {
  it('is a message like any other: it is stored, not given up', () => {
    const house = openHouse()
    const tybalt = house.login('tybalt@b.example', 'street')
    const balcony = house.login('juliet@a.example', 'balcony').enables()
    balcony.drops()
    tybalt.says(
      `<message type='chat' id='forged' to='${balcony.jid}'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
        `<message xmlns='jabber:client' from='romeo@a.example/phone' to='${balcony.jid}' type='chat'><body>hi</body></message>` +
        '</forwarded></received><body>see below</body></message>',
    )
    house.host.advance(601_000)
    expect(house.offline.read('juliet@a.example').map(({ facts }) => [facts.from, facts.copy])).toEqual([
      [tybalt.jid, undefined],
    ])
  })

  it('is never unwrapped, so that nobody speaks in the name of others', () => {
    const house = openHouse()
    const tybalt = house.login('tybalt@b.example', 'street')
    const [one, two] = ['one', 'two'].map(resource => house.login('juliet@a.example', resource).enables().appears())
    one?.drops()
    two?.drops()
    tybalt.says(
      `<message type='chat' id='forged' to='juliet@a.example'><result xmlns='urn:xmpp:mam:2'/>` +
        `<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
        `<message xmlns='jabber:client' from='romeo@a.example/phone' to='juliet@a.example' type='chat'><body>hi</body></message>` +
        '</forwarded></received></message>',
    )
    house.host.advance(601_000)
    expect(house.offline.read('juliet@a.example').map(({ facts }) => facts.from)).not.toContain('romeo@a.example/phone')
    const again = house.login('juliet@a.example', 'again')
    again.says('<presence/>')
    expect(bodies(again.hears())).not.toContain('hi')
  })
})
