/** The block list (XEP-0191): what its end of a conversation sees, what waits, and whom it never cuts off. */
import { describe, expect, it } from 'vitest'
import { bodies, type Client, canonical, chat, errorReply, openHouse, xml } from './house.js'
import { openHouses } from './houses.js'

const romeoAccount = 'romeo@a.example'
const julietAccount = 'juliet@a.example'
const room = 'room@c.example/juliet'

const command = (verb: 'block' | 'unblock', ...jids: ReadonlyArray<string>): string =>
  `<iq type='set' id='b'><${verb} xmlns='urn:xmpp:blocking'>${jids.map(jid => `<item jid='${jid}'/>`).join('')}</${verb}></iq>`

const unavailable = (from: string, to: string): string =>
  canonical(`<presence from='${from}' to='${to}' type='unavailable'/>`)

const presences = (client: Client): ReadonlyArray<string> => client.hears().filter(text => text.startsWith('<presence'))

const messages = (client: Client): ReadonlyArray<string> =>
  bodies(client.hears().filter(text => text.startsWith('<message')))

describe('who saw the user learns with the block that the user is gone, and hears no more', () => {
  const ends: ReadonlyArray<readonly [string, (client: Client) => void]> = [
    ['goes unavailable', client => client.says("<presence type='unavailable'/>")],
    ['closes the stream', client => client.leaves()],
    ['loses the line', client => client.drops()],
  ]
  for (const [how, end] of ends)
    it(`by directed presence, however the session ends: it ${how}`, () => {
      const house = openHouse()
      const romeo = house.login(romeoAccount, 'phone')
      const juliet = house.login(julietAccount, 'balcony')
      juliet.says(`<presence to='${romeo.jid}'/>`)
      romeo.ignores()
      juliet.says(command('block', romeoAccount))
      expect(romeo.hears()).toEqual([unavailable(juliet.jid, romeo.jid)])
      end(juliet)
      expect(romeo.hears()).toEqual([])
    })

  it('at another server, such as a room', () => {
    const { here, wire } = openHouses()
    const juliet = here.login(julietAccount, 'balcony')
    juliet.says(`<presence to='${room}'/>`, `<presence to='other@c.example/juliet'/>`)
    wire.carried.here.length = 0
    juliet.says(command('block', 'room@c.example'))
    expect(wire.carried.here).toEqual([unavailable(juliet.jid, room)])
    juliet.leaves()
    expect(wire.carried.here).toEqual([
      unavailable(juliet.jid, room),
      unavailable(juliet.jid, 'other@c.example/juliet'),
    ])
  })

  it('once, of somebody who saw it by subscription and directly', () => {
    const house = openHouse()
    house.befriend(romeoAccount, julietAccount)
    const romeo = house.login(romeoAccount, 'phone').appears()
    const juliet = house.login(julietAccount, 'balcony').appears()
    juliet.says(`<presence to='${romeo.jid}'/>`)
    romeo.ignores()
    juliet.says(command('block', romeoAccount))
    expect(romeo.hears()).toEqual([unavailable(juliet.jid, romeoAccount)])
    juliet.leaves()
    expect(romeo.hears()).toEqual([])
  })

  it('of every session, and not again if it blocks more', () => {
    const house = openHouse()
    house.befriend(romeoAccount, julietAccount)
    const romeo = house.login(romeoAccount, 'phone').appears()
    const balcony = house.login(julietAccount, 'balcony').appears()
    const chamber = house.login(julietAccount, 'chamber').appears()
    romeo.ignores()
    balcony.says(command('block', romeoAccount))
    expect(romeo.hears()).toEqual([balcony, chamber].map(({ jid }) => unavailable(jid, romeoAccount)))
    balcony.says(command('block', romeoAccount, 'b.example'))
    expect(romeo.hears()).toEqual([])
    balcony.says(command('unblock'))
    expect(romeo.hears()).toEqual(
      xml(...[balcony, chamber].map(({ jid }) => `<presence from='${jid}' to='${romeoAccount}'/>`)),
    )
  })

  it('on the one device that is blocked, while others go on', () => {
    const house = openHouse()
    house.befriend(romeoAccount, julietAccount)
    const phone = house.login(romeoAccount, 'phone').appears()
    const desk = house.login(romeoAccount, 'desk').appears()
    const juliet = house.login(julietAccount, 'balcony').appears()
    for (const one of [phone, desk, juliet]) one.ignores()
    juliet.says(command('block', phone.jid))
    expect([phone.hears(), desk.hears()]).toEqual([[unavailable(juliet.jid, romeoAccount)], []])
    juliet.says('<presence><show>dnd</show></presence>')
    expect(phone.hears()).toEqual([])
    expect(desk.hears()).toHaveLength(1)
    juliet.ignores()
    phone.says(`<presence type='probe' to='${julietAccount}'/>`, '<presence><show>away</show></presence>')
    expect([presences(phone).filter(text => text.includes(juliet.jid)), juliet.hears()]).toEqual([[], []])
    const chamber = house.login(julietAccount, 'chamber')
    chamber.says('<presence/>')
    expect(presences(chamber).join()).not.toContain(phone.jid)
    juliet.says(command('unblock', phone.jid))
    expect(presences(phone)).toHaveLength(2)
  })

  it('so that nothing need be sent to whoever is blocked any more', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    const juliet = house.login(julietAccount, 'balcony')
    juliet.says(`<presence to='${romeo.jid}'/>`, command('block', romeoAccount))
    for (const one of [romeo, juliet]) one.ignores()
    juliet.says(`<presence to='${romeo.jid}' type='unavailable'/>`)
    expect(romeo.hears()).toEqual([])
    expect(juliet.hears().join()).toContain('not-acceptable')
  })
})

