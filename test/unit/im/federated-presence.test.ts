/** Presence across servers (RFC 6121 §4): broadcast, directed, probed. */
import { describe, expect, it } from 'vitest'
import { unreachable } from '../../../packages/im/src/remote/unreachable.js'
import { canonical, errorReply, openHouse, xml } from './house.js'
import { type Houses, openHouses, stanzaOf } from './houses.js'

const romeoAccount = 'romeo@a.example'
const benvolioAccount = 'benvolio@c.example'
const room = 'room@c.example/romeo'

const presence = (from: string, to: string, type = '', inside = ''): string =>
  canonical(`<presence from='${from}' to='${to}'${type === '' ? '' : ` type='${type}'`}>${inside}</presence>`)

const contact = { groups: [], approved: false, listed: true } as const

/** Romeo here and Benvolio there see each other. */
const friends = (): Houses => {
  const houses = openHouses()
  houses.here.rosters.put(romeoAccount, { ...contact, jid: benvolioAccount, state: 'both' })
  houses.there.rosters.put(benvolioAccount, { ...contact, jid: romeoAccount, state: 'both' })
  houses.here.host.settle()
  houses.there.host.settle()
  return houses
}

const empty = ({ wire }: Houses): void => {
  wire.carried.here.length = 0
  wire.carried.there.length = 0
}

