/** Whatever comes over a link, nobody elsewhere is taken for somebody here. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, chat, xml } from './house.js'
import { openHouses, stanzaOf } from './houses.js'

const romeoAccount = 'romeo@a.example'

const listening = () => {
  const { here, wire } = openHouses()
  const romeo = here.login(romeoAccount, 'phone').appears()
  const receives = (text: string): void => {
    here.messaging.receive(stanzaOf(text))
    here.host.settle()
  }
  return { here, romeo, receives, wire }
}

describe('a stanza from a link is dropped', () => {
  const senders: ReadonlyArray<readonly [string, string]> = [
    ['in the name of a user here', `from='juliet@a.example/balcony'`],
    ['in the name of its own recipient', `from='${romeoAccount}/phone'`],
    ['in the name of another domain here', `from='tybalt@b.example'`],
    ['in the name of this server', `from='a.example'`],
    ['in the name of this server, spelled differently', `from='Juliet@A.EXAMPLE/x'`],
    ["in nobody's name", ''],
    ['in a name that is none', `from='@'`],
  ]
  const stanzas = [
    (from: string): string => `<message ${from} to='${romeoAccount}' id='m'><body>hi</body></message>`,
    (from: string): string => `<presence ${from} to='${romeoAccount}'/>`,
    (from: string): string => `<presence type='subscribe' ${from} to='${romeoAccount}'/>`,
    (from: string): string =>
      `<iq type='set' ${from} to='${romeoAccount}' id='i'><query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>`,
  ]
  for (const [what, from] of senders)
    it(what, () => {
      const { here, romeo, receives, wire } = listening()
      for (const stanza of stanzas) receives(stanza(from))
      expect(romeo.hears()).toEqual([])
      expect(wire.carried.here).toEqual([])
      expect(here.rosters.roster(romeoAccount).items.size).toBe(0)
    })

  it('if it is not for a domain here: nothing is relayed', () => {
    const { receives, wire } = listening()
    for (const to of [`to='rosaline@d.example'`, `to='benvolio@c.example'`, `to='@'`, ''])
      receives(`<message from='benvolio@c.example/square' ${to} id='m'><body>hi</body></message>`)
    expect(wire.carried.here).toEqual([])
  })
})

describe('an address of another server', () => {
  it('is looked up in one form, however it is spelled', () => {
    const { romeo, receives } = listening()
    romeo.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='benvolio@c.example'/></block></iq>`)
    romeo.ignores()
    receives(chat(romeoAccount, 'hi', 'Benvolio@C.Example/square'))
    expect(romeo.hears()).toEqual([])
    receives(chat(romeoAccount, 'hi', 'Rosaline@C.Example/x'))
    expect(romeo.hears()).toEqual(xml(chat(romeoAccount, 'hi', 'rosaline@c.example/x')))
  })

  it('may be a server, or have an @ in its resource', () => {
    const { romeo, receives } = listening()
    for (const from of ['c.example', 'c.example/x@a.example', 'benvolio@c.example/x@a.example']) {
      receives(`<message from='${from}' to='${romeoAccount}'><body>hi</body></message>`)
      expect(romeo.hears()).toEqual([
        canonical(`<message from='${from}' to='${romeoAccount}'><body>hi</body></message>`),
      ])
    }
  })
})

it('no stanza of a link is delivered in the name of anybody here, and no error is answered', () => {
  const address = fc.constantFrom(
    'romeo@a.example',
    'romeo@a.example/phone',
    'nobody@a.example',
    'a.example',
    'b.example/x',
    'c.example',
    'benvolio@c.example',
    'benvolio@c.example/x@a.example',
    'BENVOLIO@c.example/x',
    '',
    '@',
  )
  const kind = fc.constantFrom(
    ...['chat', 'error', 'normal', 'groupchat', 'headline', 'x'].map(type => ['message', type] as const),
    ...['get', 'set', 'result', 'error', 'x'].map(type => ['iq', type] as const),
    ...['probe', 'subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'unavailable', 'error', 'x'].map(
      type => ['presence', type] as const,
    ),
  )
  const stanza = fc.tuple(kind, address, address).map(([[name, type], from, to]) => ({
    type,
    text: `<${name} type='${type}' id='i' from='${from}' to='${to}'><ping xmlns='urn:xmpp:ping'/></${name}>`,
  }))
  fc.assert(
    fc.property(fc.array(stanza, { maxLength: 20 }), stanzas => {
      const { romeo, receives, wire } = listening()
      for (const { text, type } of stanzas) {
        const sent = wire.carried.here.length
        receives(text)
        if (type === 'error' || type === 'result') expect(wire.carried.here).toHaveLength(sent)
      }
      // Roster pushes have no sender: they are the server's own.
      for (const heard of romeo.hears())
        if (!heard.includes('jabber:iq:roster')) expect(heard).toMatch(/ from="(benvolio@)?c\.example(\/[^"]*)?"/)
    }),
    { numRuns: 60 },
  )
})
