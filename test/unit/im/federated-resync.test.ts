/** What is said anew to other servers, when, and how much of it there can be. */
import { describe, expect, it } from 'vitest'
import { probePace, resyncPace, resyncPauses, staleStrangers } from '../../../packages/im/src/limits.js'
import { staleRecords } from '../../../packages/im/src/remote/stale-record.js'
import { unreachable } from '../../../packages/im/src/remote/unreachable.js'
import { canonical, errorReply, type House } from './house.js'
import { type Houses, openHouses, stanzaOf } from './houses.js'

const romeoAccount = 'romeo@a.example'
const benvolioAccount = 'benvolio@c.example'
const room = 'room@c.example/romeo'

const presence = (from: string, to: string, type = '', inside = ''): string =>
  canonical(`<presence from='${from}' to='${to}'${type === '' ? '' : ` type='${type}'`}>${inside}</presence>`)
const status = (text: string): string => `<presence><status>${text}</status></presence>`

const contact = { groups: [], approved: false, listed: true } as const
const nobodyStands = (contacts: ReadonlyArray<string> = [benvolioAccount]): Houses => {
  const houses = openHouses()
  for (const jid of contacts) houses.here.rosters.put(romeoAccount, { ...contact, jid, state: 'both' })
  houses.there.rosters.put(benvolioAccount, { ...contact, jid: romeoAccount, state: 'both' })
  for (const house of [houses.here, houses.there]) house.host.settle()
  houses.wire.stands('down')
  return houses
}
const records = ({ journal }: House): number => [...journal.records(staleRecords)].length
/** The link of our side stands, and what follows from it happens. */
const stand = ({ here, wire }: Houses): ReadonlyArray<string> => {
  wire.carried.here.length = 0
  wire.stands('ready')
  here.messaging.linkEstablished('a.example', 'c.example')
  here.host.advance(10_000)
  return wire.carried.here
}

describe('presence for a link that is down', () => {
  it('does not wait for it: what is true when it stands is said then, once', () => {
    const houses = nobodyStands()
    const { here, wire } = houses
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(status('one'), status('two'), status('three'))
    here.host.advance(1_000)
    expect(wire.carried.here).toEqual([])
    expect(wire.connected).toEqual(['a.example>c.example'])
    expect(records(here)).toBe(1)
    expect(stand(houses)).toEqual([
      presence(romeo.jid, benvolioAccount, '', '<status>three</status>'),
      presence(romeoAccount, benvolioAccount, 'probe'),
    ])
    expect(records(here)).toBe(0)
    romeo.says(status('four'))
    expect(wire.carried.here.at(-1)).toBe(presence(romeo.jid, benvolioAccount, '', '<status>four</status>'))
  })

  it('that is over when the link stands is taken back, each resource once, and others are shown', () => {
    const houses = nobodyStands()
    const { here } = houses
    const phone = here.login(romeoAccount, 'phone').appears()
    stand(houses)
    houses.wire.stands('down')
    const desk = here.login(romeoAccount, 'desk').appears()
    phone.leaves()
    here.login(romeoAccount, 'tablet').appears().leaves()
    expect(stand(houses)).toEqual([
      presence(phone.jid, benvolioAccount, 'unavailable'),
      presence(desk.jid, benvolioAccount),
      presence(romeoAccount, benvolioAccount, 'probe'),
    ])
  })

  it('of somebody who blocks the contact meanwhile is taken back, and nothing is shown or asked', () => {
    const houses = nobodyStands()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    romeo.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${benvolioAccount}'/></block></iq>`)
    expect(stand(houses)).toEqual([presence(romeo.jid, benvolioAccount, 'unavailable')])
  })

  it('makes it be tried with growing pauses, for as long as there is something to say', () => {
    const { here, wire } = nobodyStands()
    here.login(romeoAccount, 'phone').appears()
    const seconds = resyncPauses.reduce((sum, pause) => sum + pause)
    here.host.advance(seconds * 1000)
    expect(wire.connected).toHaveLength(resyncPauses.length + 1)
    here.host.advance(24 * 3_600_000)
    expect(wire.connected).toHaveLength(resyncPauses.length + 1 + 24)
  })

  it('of 200 contacts takes a record for each, however often it changes, and nothing of the link', () => {
    const jids = Array.from({ length: 200 }, (_, index) => `friend${index}@c.example`)
    const houses = nobodyStands(jids)
    const { here, wire } = houses
    const romeo = here.login(romeoAccount, 'phone').appears()
    for (let change = 0; change < 1_000; change += 1) {
      romeo.says(status(String(change)))
      romeo.ignores()
    }
    here.host.advance(30_000)
    expect(wire.carried.here).toEqual([])
    expect(wire.connected).toHaveLength(1)
    expect(records(here)).toBe(200)
    const said = stand(houses).filter(text => !text.includes('probe'))
    expect(said).toEqual(jids.map(jid => presence(romeo.jid, jid, '', '<status>999</status>')))
    expect(records(here)).toBe(0)
    here.host.advance(60_000)
    expect(here.host.nextDue()).toBeUndefined()
  })
})