describe('initial presence', () => {
  it('gets to contacts elsewhere, and asks for theirs', () => {
    const houses = friends()
    const benvolio = houses.there.login(benvolioAccount, 'square').appears()
    empty(houses)
    const romeo = houses.here.login(romeoAccount, 'phone')
    romeo.says('<presence><show>away</show></presence>')
    expect(houses.wire.carried.here).toEqual([
      presence(romeo.jid, benvolioAccount, '', '<show>away</show>'),
      presence(romeo.jid, benvolioAccount, 'probe'),
    ])
    expect(benvolio.hears()).toEqual([presence(romeo.jid, benvolioAccount, '', '<show>away</show>')])
    expect(houses.wire.carried.there).toEqual([presence(benvolio.jid, romeo.jid)])
    expect(romeo.hears()).toContain(presence(benvolio.jid, romeo.jid))
  })

  it('asks no contact whom the user blocks, and does not reach them', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone')
    romeo.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='c.example'/></block></iq>`)
    romeo.says('<presence/>')
    expect(houses.wire.carried.here).toEqual([])
  })

  it('follows one direction of the subscription', () => {
    const houses = openHouses()
    houses.here.rosters.put(romeoAccount, { ...contact, jid: benvolioAccount, state: 'to' })
    houses.here.rosters.put(romeoAccount, { ...contact, jid: 'rosaline@c.example', state: 'from' })
    houses.here.host.settle()
    const romeo = houses.here.login(romeoAccount, 'phone')
    romeo.says('<presence/>')
    expect(houses.wire.carried.here).toEqual([
      presence(romeo.jid, 'rosaline@c.example'),
      presence(romeo.jid, benvolioAccount, 'probe'),
    ])
  })

  it('between two domains of one server stays there', () => {
    const houses = openHouses()
    houses.here.befriend(romeoAccount, 'tybalt@b.example')
    const tybalt = houses.here.login('tybalt@b.example', 'street').appears()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    expect(tybalt.hears()).toEqual([presence(romeo.jid, 'tybalt@b.example')])
    romeo.says(`<presence to='${tybalt.jid}'/>`, `<message to='${tybalt.jid}'><body>hi</body></message>`)
    expect(tybalt.hears()).toHaveLength(2)
    expect(houses.wire.carried).toEqual({ here: [], there: [] })
  })
})

describe('the presence that follows', () => {
  it('gets there without another probe, and so does its end', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    empty(houses)
    romeo.says('<presence><show>dnd</show></presence>', `<presence type='unavailable'/>`)
    romeo.leaves()
    expect(houses.wire.carried.here).toEqual([
      presence(romeo.jid, benvolioAccount, '', '<show>dnd</show>'),
      presence(romeo.jid, benvolioAccount, 'unavailable'),
    ])
  })

  it('does not change while a session hibernates, and its user learns on resumption what came meanwhile', () => {
    const houses = friends()
    const benvolio = houses.there.login(benvolioAccount, 'square').appears()
    const romeo = houses.here.login(romeoAccount, 'phone').appears().enables()
    empty(houses)
    romeo.drops()
    benvolio.says('<presence><show>xa</show></presence>')
    romeo.resumes(0)
    expect(houses.wire.carried.here).toEqual([])
    expect(romeo.hears().join()).toContain('<show>xa</show>')
  })
})

describe('blocking', () => {
  const command = (verb: string): string =>
    `<iq type='set' id='b'><${verb} xmlns='urn:xmpp:blocking'><item jid='${benvolioAccount}'/></${verb}></iq>`

  it('takes the presence away, and unblocking brings it back', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    empty(houses)
    romeo.says(command('block'), '<presence><show>dnd</show></presence>')
    expect(houses.wire.carried.here).toEqual([presence(romeo.jid, benvolioAccount, 'unavailable')])
    empty(houses)
    romeo.says(command('unblock'))
    expect(houses.wire.carried.here).toEqual([presence(romeo.jid, benvolioAccount, '', '<show>dnd</show>')])
  })

  it('answers no presence of whoever is blocked, whatever it is', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    romeo.says(command('block'))
    romeo.ignores()
    empty(houses)
    houses.there
      .login(benvolioAccount, 'square')
      .says(
        '<presence/>',
        `<presence to='${romeo.jid}'/>`,
        `<presence type='probe' to='${romeoAccount}'/>`,
        `<presence type='subscribe' to='${romeoAccount}'/>`,
        `<presence type='unsubscribe' to='${romeoAccount}'/>`,
      )
    expect(houses.wire.carried.here).toEqual([])
    expect(romeo.hears()).toEqual([])
    expect(houses.here.rosters.roster(romeoAccount).items.get(benvolioAccount)?.state).toBe('both')
  })
})

describe('directed presence', () => {
  it('gets elsewhere, is remembered, and its end is told once', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<presence to='${room}'/>`, `<presence to='${room}'><show>away</show></presence>`)
    romeo.leaves()
    expect(wire.carried.here).toEqual([
      presence(romeo.jid, room),
      presence(romeo.jid, room, '', '<show>away</show>'),
      presence(romeo.jid, room, 'unavailable'),
    ])
  })

  it('may be to a server itself', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<presence to='c.example'/>`)
    romeo.leaves()
    expect(wire.carried.here).toEqual([
      presence(romeo.jid, 'c.example'),
      presence(romeo.jid, 'c.example', 'unavailable'),
    ])
  })

  it('gets to whom it names, whatever the resource looks like', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<presence to='c.example/x@a.example'/>`)
    romeo.leaves()
    expect(wire.carried.here).toEqual([
      presence(romeo.jid, 'c.example/x@a.example'),
      presence(romeo.jid, 'c.example/x@a.example', 'unavailable'),
    ])
  })

  it('that was taken back is not taken back again', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<presence to='${room}'/>`, `<presence to='${room}' type='unavailable'/>`)
    romeo.leaves()
    expect(wire.carried.here).toHaveLength(2)
  })

  it('to a contact ends with the broadcast to them', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    romeo.says(`<presence to='${benvolioAccount}/square'/>`)
    empty(houses)
    romeo.leaves()
    expect(houses.wire.carried.here).toEqual([presence(romeo.jid, benvolioAccount, 'unavailable')])
  })

  it('that cannot leave is answered, and nobody is told of its end', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    wire.refuse(unreachable('remote-server-not-found'))
    romeo.says(`<presence to='${room}-2' type='unavailable'/>`, `<presence id='p' to='${room}'/>`)
    expect(romeo.hears()).toEqual([
      errorReply('presence', `id='p' from='${room}' to='${romeo.jid}'`, 'cancel', 'remote-server-not-found'),
    ])
    wire.refuse(undefined)
    romeo.leaves()
    expect(wire.carried.here).toEqual([])
  })

  it('from elsewhere gets to the session that it names, or to all available ones', () => {
    const { here, there, wire } = openHouses()
    const quiet = here.login(romeoAccount, 'quiet')
    const phone = here.login(romeoAccount, 'phone').appears()
    const benvolio = there.login(benvolioAccount, 'square')
    benvolio.says(`<presence to='${quiet.jid}'/>`, `<presence to='${romeoAccount}'/>`)
    expect(quiet.hears()).toEqual([presence(benvolio.jid, quiet.jid)])
    expect(phone.hears()).toEqual([presence(benvolio.jid, romeoAccount)])
    benvolio.says(`<presence to='a.example'/>`, `<presence to='nobody@a.example'/>`)
    expect(wire.carried.here).toEqual([])
  })
})

describe('a probe', () => {
  const answers = (houses: Houses, probe: string): ReadonlyArray<string> => {
    empty(houses)
    houses.here.messaging.receive(stanzaOf(probe))
    houses.here.host.settle()
    return houses.wire.carried.here
  }

  it('of a contact is answered with the presence of each available session, to whoever asked', () => {
    const houses = friends()
    const phone = houses.here.login(romeoAccount, 'phone').appears()
    const desk = houses.here.login(romeoAccount, 'desk').appears(-1)
    houses.here.login(romeoAccount, 'quiet')
    for (const asker of [benvolioAccount, `${benvolioAccount}/square`])
      expect(answers(houses, presence(asker, romeoAccount, 'probe'))).toEqual([
        presence(phone.jid, asker),
        presence(desk.jid, asker, '', '<priority>-1</priority>'),
      ])
  })

  it('of a contact who is away is answered with unavailable', () => {
    expect(answers(friends(), presence(benvolioAccount, romeoAccount, 'probe'))).toEqual([
      presence(romeoAccount, benvolioAccount, 'unavailable'),
    ])
  })

  it('of a contact is answered whatever is left of an account that had the same name here', () => {
    const houses = friends()
    const romeo = houses.here.login(romeoAccount, 'phone').appears()
    houses.here.rosters.setBlocked(benvolioAccount, new Set([romeoAccount]))
    expect(answers(houses, presence(benvolioAccount, romeoAccount, 'probe'))).toEqual([
      presence(romeo.jid, benvolioAccount),
    ])
  })

  it('of others is answered from account to account that there is no subscription, whoever exists', () => {
    const houses = friends()
    houses.here.login(romeoAccount, 'phone').appears()
    for (const asked of [romeoAccount, 'nobody@a.example'])
      expect(answers(houses, presence('rosaline@c.example/x', asked, 'probe'))).toEqual([
        presence(asked, 'rosaline@c.example', 'unsubscribed'),
      ])
    expect(answers(houses, presence('c.example/x@a.example', romeoAccount, 'probe'))).toEqual([
      presence(romeoAccount, 'c.example', 'unsubscribed'),
    ])
  })

  it('by a client leaves as it is', () => {
    const houses = friends()
    const benvolio = houses.there.login(benvolioAccount, 'square').appears()
    const romeo = houses.here.login(romeoAccount, 'phone')
    romeo.says(`<presence type='probe' to='${benvolioAccount}'/>`)
    expect(romeo.hears()).toEqual([presence(benvolio.jid, romeo.jid)])
  })
})

describe('a presence of an unknown type', () => {
  it('goes back to where it came from', () => {
    const { here, there, wire } = openHouses()
    const benvolio = there.login(benvolioAccount, 'square')
    here.messaging.receive(stanzaOf(`<presence id='p' type='dancing' from='${benvolio.jid}' to='${romeoAccount}'/>`))
    here.host.settle()
    wire.release()
    expect(benvolio.hears()).toEqual(
      xml(errorReply('presence', `id='p' from='${romeoAccount}' to='${benvolio.jid}'`, 'modify', 'bad-request')),
    )
  })
})

describe('without federation', () => {
  it('contacts elsewhere are neither told nor asked, and hear no error', () => {
    const house = openHouse()
    house.rosters.put(romeoAccount, { ...contact, jid: benvolioAccount, state: 'both' })
    const romeo = house.login(romeoAccount, 'phone')
    romeo.says('<presence/>', `<presence type='unavailable'/>`)
    expect(romeo.hears()).toEqual(xml(presence(romeo.jid, romeo.jid), presence(romeo.jid, romeo.jid, 'unavailable')))
  })
})