describe('what waits from whoever is blocked since', () => {
  it('in offline storage is dropped, without a word to its sender', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    const tybalt = house.login('tybalt@b.example', 'street')
    romeo.says(chat(julietAccount, 'from romeo'))
    tybalt.says(chat(julietAccount, 'from tybalt'))
    const juliet = house.login(julietAccount, 'balcony')
    juliet.says(command('block', romeoAccount), '<presence/>')
    expect(messages(juliet)).toEqual(['from tybalt'])
    expect([romeo.hears(), house.offline.count(julietAccount)]).toEqual([[], 0])
  })

  it('is not copied to others either', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    romeo.says(chat(julietAccount, 'from romeo'))
    const chamber = house.login(julietAccount, 'chamber')
    chamber.says(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`, command('block', romeoAccount))
    const balcony = house.login(julietAccount, 'balcony')
    balcony.says('<presence/>')
    expect([...messages(chamber), ...messages(balcony)]).toEqual([])
  })

  it('as a request for a subscription is not shown before the block ends', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    const juliet = house.login(julietAccount, 'balcony')
    juliet.says(command('block', romeoAccount), '<presence/>')
    expect(presences(juliet).filter(text => text.includes('subscribe'))).toEqual([])
    juliet.says(command('unblock', romeoAccount), "<presence type='unavailable'/>", '<presence/>')
    expect(presences(juliet).filter(text => text.includes('subscribe'))).toHaveLength(1)
  })

  it('in a session whose time is over is refused like all that comes from there', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    const other = house.login(julietAccount, 'other').appears()
    const juliet = house.login(julietAccount, 'balcony').enables()
    juliet.drops()
    romeo.says(`<iq type='get' id='q' to='${juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`)
    other.says(command('block', romeoAccount))
    other.ignores()
    house.host.advance(601_000)
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='${juliet.jid}' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
    expect(other.hears()).toEqual([])
  })

  it('in a session that was lost does not go to another one', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone')
    const other = house.login(julietAccount, 'other').appears()
    const juliet = house.login(julietAccount, 'balcony')
    house.runtime.dispatch(julietAccount, {
      _tag: 'EnableReceived',
      at: house.host.clock.now(),
      resource: 'balcony',
      connection: 'c3',
      version: 'urn:xmpp:sm:3',
      resume: false,
      freshId: 'unused',
    })
    house.host.settle()
    romeo.says(chat(juliet.jid, 'hi'))
    other.says(command('block', romeoAccount))
    other.ignores()
    juliet.drops()
    expect(other.hears()).toEqual([])
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${juliet.jid}' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
  })
})

