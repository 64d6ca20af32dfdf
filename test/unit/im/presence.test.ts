/** Presence as contacts see it (RFC 6121 §4). */
import { describe, expect, it } from 'vitest'
import { directedPerSession } from '../../../packages/im/src/limits.js'
import { canonical, errorReply, openHouse, xml } from './house.js'

const presence = (from: string, to: string, inside = '', type = ''): string =>
  canonical(`<presence from='${from}' to='${to}'${type === '' ? '' : ` type='${type}'`}>${inside}</presence>`)

const friends = () => {
  const house = openHouse()
  house.befriend('romeo@a.example', 'juliet@a.example')
  return house
}

describe('initial presence', () => {
  it('gets to contacts and to all own available sessions, itself included', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const desk = house.login('romeo@a.example', 'desk').appears()
    juliet.ignores()
    const phone = house.login('romeo@a.example', 'phone')
    phone.says('<presence><show>away</show></presence>')
    const away = '<show>away</show>'
    expect(juliet.hears()).toEqual([presence(phone.jid, 'juliet@a.example', away)])
    expect(desk.hears()).toEqual([presence(phone.jid, desk.jid, away)])
    expect([...phone.hears()].sort()).toEqual(
      [presence(phone.jid, phone.jid, away), presence(desk.jid, phone.jid), presence(juliet.jid, phone.jid)].sort(),
    )
  })

  it('gets to nobody else', () => {
    const house = friends()
    const tybalt = house.login('tybalt@b.example', 'street').appears()
    house.login('romeo@a.example', 'phone').says('<presence/>')
    expect(tybalt.hears()).toEqual([])
  })

  it('does not get to contacts who are connected without presence, but they learn of it with theirs', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony')
    const romeo = house.login('romeo@a.example', 'phone').appears()
    expect(juliet.hears()).toEqual([])
    juliet.says('<presence/>')
    expect(juliet.hears()).toContain(presence(romeo.jid, juliet.jid))
  })

  it('follows one direction of the subscription', () => {
    const house = openHouse()
    const item = { groups: [], approved: false, listed: true } as const
    house.rosters.put('romeo@a.example', { ...item, jid: 'juliet@a.example', state: 'to' })
    house.rosters.put('juliet@a.example', { ...item, jid: 'romeo@a.example', state: 'from' })
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says('<presence/>')
    expect(juliet.hears()).toEqual([])
    expect(romeo.hears()).toContain(presence(juliet.jid, romeo.jid))
  })

  it('is refused with a priority that is none', () => {
    for (const priority of ['128', '-129', 'high', '1.5', '', '0x1']) {
      const romeo = openHouse().login('romeo@a.example', 'phone')
      romeo.says(`<presence id='p'><priority>${priority}</priority></presence>`)
      expect(romeo.hears()).toEqual([errorReply('presence', `id='p' to='${romeo.jid}'`, 'modify', 'bad-request')])
    }
  })

  it('of an unknown type is refused', () => {
    for (const to of ['', ` to='juliet@a.example'`]) {
      const romeo = openHouse().login('romeo@a.example', 'phone')
      romeo.says(`<presence id='p' type='dancing'${to}/>`)
      const from = to.replace(' to', ' from')
      expect(romeo.hears()).toEqual([
        errorReply('presence', `id='p' to='${romeo.jid}'${from}`, 'modify', 'bad-request'),
      ])
    }
  })
})

describe('the presence that follows', () => {
  it('replaces the first, for contacts and for those who come later', () => {
    const house = friends()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.ignores()
    romeo.says('<presence><show>dnd</show></presence>')
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example', '<show>dnd</show>')])
    expect(romeo.hears()).toEqual([presence(romeo.jid, romeo.jid, '<show>dnd</show>')])
    const chamber = house.login('juliet@a.example', 'chamber')
    chamber.says('<presence/>')
    expect(chamber.hears()).toContain(presence(romeo.jid, chamber.jid, '<show>dnd</show>'))
  })
})

