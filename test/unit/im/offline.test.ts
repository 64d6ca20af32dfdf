/** Messages for those who are not there (XEP-0160), and those a session leaves unacked (XEP-0198 §4). */
import { describe, expect, it } from 'vitest'
import { bodies, chat, delayFrom, errorReply, type House, openHouse, openSlowHouse, xml } from './house.js'

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
    const { house, commits } = openSlowHouse()
    const durable = async (): Promise<void> => {
      for (let round = 0; round < 400; round += 1) {
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
    ['the bare JID', 'juliet@a.example'],
    ['the full JID of who comes back', 'juliet@a.example/balcony'],
  ])('are not overtaken by new ones to %s, however long commits take and however many come', async (_, to) => {
    const { house, commits, commitOne } = openSlowHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const said: Array<string> = []
    const say = (): void => {
      const body = `m${said.length}`
      said.push(body)
      romeo.says(chat(to, body))
    }
    for (let n = 0; n < 5; n += 1) say()
    const juliet = house.login('juliet@a.example', 'balcony')
    juliet.says('<presence/>')
    for (let round = 0; round < 40; round += 1) {
      say()
      house.host.advance(500)
      say()
      await commitOne()
    }
    while (commits.length > 0) await commitOne()
    const heard = bodies(juliet.hears()).filter(text => !text.startsWith('<presence'))
    expect(heard).toEqual(said)
    expect(house.offline.count('juliet@a.example')).toBe(0)
  })

  it('to a full JID come to that session alone, if it is there again', async () => {
    const { house, commits } = openSlowHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat('juliet@a.example/balcony', 'for one'), chat('juliet@a.example/gone', 'for both'))
    const sessions = ['chamber', 'balcony'].map(resource => house.login('juliet@a.example', resource))
    for (const session of sessions) session.says('<presence/>')
    while (commits.length > 0) {
      commits.shift()?.()
      await new Promise(resolve => setImmediate(resolve))
      house.host.settle()
    }
    const heard = sessions.map(session => bodies(session.hears()).filter(body => body.startsWith('for')))
    expect(heard).toEqual([['for both'], ['for one', 'for both']])
  })

  it.each([
    ['the delivery is durable', false],
    ['they are durable themselves', true],
  ])('are not delivered twice when two sessions appear before %s', async (_, slowFromTheStart) => {
    let slow = slowFromTheStart
    const { house, commits } = openSlowHouse(() => slow)
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
    const { count, usage } = house.offline
    Object.assign(house.offline, {
      usage: (account: string, sender?: string) =>
        sender === undefined ? { count: 9_999 + count(account), size: 0 } : usage(account, sender),
    })
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
      errorReply('message', `id='hi' from='${juliet.jid}' to='${romeo.jid}'`, 'wait', 'recipient-unavailable'),
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
      errorReply('iq', `id='q' from='${juliet.jid}' to='${romeo.jid}'`, 'wait', 'recipient-unavailable'),
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

describe('when the server stops', () => {
  it('a message that waits in two sessions is stored once, however long it takes to give it to both', async () => {
    const house = openHouse({ ticking: true })
    const romeo = house.login('romeo@a.example', 'phone')
    for (const resource of ['balcony', 'garden']) house.login('juliet@a.example', resource).enables().appears()
    romeo.says(chat('juliet@a.example', 'one'), chat('juliet@a.example', 'two'))
    const stopped = house.runtime.stop()
    house.host.settle()
    await stopped
    expect(house.offline.read('juliet@a.example').map(({ facts }) => facts.id)).toEqual(['one', 'two'])
  })
})

describe('many stored messages', () => {
  const stored = (house: House, count: number): void => {
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    for (let n = 1; n <= count; n += 1) juliet.says(chat('romeo@a.example', String(n)))
    juliet.ignores()
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n + 1))

  it('wait in storage while their reader does not take what it was sent', () => {
    const house = openHouse()
    stored(house, 60)
    house.crowd.unsent = 2 * 1024 * 1024
    const romeo = house.login('romeo@a.example', 'orchard')
    romeo.says('<presence/>')
    house.host.advance(10_000)
    expect(house.offline.count('romeo@a.example')).toBe(60)
    house.crowd.unsent = 0
    house.host.advance(1_000)
    expect(house.offline.count('romeo@a.example')).toBe(0)
    expect(bodies(romeo.hears()).filter(body => /^\d+$/.test(body))).toEqual(numbers(60))
  })

  it('come in order with those that come while they wait', () => {
    const house = openHouse()
    stored(house, 30)
    house.crowd.unsent = 2 * 1024 * 1024
    const romeo = house.login('romeo@a.example', 'orchard')
    romeo.says('<presence/>')
    house.host.advance(5_000)
    house.login('juliet@a.example', 'garden').says(chat('romeo@a.example', '31'))
    house.host.advance(5_000)
    house.crowd.unsent = 0
    house.host.advance(1_000)
    expect(bodies(romeo.hears()).filter(body => /^\d+$/.test(body))).toEqual(numbers(31))
  })
})