describe('presence to 10,000 contacts, over a link that is dead and dies again on the way', () => {
  it('takes a record for each, leaves in small parts, and reaches each of them with the last state, once', () => {
    const jids = Array.from({ length: 10_000 }, (_, index) => `friend${index}@c.example`)
    const { here, wire } = nobodyStands(jids)
    const romeo = here.login(romeoAccount, 'phone').appears()
    romeo.says(status('first'))
    expect([wire.carried.here.length, records(here)]).toEqual([0, jids.length])
    wire.hold()

    for (const text of ['second', 'third']) {
      wire.stands('ready')
      here.messaging.linkEstablished('a.example', 'c.example')
      here.host.advance(20 * resyncPace.pause)
      const swallowed = wire.take('here')
      const told = swallowed.filter(({ facts }) => facts.type === 'available').length
      expect(told).toBeGreaterThan(10 * resyncPace.atOnce)
      expect(told).toBeLessThanOrEqual(21 * resyncPace.atOnce)
      // Besides, contacts are asked, with those who are told and at a pace of its own.
      expect(swallowed.length - told).toBeLessThanOrEqual(21 * (resyncPace.atOnce + probePace.atOnce))
      wire.stands('down')
      for (const { stanza, facts } of swallowed) here.messaging.returnFromLink(stanza, facts, 'remote-server-timeout')
      here.messaging.linkLost('a.example', 'c.example', false)
      here.host.settle()
      romeo.says(status(text))
      expect([wire.take('here').length, records(here)]).toEqual([0, jids.length])
    }

    wire.stands('ready')
    here.messaging.linkEstablished('a.example', 'c.example')
    here.host.advance((jids.length / resyncPace.atOnce) * 2 * resyncPace.pause)
    const told = wire
      .take('here')
      .flatMap(({ stanza, facts }) => (facts.type === 'probe' ? [] : [canonical(stanza.xml)]))
    expect([...told].sort()).toEqual(jids.map(jid => presence(romeo.jid, jid, '', '<status>third</status>')).sort())
    expect(records(here)).toBe(0)
  }, 60_000)
})