describe('unavailable presence', () => {
  it('gets to contacts with its status, and the session stays reachable by its full JID', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    juliet.ignores()
    romeo.says(`<presence type='unavailable'><status>gone</status></presence>`)
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example', '<status>gone</status>', 'unavailable')])
    romeo.ignores()
    juliet.says(`<message to='${romeo.jid}'><body>hi</body></message>`)
    expect(romeo.hears()).toHaveLength(1)
    romeo.leaves()
    expect(juliet.hears()).toEqual([])
  })

  it('is sent on behalf of a session whose stream is closed', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    juliet.ignores()
    romeo.leaves()
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example', '', 'unavailable')])
  })

  it('is not sent for a session that never was available', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    house.login('romeo@a.example', 'phone').leaves()
    expect(juliet.hears()).toEqual([])
  })

  it('comes once when hibernation ends, and not before; resumption changes nothing for contacts', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone').appears().enables()
    juliet.ignores()
    romeo.drops()
    house.host.advance(100_000)
    romeo.resumes(0)
    romeo.drops()
    house.host.advance(599_000)
    expect(juliet.hears()).toEqual([])
    house.host.advance(2_000)
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example', '', 'unavailable')])
  })

  it('comes before the presence of a session that replaces the old one', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone').appears().enables()
    romeo.drops()
    juliet.ignores()
    house.login('romeo@a.example', 'phone').says('<presence/>')
    expect(juliet.hears()).toEqual([
      presence(romeo.jid, 'juliet@a.example', '', 'unavailable'),
      presence(romeo.jid, 'juliet@a.example'),
    ])
  })

  it('shows a hibernating contact to those who come meanwhile', () => {
    const house = friends()
    const romeo = house.login('romeo@a.example', 'phone').appears().enables()
    romeo.drops()
    const juliet = house.login('juliet@a.example', 'balcony')
    juliet.says('<presence/>')
    expect(juliet.hears()).toContain(presence(romeo.jid, juliet.jid))
  })
})

describe('directed presence', () => {
  it('gets to a session or to all available ones, subscribed or not, and they learn of its end', () => {
    const house = openHouse()
    const tybalt = house.login('tybalt@b.example', 'street')
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(`<presence to='${tybalt.jid}'/>`, `<presence to='juliet@a.example'/>`)
    expect(tybalt.hears()).toEqual([presence(romeo.jid, tybalt.jid)])
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example')])
    romeo.leaves()
    expect(tybalt.hears()).toEqual([presence(romeo.jid, tybalt.jid, '', 'unavailable')])
    expect(juliet.hears()).toEqual([presence(romeo.jid, 'juliet@a.example', '', 'unavailable')])
  })

  it('that was taken back is not taken back again', () => {
    const house = openHouse()
    const tybalt = house.login('tybalt@b.example', 'street')
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(`<presence to='${tybalt.jid}'/>`, `<presence to='${tybalt.jid}' type='unavailable'/>`)
    expect(tybalt.hears()).toHaveLength(2)
    romeo.leaves()
    expect(tybalt.hears()).toEqual([])
  })

  it('ends with unavailable presence, for a contact just once', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const tybalt = house.login('tybalt@b.example', 'street')
    const romeo = house.login('romeo@a.example', 'phone').appears()
    romeo.says(`<presence to='${tybalt.jid}'/>`, `<presence to='${juliet.jid}'/>`)
    juliet.ignores()
    tybalt.ignores()
    romeo.says(`<presence type='unavailable'/>`)
    expect(juliet.hears()).toHaveLength(1)
    expect(tybalt.hears()).toEqual([presence(romeo.jid, tybalt.jid, '', 'unavailable')])
    romeo.leaves()
    expect([...juliet.hears(), ...tybalt.hears()]).toEqual([])
  })

  it('goes to a bounded number of addresses', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    for (let n = 0; n < directedPerSession; n += 1) romeo.says(`<presence to='tybalt@b.example/${n}'/>`)
    expect(romeo.hears()).toEqual([])
    romeo.says(`<presence id='p' to='tybalt@b.example/more'/>`)
    expect(romeo.hears()).toEqual([
      errorReply('presence', `id='p' from='tybalt@b.example/more' to='${romeo.jid}'`, 'wait', 'resource-constraint'),
    ])
  })

  it('to a domain elsewhere goes back', () => {
    const romeo = openHouse().login('romeo@a.example', 'phone')
    romeo.says(`<presence id='p' to='room@elsewhere.example/romeo'/>`)
    expect(romeo.hears()).toEqual([
      errorReply(
        'presence',
        `id='p' from='room@elsewhere.example/romeo' to='${romeo.jid}'`,
        'cancel',
        'remote-server-not-found',
      ),
    ])
  })
})

describe('a probe', () => {
  const probe = `<presence type='probe' to='juliet@a.example'/>`

  it('of a contact is answered with the presence of its available sessions', () => {
    const house = friends()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(probe)
    expect(romeo.hears()).toEqual([presence(juliet.jid, romeo.jid)])
  })

  it('of a contact who is away is answered with unavailable', () => {
    const romeo = friends().login('romeo@a.example', 'phone')
    romeo.says(probe)
    expect(romeo.hears()).toEqual(xml(`<presence from='juliet@a.example' to='${romeo.jid}' type='unavailable'/>`))
  })

  it('of somebody who is no contact tells nothing but that', () => {
    const house = openHouse()
    house.login('juliet@a.example', 'balcony').appears()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(probe, `<presence type='probe' to='nobody@a.example'/>`)
    expect(romeo.hears()).toEqual(
      xml(
        `<presence from='juliet@a.example' to='${romeo.jid}' type='unsubscribed'/>`,
        `<presence from='nobody@a.example' to='${romeo.jid}' type='unsubscribed'/>`,
      ),
    )
  })
})
