/** Messages on their way (RFC 6121 §8.5, XEP-0160, XEP-0280). */
import { describe, expect, it } from 'vitest'
import { canonical, errorReply, openHouse, xml } from './house.js'

const chat = (to: string, body: string, from = ''): string =>
  `<message type='chat' id='${body}' to='${to}'${from === '' ? '' : ` from='${from}'`}><body>${body}</body></message>`

const bodies = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard.map(text => /<body>(.*?)<\/body>/.exec(text)?.[1] ?? text)

const delayFrom = (domain: string, stamp: string): string =>
  `<delay xmlns='urn:xmpp:delay' from='${domain}' stamp='${stamp}'/>`

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

describe('offline messages', () => {
  it('come with initial presence, in order, each with the time it was sent, and once', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat('juliet@a.example', 'one'))
    house.host.advance(60_000)
    romeo.says(chat('juliet@a.example/gone', 'two'))
    house.host.advance(60_000)
    const juliet = house.login('juliet@a.example', 'balcony')
    expect(juliet.hears()).toEqual([])
    juliet.says('<presence/>')
    const late = (to: string, body: string, stamp: string): string =>
      chat(to, body, romeo.jid).replace('</message>', `${delayFrom('a.example', stamp)}</message>`)
    expect(juliet.hears().filter(text => text.startsWith('<message'))).toEqual(
      xml(
        late('juliet@a.example', 'one', '2026-01-01T00:00:00.000Z'),
        late('juliet@a.example/gone', 'two', '2026-01-01T00:01:00.000Z'),
      ),
    )
    expect(house.offline.count('juliet@a.example')).toBe(0)
    juliet.says('<presence/>')
    expect(bodies(juliet.hears()).filter(text => !text.startsWith('<presence'))).toEqual([])
  })

  it('wait while the priority is negative, and come when it is not any more', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').appears(-1)
    romeo.says(chat('juliet@a.example', 'one'))
    expect(juliet.hears()).toEqual([])
    juliet.says('<presence/>')
    expect(bodies(juliet.hears())).toContain('one')
  })

  it('by the thousand are neither lost nor out of order, nor overtaken by new ones', async () => {
    const commits: Array<() => void> = []
    const house = openHouse({
      journal: journal => ({
        ...journal,
        commit: batch =>
          new Promise(resolve => {
            commits.push(() => {
              journal.commit(batch)
              resolve()
            })
          }),
      }),
    })
    const durable = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        for (const commit of commits.splice(0)) commit()
        await Promise.resolve()
        await new Promise(resolve => setImmediate(resolve))
        house.host.settle()
      }
    }
    const romeo = house.login('romeo@a.example', 'phone')
    for (let n = 0; n < 3500; n += 1) romeo.says(chat('juliet@a.example', `m${n}`))
    await durable()
    const juliet = house.login('juliet@a.example', 'balcony')
    juliet.says('<presence/>')
    romeo.says(chat('juliet@a.example', 'm3500'))
    await durable()
    romeo.says(chat('juliet@a.example', 'm3501'))
    await durable()
    const heard = bodies(juliet.hears()).filter(text => !text.startsWith('<presence'))
    expect(heard).toEqual(Array.from({ length: 3502 }, (_, n) => `m${n}`))
    expect(house.offline.count('juliet@a.example')).toBe(0)
  })

  it.each([
    ['the delivery is durable', false],
    ['they are durable themselves', true],
  ])('are not delivered twice when two sessions appear before %s', async (_, slowFromTheStart) => {
    const commits: Array<() => void> = []
    let slow = slowFromTheStart
    const house = openHouse({
      journal: journal => ({
        ...journal,
        commit: batch => {
          if (!slow) return journal.commit(batch)
          return new Promise(resolve => {
            commits.push(() => {
              journal.commit(batch)
              resolve()
            })
          })
        },
      }),
    })
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat('juliet@a.example', 'once'))
    slow = true
    const first = house.login('juliet@a.example', 'first')
    const second = house.login('juliet@a.example', 'second')
    first.says('<presence/>')
    second.says('<presence/>')
    for (let round = 0; round < 5; round += 1) {
      for (const commit of commits.splice(0)) commit()
      await new Promise(resolve => setImmediate(resolve))
      house.host.settle()
    }
    const once = (heard: ReadonlyArray<string>) => bodies(heard).filter(body => body === 'once')
    expect(once(first.hears())).toEqual(['once'])
    // Both are there when it is delivered in the one case, so both get it.
    expect(once(second.hears())).toEqual(slowFromTheStart ? ['once'] : [])
  })

  it('more than are allowed go back to their sender', () => {
    const house = openHouse()
    const count = house.offline.count
    Object.assign(house.offline, { count: (account: string) => 9_999 + count(account) })
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat('juliet@a.example', 'fits'), chat('juliet@a.example', 'too-much'))
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='too-much' from='juliet@a.example' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
    expect(count('juliet@a.example')).toBe(1)
  })

  it('are what a chat state is not', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(
      `<message type='chat' to='juliet@a.example'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    )
    expect(house.offline.count('juliet@a.example')).toBe(0)
    expect(romeo.hears()).toEqual([])
  })
})

describe('what a session leaves unacked', () => {
  it('is stored when its hibernation ends, and comes at the next login', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').enables()
    juliet.drops()
    romeo.says(chat(juliet.jid, 'hi'))
    house.host.advance(601_000)
    const again = house.login('juliet@a.example', 'balcony')
    again.says('<presence/>')
    expect(bodies(again.hears())).toContain('hi')
    expect(romeo.hears()).toEqual([])
  })

  it('is returned from the address it was sent to, if other sessions are left', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    house.login('juliet@a.example', 'other').appears()
    const juliet = house.login('juliet@a.example', 'balcony').enables()
    juliet.drops()
    romeo.says(chat(juliet.jid, 'hi'))
    house.host.advance(601_000)
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${juliet.jid}' to='${romeo.jid}'`, 'cancel', 'recipient-unavailable'),
    ])
  })

  it('returns a request as an error to whoever asked', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').enables()
    juliet.drops()
    romeo.says(`<iq type='get' id='q' to='${juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`)
    house.host.advance(601_000)
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='${juliet.jid}' to='${romeo.jid}'`, 'cancel', 'recipient-unavailable'),
    ])
  })

  it('goes to another session with its time, if the line of one that cannot be resumed dropped', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const other = house.login('juliet@a.example', 'other').appears()
    const juliet = house.login('juliet@a.example', 'balcony')
    house.runtime.dispatch('juliet@a.example', {
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
    house.host.advance(1_000)
    juliet.drops()
    expect(other.hears()).toEqual(
      xml(
        chat(juliet.jid, 'hi', romeo.jid).replace(
          '</message>',
          `${delayFrom('a.example', '2026-01-01T00:00:00.000Z')}</message>`,
        ),
      ),
    )
    expect(romeo.hears()).toEqual([])
  })
})

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