describe('presence that a link', () => {
  it('refuses is said when it takes it', () => {
    const houses = nobodyStands()
    const { here, wire } = houses
    stand(houses)
    const romeo = here.login(romeoAccount, 'phone').appears()
    wire.refuse(unreachable('resource-constraint'))
    romeo.says(status('crowded'))
    here.host.advance(5_000)
    wire.refuse(undefined)
    wire.carried.here.length = 0
    here.host.advance(5_000)
    expect(wire.carried.here).toEqual([presence(romeo.jid, benvolioAccount, '', '<status>crowded</status>')])
    expect(records(here)).toBe(0)
  })

  it('is slow to take waits until it is not', () => {
    const houses = nobodyStands()
    const { here, wire } = houses
    const romeo = here.login(romeoAccount, 'phone').appears()
    stand(houses)
    wire.stands('busy')
    wire.carried.here.length = 0
    for (const text of ['one', 'two']) romeo.says(status(text))
    here.host.advance(30_000)
    expect(wire.carried.here).toEqual([])
    wire.stands('ready')
    here.host.advance(2_000)
    expect(wire.carried.here).toEqual([presence(romeo.jid, benvolioAccount, '', '<status>two</status>')])
  })

  it('loses after it was directed to somebody is told to its sender, who alone can say it again', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    wire.hold()
    romeo.says(`<presence id='p' to='${room}'/>`)
    const [join] = wire.cut()
    if (join === undefined) throw new Error('nothing left')
    here.messaging.returnFromLink(join.stanza, join.facts, 'recipient-unavailable')
    here.host.settle()
    expect(romeo.hears()).toEqual([
      errorReply('presence', `id='p' from='${room}' to='${romeo.jid}'`, 'wait', 'recipient-unavailable'),
    ])
    wire.carried.here.length = 0
    romeo.leaves()
    expect(wire.carried.here).toEqual([])
    expect(records(here)).toBe(0)
  })

  it('loses after it was directed to somebody is routed again where that is configured', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    wire.hold()
    romeo.says(`<presence to='${room}'/>`)
    const [join] = wire.cut()
    if (join === undefined) throw new Error('nothing left')
    here.messaging.sendAgain(join.stanza, join.facts, 0)
    expect(wire.carried.here).toEqual([presence(romeo.jid, room), presence(romeo.jid, room)])
  })

  it('loses when it ended directed presence is said again', () => {
    const houses = openHouses()
    const { here, wire } = houses
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<presence to='${room}'/>`)
    wire.hold()
    romeo.leaves()
    wire.stands('down')
    for (const { stanza, facts } of wire.cut()) here.messaging.returnFromLink(stanza, facts, 'recipient-unavailable')
    expect(stand(houses)).toEqual([presence(romeo.jid, room, 'unavailable')])
  })
})

describe('what an account can make the server remember', () => {
  it('is bounded where it is about strangers', () => {
    const { here, wire } = openHouses()
    wire.stands('down')
    const romeo = here.login(romeoAccount, 'phone')
    for (let count = 0; count < staleStrangers + 100; count += 1)
      romeo.says(`<presence type='unsubscribe' to='stranger${count}@c.example'/>`)
    expect(records(here)).toBe(staleStrangers)
  })

  it('is nothing where there is no such account', () => {
    const { here, wire } = openHouses()
    wire.stands('down')
    wire.hold()
    here.messaging.receive(stanzaOf(presence('rosaline@c.example', 'nobody@a.example', 'probe')))
    here.host.settle()
    for (const { stanza, facts } of wire.cut()) here.messaging.returnFromLink(stanza, facts, 'remote-server-timeout')
    here.host.settle()
    expect(records(here)).toBe(0)
  })
})

describe('after a link was gone', () => {
  it('contacts of its domain are asked once it stands, in the name of the account, and all sessions get the answer', () => {
    const houses = nobodyStands([benvolioAccount, 'friend@d.example'])
    const { here, there, wire } = houses
    const phone = here.login(romeoAccount, 'phone').appears().enables()
    const desk = here.login(romeoAccount, 'desk').appears()
    stand(houses)
    phone.drops()
    desk.ignores()
    wire.hold()
    const benvolio = there.login(benvolioAccount, 'square').appears()
    wire.cut()
    wire.stands('down')
    here.messaging.linkLost('a.example', 'c.example', false)
    here.host.advance(60_000)
    expect(desk.hears()).toEqual([])
    wire.stands('ready')
    here.messaging.linkEstablished('a.example', 'c.example')
    here.host.advance(60_000)
    expect(wire.carried.here.slice(-1)).toEqual([presence(romeoAccount, benvolioAccount, 'probe')])
    wire.release()
    expect(desk.hears()).toEqual([presence(benvolio.jid, romeoAccount)])
    phone.resumes(0)
    expect(phone.hears().join()).toContain(presence(benvolio.jid, romeoAccount))
  })

  it('that breaks again and again they are asked a few times, not each time', () => {
    const houses = nobodyStands()
    const { here, wire } = houses
    here.login(romeoAccount, 'phone').appears()
    stand(houses)
    wire.carried.here.length = 0
    for (let second = 0; second < 300; second += 1) {
      here.messaging.linkLost('a.example', 'c.example', false)
      here.host.advance(1_000)
    }
    const probes = wire.carried.here.filter(text => text.includes('probe'))
    expect(probes.length).toBeGreaterThan(2)
    expect(probes.length).toBeLessThan(7)
  })

  it('that had no stream management they are told as well, as nobody knows what of it arrived', () => {
    const houses = nobodyStands()
    const { here, wire } = houses
    here.rosters.put(romeoAccount, { ...contact, jid: 'rosaline@c.example', state: 'none+out' })
    const romeo = here.login(romeoAccount, 'phone').appears()
    stand(houses)
    wire.carried.here.length = 0
    here.messaging.linkLost('a.example', 'c.example', true)
    here.host.advance(120_000)
    expect([...wire.carried.here].sort()).toEqual(
      [
        presence(romeo.jid, benvolioAccount),
        presence(romeoAccount, benvolioAccount, 'probe'),
        presence(romeoAccount, 'rosaline@c.example', 'subscribe'),
      ].sort(),
    )
  })

  it('nobody is asked for whom nobody is there, and nothing is left to do', () => {
    const { here, wire } = nobodyStands()
    here.login(romeoAccount, 'phone')
    here.messaging.linkLost('a.example', 'c.example', false)
    here.host.advance(10_000)
    expect([wire.connected, here.host.nextDue()]).toEqual([[], undefined])
  })
})
