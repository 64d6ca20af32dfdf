/** Messages across servers (RFC 6121 §8.5). */
import { describe, expect, it } from 'vitest'
import { unreachable } from '../../../packages/im/src/remote/unreachable.js'
import { bodies, canonical, chat, delayFrom, errorReply, xml } from './house.js'
import { openHouses } from './houses.js'

const romeoAccount = 'romeo@a.example'
const benvolioAccount = 'benvolio@c.example'
const enable = `<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`

describe('a message to another server', () => {
  it('gets to a session, to an account, and its answer comes back', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone').appears()
    const benvolio = there.login(benvolioAccount, 'square').appears()
    romeo.says(chat(benvolio.jid, 'one'), chat(benvolioAccount, 'two'))
    expect(benvolio.hears()).toEqual(xml(chat(benvolio.jid, 'one', romeo.jid), chat(benvolioAccount, 'two', romeo.jid)))
    benvolio.says(chat(romeo.jid, 'three'))
    expect(bodies(romeo.hears())).toEqual(['three'])
  })

  it('is stored there, with the time it came, for whoever is away', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(chat(benvolioAccount, 'later'))
    const benvolio = there.login(benvolioAccount, 'square')
    benvolio.says('<presence/>')
    expect(benvolio.hears()).toContain(
      canonical(
        chat(benvolioAccount, 'later', romeo.jid).replace(
          '</message>',
          `${delayFrom('c.example', '2026-01-01T00:00:00.000Z')}</message>`,
        ),
      ),
    )
    expect(romeo.hears()).toEqual([])
  })

  it('goes back if nobody is there, and if a server is asked', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    for (const to of ['nobody@c.example', 'c.example']) {
      romeo.says(chat(to, 'hi'))
      expect(romeo.hears()).toEqual([
        errorReply('message', `id='hi' from='${to}' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
      ])
    }
    expect(wire.carried.here).toHaveLength(2)
    expect(wire.carried.there).toHaveLength(2)
  })

  it('that cannot leave goes back, and nobody gets a copy', () => {
    const { here, wire } = openHouses()
    const desk = here.login(romeoAccount, 'desk')
    desk.says(enable)
    desk.ignores()
    const romeo = here.login(romeoAccount, 'phone')
    wire.refuse(unreachable('resource-constraint'))
    romeo.says(chat(benvolioAccount, 'hi'))
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${benvolioAccount}' to='${romeo.jid}'`, 'wait', 'resource-constraint'),
    ])
    expect(desk.hears()).toEqual([])
  })

  it('is copied to the other sessions of either side that want it', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    const desk = here.login(romeoAccount, 'desk')
    const benvolio = there.login(benvolioAccount, 'square')
    const garden = there.login(benvolioAccount, 'garden')
    for (const one of [desk, garden]) {
      one.says(enable)
      one.ignores()
    }
    romeo.says(chat(benvolio.jid, 'hi'))
    const copy = (direction: string, account: string, resource: string): string =>
      canonical(
        `<message type='chat' from='${account}' to='${account}/${resource}'><${direction} xmlns='urn:xmpp:carbons:2'>` +
          `<forwarded xmlns='urn:xmpp:forward:0'>${chat(benvolio.jid, 'hi', romeo.jid).replace('<message', "<message xmlns='jabber:client'")}</forwarded></${direction}></message>`,
      )
    expect(desk.hears()).toEqual([copy('sent', romeoAccount, 'desk')])
    expect(garden.hears()).toEqual([copy('received', benvolioAccount, 'garden')])
    expect(bodies(benvolio.hears())).toEqual(['hi'])
  })

  it('goes back if its recipient left before it was acknowledged', () => {
    const { here, there } = openHouses({ offlineStorage: false })
    const romeo = here.login(romeoAccount, 'phone')
    const benvolio = there.login(benvolioAccount, 'square').enables()
    romeo.says(chat(benvolio.jid, 'hi'))
    benvolio.leaves()
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${benvolio.jid}' to='${romeo.jid}'`, 'wait', 'recipient-unavailable'),
    ])
  })
})

