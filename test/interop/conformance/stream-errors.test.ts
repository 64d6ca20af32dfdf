/**
 * A stream error on a stream with stream management: before it the peer learns what was handled, and after it, if it asks,
 * too (XEP-0198 §§4-6). Else it would send all again, and its contacts would have it twice.
 */
import { expect } from 'vitest'
import type { House } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { child, show } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

/** What ends a stream with an error; none of it counts. */
const causes: ReadonlyArray<readonly [cause: string, provoke: (client: XmppClient, house: House) => unknown]> = [
  ['XML that is not well-formed', client => client.sendRaw('<message><body></message>')],
  ['a comment', client => client.sendRaw('<!-- no -->')],
  ['an element that nobody knows', client => client.sendRaw("<x xmlns='urn:example:x'/>")],
  ['a stanza in the name of another', client => client.sendRaw("<message from='mercutio@verona.example/duel'/>")],
  ['an h above what was sent', client => client.sendRaw(`<a xmlns='${nsSm3}' h='4711'/>`)],
  ['an <a/> without h', client => client.sendRaw(`<a xmlns='${nsSm3}'/>`)],
  [
    'an h that goes backwards',
    async client => {
      client.ack()
      client.sendRaw(`<a xmlns='${nsSm3}' h='0'/>`)
    },
  ],
  [
    'another binding of the resource',
    async (client, house) => {
      const { credentials, jid } = client
      if (credentials === undefined) throw new Error('nobody logged in')
      await (await house.authenticated({ ...credentials, jid })).bind(jid.slice(jid.indexOf('/') + 1))
    },
  ],
]

/** A client whose two messages were handled, and its stream after the error. */
const refused = async (house: House, provoke: (typeof causes)[number][1]) => {
  const client = await house.managed(house.person())
  const reader = await house.online(house.person())
  client.message(reader.jid, 'one')
  client.message(reader.jid, 'two')
  for (const body of ['one', 'two']) await reader.until(it => child(it, 'body')?.text === body)
  // Something for it to ack, so that its h can go backwards.
  reader.message(client.jid, 'answer')
  await client.until('message')
  await provoke(client, house)
  return client
}

/** What came right before the stream error. */
const saidBefore = async (client: XmppClient): Promise<string> => {
  let before = 'nothing'
  for (;;) {
    const element = await client.element('a stream error')
    if (element.name === 'error') return before
    before = element.name === 'a' ? `h=${element.attrs.h}` : show(element)
  }
}

rules('stream errors', { people: 60 }, rule => {
  for (const [cause, provoke] of causes) {
    rule(
      'XEP-0198 §4',
      `before the error for ${cause} comes an <a/> with what was handled`,
      async house => {
        const client = await refused(house, provoke)
        expect(await saidBefore(client)).toBe(`h=${client.sent}`)
      },
      { spares: { prosody: 'lets some of it pass', ejabberd: 'says nothing' } },
    )

    rule(
      'XEP-0198 §5',
      `who asks for the session that ended for ${cause} learns what was handled, and may bind`,
      async house => {
        const client = await refused(house, provoke)
        await client.until('error')
        const again = await house.returning(client)
        again.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
        const failed = await again.expect('failed')
        expect(child(failed, 'item-not-found')).toBeDefined()
        expect(failed.attrs.h).toBe(String(client.sent))
        await again.bind()
      },
      { spares: { prosody: 'keeps no h of such sessions', ejabberd: 'keeps no h of such sessions' } },
    )
  }

  rule(
    'XEP-0198 §5',
    'where the session still stands a <failed/> has its h too, and the session is unharmed',
    async house => {
      const client = await house.managed(house.person())
      client.reset()
      const line = await house.returning(client)
      line.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='many'/>`)
      const malformed = await line.expect('failed')
      expect(child(malformed, 'bad-request')).toBeDefined()
      expect(malformed.attrs.h).toBe(String(client.sent))
      for (const h of [4711, 4712]) {
        line.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${h}'/>`)
        const failed = await line.expect('failed')
        expect(child(failed, 'undefined-condition')).toBeDefined()
        expect(failed.attrs.h).toBe(String(client.sent))
        expect(child(failed, 'handled-count-too-high', nsSm3)?.attrs).toMatchObject({ h: String(h) })
      }
      await line.resume(client)
      await line.expectNothing()
    },
    { spares: { prosody: 'no <handled-count-too-high/>', ejabberd: 'ends the stream, and the session' } },
  )
})