describe("a user's own devices are never cut off from each other", () => {
  const own = (how: string) => {
    const house = openHouse()
    const phone = house.login(julietAccount, 'phone').appears()
    const desk = house.login(julietAccount, 'desk').appears()
    desk.says(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`)
    // As an earlier version kept it, whatever was named.
    house.rosters.setBlocked(julietAccount, new Set([how]))
    for (const one of [phone, desk]) one.ignores()
    return { house, phone, desk }
  }

  for (const [what, jid] of [
    ['domain', 'a.example'],
    ['bare JID', julietAccount],
    ['full JID', `${julietAccount}/desk`],
    ['resource at any account', 'a.example/desk'],
  ] as const)
    it(`though their ${what} is on the list`, () => {
      const { house, phone, desk } = own(jid)
      phone.says(
        chat(desk.jid, 'to desk'),
        `<iq type='get' id='q' to='${desk.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<presence to='${desk.jid}'><status>direct</status></presence>`,
        '<presence><show>away</show></presence>',
      )
      const heard = desk.hears()
      expect(bodies(heard)).toContain('to desk')
      for (const part of ["'q'".replaceAll("'", '"'), '<status>direct</status>', '<show>away</show>'])
        expect(heard.join()).toContain(part)
      desk.says(
        `<iq type='result' id='q' to='${phone.jid}'/>`,
        chat(phone.jid, 'to phone'),
        `<presence type='probe' to='${julietAccount}'/>`,
      )
      expect(phone.hears().join()).toMatch(/type="result".*to phone/)
      expect(desk.hears().join()).toContain('<show>away</show>')
      const third = house.login(julietAccount, 'third')
      third.says('<presence/>')
      expect(presences(third).join()).toContain(phone.jid)
      // A copy of what the phone gets from others and of what it sends.
      house.rosters.setBlocked(julietAccount, new Set([`${julietAccount}/desk`]))
      desk.ignores()
      house.login('tybalt@b.example', 'street').says(chat(phone.jid, 'copied'))
      phone.says(chat('tybalt@b.example/street', 'sent'))
      expect(bodies(desk.hears())).toEqual(expect.arrayContaining(['copied', 'sent']))
    })

  it('while a block of their domain keeps out others of it', () => {
    const { house, phone } = own('a.example')
    house.login(romeoAccount, 'street').says(chat(phone.jid, 'hi'))
    expect(messages(phone)).toEqual([])
  })

  it('and whoever asks for that is told that it cannot be', () => {
    const house = openHouse()
    const juliet = house.login(julietAccount, 'phone')
    for (const jid of [julietAccount, juliet.jid, `${julietAccount}/desk`]) {
      juliet.says(command('block', 'b.example', jid))
      expect(juliet.hears().join()).toContain('not-allowed')
    }
    expect(house.rosters.blocked(julietAccount).size).toBe(0)
    juliet.says(`<presence to='${juliet.jid}'/>`, command('block', 'a.example'))
    expect(presences(juliet)).toHaveLength(1)
  })
})

describe('pushes', () => {
  it('each have an id of their own, also within one millisecond', () => {
    const house = openHouse()
    const juliet = house.login(julietAccount, 'balcony')
    juliet.says(
      `<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>`,
      `<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`,
    )
    juliet.ignores()
    for (let n = 0; n < 5; n += 1)
      juliet.says(
        command('block', `u${n}@b.example`),
        `<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='u${n}@b.example'/></query></iq>`,
        `<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='u${n}@b.example' subscription='remove'/></query></iq>`,
      )
    const ids = juliet
      .hears()
      .filter(text => text.includes('type="set"'))
      .map(text => / id="(.*?)"/.exec(text)?.[1])
    expect([ids.length, new Set(ids).size]).toEqual([15, 15])
  })
})