describe('blocking', () => {
  const block = (jid: string): string =>
    `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${jid}'/></block></iq>`

  it('sends back what comes from whoever is blocked, and tells nobody why', () => {
    for (const blocked of [benvolioAccount, 'c.example', `${benvolioAccount}/square`]) {
      const { here, there } = openHouses()
      const romeo = here.login(romeoAccount, 'phone').appears()
      romeo.says(block(blocked))
      romeo.ignores()
      const benvolio = there.login(benvolioAccount, 'square')
      benvolio.says(chat(romeoAccount, 'hi'), chat(romeo.jid, 'ho'))
      expect(romeo.hears()).toEqual([])
      expect(benvolio.hears()).toEqual([
        errorReply('message', `id='hi' from='${romeoAccount}' to='${benvolio.jid}'`, 'cancel', 'service-unavailable'),
        errorReply('message', `id='ho' from='${romeo.jid}' to='${benvolio.jid}'`, 'cancel', 'service-unavailable'),
      ])
    }
  })

  it('keeps the user from writing to whoever is blocked', () => {
    for (const [blocked, to] of [
      [benvolioAccount, `${benvolioAccount}/square`],
      ['c.example', benvolioAccount],
      ['c.example', 'c.example'],
    ] as const) {
      const { here, wire } = openHouses()
      const romeo = here.login(romeoAccount, 'phone')
      romeo.says(block(blocked))
      romeo.ignores()
      romeo.says(chat(to, 'hi'))
      expect(romeo.hears().join()).toContain('<blocked xmlns="urn:xmpp:blocking:errors"/>')
      expect(wire.carried.here).toEqual([])
    }
  })
})

describe('a message that the link gives back', () => {
  const onTheWire = () => {
    const { here, there, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone').appears()
    const benvolio = there.login(benvolioAccount, 'square').appears()
    wire.hold()
    romeo.says(chat(benvolioAccount, 'hi'))
    romeo.ignores()
    const [message] = wire.cut()
    if (message === undefined) throw new Error('nothing left')
    return { here, there, romeo, benvolio, wire, message }
  }

  for (const [condition, type] of [
    ['recipient-unavailable', 'wait'],
    ['remote-server-not-found', 'cancel'],
    ['remote-server-timeout', 'wait'],
    ['resource-constraint', 'wait'],
  ] as const)
    it(`as ${condition} is answered in the name of its recipient`, () => {
      const { here, romeo, message } = onTheWire()
      here.messaging.returnFromLink(message.stanza, message.facts, condition)
      here.host.settle()
      expect(romeo.hears()).toEqual([
        errorReply('message', `id='hi' from='${benvolioAccount}' to='${romeo.jid}'`, type, condition),
      ])
    })

  it('to be routed again says when it was sent, and gets there', () => {
    const { here, there, romeo, benvolio, wire, message } = onTheWire()
    here.messaging.sendAgain(message.stanza, message.facts, Date.UTC(2025, 0, 1))
    const [late] = wire.cut()
    if (late === undefined) throw new Error('nothing left')
    expect(late.facts).toEqual({ ...message.facts, delayed: true, again: true })
    there.messaging.receive(late.stanza)
    there.host.settle()
    expect(benvolio.hears()).toEqual(
      xml(
        chat(benvolioAccount, 'hi', romeo.jid).replace(
          '</message>',
          `${delayFrom('a.example', '2025-01-01T00:00:00.000Z')}</message>`,
        ),
      ),
    )
    expect(romeo.hears()).toEqual([])
  })

  it('to be routed again, and is refused, is returned', () => {
    const { here, romeo, wire, message } = onTheWire()
    wire.refuse(unreachable('remote-server-not-found'))
    here.messaging.sendAgain(message.stanza, message.facts, 0)
    here.host.settle()
    expect(romeo.hears()).toEqual([
      errorReply('message', `id='hi' from='${benvolioAccount}' to='${romeo.jid}'`, 'cancel', 'remote-server-not-found'),
    ])
  })
})

describe('what nobody is told of', () => {
  it('an error, a result or a presence that the link gives back; and nothing is sent because of it', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    wire.hold()
    romeo.says(
      `<message type='error' id='m' to='${benvolioAccount}/square'/>`,
      `<iq type='result' id='r' to='${benvolioAccount}/square'/>`,
      `<iq type='error' id='e' to='${benvolioAccount}/square'/>`,
      `<presence to='${benvolioAccount}/square'/>`,
      `<presence type='probe' to='${benvolioAccount}'/>`,
      `<presence type='unavailable' to='${benvolioAccount}/square'/>`,
      `<presence type='unsubscribe' to='${benvolioAccount}'/>`,
      `<presence type='error' to='${benvolioAccount}/square'/>`,
    )
    romeo.ignores()
    const given = wire.cut()
    expect(given).toHaveLength(8)
    for (const { stanza, facts } of given) here.messaging.returnFromLink(stanza, facts, 'recipient-unavailable')
    here.host.settle()
    expect(romeo.hears()).toEqual([])
    expect(wire.cut()).toEqual([])
  })

  it('an error for an error: it ends where it cannot be delivered', () => {
    const { here, there, wire } = openHouses()
    there.login(benvolioAccount, 'square').says(`<message type='error' id='m' to='nobody@a.example'/>`)
    here.login(romeoAccount, 'phone').says(`<iq type='error' id='e' to='nobody@c.example/x'/>`)
    expect(wire.carried.there).toHaveLength(1)
    expect(wire.carried.here).toHaveLength(1)
  })
})
