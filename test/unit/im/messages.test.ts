/** Messages on their way (RFC 6121 §8.5). */
import { describe, expect, it } from 'vitest'
import { bodies, chat, errorReply, openHouse, xml } from './house.js'

describe('a message to a full JID', () => {
  it('gets to that session, available or not, stamped with its sender', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony')
    romeo.says(chat(juliet.jid, 'hi'))
    expect(juliet.hears()).toEqual(xml(chat(juliet.jid, 'hi', romeo.jid)))
    expect(romeo.hears()).toEqual([])
  })

  it('may claim the own bare JID as its sender, and is stamped with the full one', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony')
    romeo.says(chat(juliet.jid, 'hi', 'romeo@a.example'))
    expect(juliet.hears()).toEqual(xml(chat(juliet.jid, 'hi', romeo.jid)))
  })

  it('that claims somebody else as its sender goes back', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony')
    romeo.says(chat(juliet.jid, 'hi', 'tybalt@b.example'))
    expect(juliet.hears()).toEqual([])
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${juliet.jid}' to='${romeo.jid}'`, 'modify', 'bad-request'),
    ])
  })

  it('gets to another domain that is served here', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const tybalt = house.login('tybalt@b.example', 'street')
    romeo.says(chat(tybalt.jid, 'hi'))
    expect(bodies(tybalt.hears())).toEqual(['hi'])
  })

  it('of a hibernating session waits there and is not stored', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').enables()
    juliet.drops()
    romeo.says(chat(juliet.jid, 'hi'))
    expect(house.offline.count('juliet@a.example')).toBe(0)
    juliet.resumes(0)
    expect(bodies(juliet.hears())).toEqual(['hi'])
  })

  it('of a resource that is not there goes to the most available session', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.says(chat('juliet@a.example/gone', 'hi'))
    expect(bodies(juliet.hears())).toEqual(['hi'])
  })

  it('of type headline for a resource that is not there disappears', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.says(`<message type='headline' to='juliet@a.example/gone'><body>news</body></message>`)
    expect(juliet.hears()).toEqual([])
    expect(romeo.hears()).toEqual([])
  })
})

describe('a message to a bare JID', () => {
  it('gets to all available sessions of the highest priority, and to no other', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const low = house.login('juliet@a.example', 'low').appears(1)
    const high = house.login('juliet@a.example', 'high').appears(5)
    const tied = house.login('juliet@a.example', 'tied').appears(5)
    const quiet = house.login('juliet@a.example', 'quiet')
    for (const one of [low, high, tied]) one.ignores()
    romeo.says(chat('juliet@a.example', 'hi'))
    expect([low, high, tied, quiet].map(one => bodies(one.hears()))).toEqual([[], ['hi'], ['hi'], []])
  })

  it('of type headline gets to all whose priority is not negative', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const low = house.login('juliet@a.example', 'low').appears(0)
    const high = house.login('juliet@a.example', 'high').appears(5)
    const shy = house.login('juliet@a.example', 'shy').appears(-1)
    for (const one of [low, high, shy]) one.ignores()
    romeo.says(`<message type='headline' to='juliet@a.example'><body>news</body></message>`)
    expect([low, high, shy].map(one => bodies(one.hears()))).toEqual([['news'], ['news'], []])
  })

  it('of type groupchat goes back, whoever is there', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.says(`<message type='groupchat' id='g' to='juliet@a.example'><body>hi</body></message>`)
    expect(juliet.hears()).toEqual([])
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='g' from='juliet@a.example' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
  })

  it('of type error disappears', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.says(`<message type='error' to='juliet@a.example'/>`, `<message type='error' to='nobody@a.example'/>`)
    expect([juliet.hears(), romeo.hears()]).toEqual([[], []])
  })

  it('without a to goes to the own account', () => {
    const house = openHouse()
    const phone = house.login('romeo@a.example', 'phone')
    const desk = house.login('romeo@a.example', 'desk').appears()
    phone.says(`<message type='chat' id='m'><body>note</body></message>`)
    expect(desk.hears()).toEqual(xml(chat('romeo@a.example', 'note', phone.jid).replace("id='note'", "id='m'")))
  })
})

describe('a message that has nowhere to go', () => {
  const cases: ReadonlyArray<readonly [string, string, string, string]> = [
    ['a user who does not exist', 'nobody@a.example', 'cancel', 'service-unavailable'],
    ['a domain', 'a.example', 'cancel', 'service-unavailable'],
    ['a resource of a domain', 'a.example/echo', 'cancel', 'service-unavailable'],
    ['a domain elsewhere', 'romeo@elsewhere.example', 'cancel', 'remote-server-not-found'],
    ['a malformed address', '@a.example', 'modify', 'jid-malformed'],
  ]
  for (const [whom, to, type, condition] of cases)
    it(`is returned with ${condition}: ${whom}`, () => {
      const house = openHouse()
      const romeo = house.login('romeo@a.example', 'phone')
      romeo.says(chat(to, 'hi'))
      expect(romeo.hears()).toEqual([errorReply('message', `id='hi' from='${to}' to='${romeo.jid}'`, type, condition)])
    })

  it('is returned where there is no offline storage', () => {
    const house = openHouse({ offlineStorage: false })
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat('juliet@a.example', 'hi'))
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='juliet@a.example' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
  })
})
