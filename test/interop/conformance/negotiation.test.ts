/** Stream management is offered, asked for and granted (XEP-0198 §§2, 3). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { at, child, type Xml } from '../../support/xml.js'
import { nsSm2, nsSm3 } from '../../support/xmpp-client.js'

const conditionOf = (failed: Xml): string | undefined =>
  failed.children.find(it => it.ns === 'urn:ietf:params:xml:ns:xmpp-stanzas')?.name

rules('negotiation', { hibernationTime: 300 }, rule => {
  rule('XEP-0198 §2', 'authenticated streams offer urn:xmpp:sm:3 and, for old clients, urn:xmpp:sm:2', async house => {
    const client = await house.encrypted()
    const features = await client.authenticate(house.person())
    expect(child(features, 'sm', nsSm3)).toBeDefined()
    expect(child(features, 'sm', nsSm2)).toBeDefined()
  })

  rule('XEP-0198 §5', 'stream management is not offered before authentication', async house => {
    const client = await house.connect()
    const { features } = await client.open()
    expect(child(features, 'sm')).toBeUndefined()
    await client.startTls()
    expect(child((await client.open()).features, 'sm')).toBeUndefined()
  })

  rule('XEP-0198 §3', 'an <enable/> after bind is answered by <enabled/> in the same namespace', async house => {
    const client = await house.bound(house.person())
    client.send(`<enable xmlns='${nsSm3}'/>`)
    expect((await client.expect('enabled')).ns).toBe(nsSm3)
  })

  rule('clients 10', 'without resume, <enabled/> promises no resumption: no resume, no id', async house => {
    const client = await house.bound(house.person())
    const enabled = await client.enable('')
    expect(enabled.attrs.resume ?? 'false').toBe('false')
    expect(enabled.attrs.id).toBeUndefined()
  })

  for (const resume of ['true', '1'])
    rule('XEP-0198 §5', `resume='${resume}' is granted with resume and an id`, async house => {
      const client = await house.bound(house.person())
      const enabled = await client.enable(`resume='${resume}'`)
      expect(['true', '1']).toContain(enabled.attrs.resume)
      expect(enabled.attrs.id).toMatch(/./)
    })

  for (const resume of ['false', '0', 'yes', 'TRUE', ''])
    rule('edge 7', `resume='${resume}' is not true, so no resumption is granted`, async house => {
      const client = await house.bound(house.person())
      const enabled = await client.enable(`resume='${resume}'`)
      expect(['true', '1']).not.toContain(enabled.attrs.resume)
      expect(enabled.attrs.id).toBeUndefined()
    })

  rule('XEP-0198 §3', "<enabled/> tells the server's resumption time in max", async house => {
    const client = await house.bound(house.person())
    expect((await client.enable()).attrs.max).toBe('300')
  })

  rule(
    'edge 16',
    "a client's max below the server's is honoured",
    async house => {
      const client = await house.bound(house.person())
      expect((await client.enable("resume='true' max='60'")).attrs.max).toBe('60')
    },
    { differs: { prosody: 'ignores max' } },
  )

  rule('edge 16', "a client's max above the server's does not lengthen the time", async house => {
    const client = await house.bound(house.person())
    expect((await client.enable("resume='true' max='86400'")).attrs.max).toBe('300')
  })

  for (const max of ['0', '-5', 'soon', '1.5', '99999999999999999999'])
    rule('edge 16', `max='${max}' is answered by <enabled/> or <failed/>, and the stream goes on`, async house => {
      const client = await house.bound(house.person())
      client.send(`<enable xmlns='${nsSm3}' resume='true' max='${max}'/>`)
      expect(['enabled', 'failed']).toContain((await client.element()).name)
      await client.expectNothing()
    })

  rule(
    'smacks',
    'an SM-ID has room for 128 bits, is at most 4000 bytes long, and differs from session to session',
    async house => {
      const who = house.person()
      const ids = new Set<string>()
      for (const resource of ['one', 'two', 'three']) {
        const client = await house.bound(who, resource)
        await client.enable()
        ids.add(client.smId)
      }
      expect(ids.size).toBe(3)
      for (const id of ids) {
        expect(id.length).toBeGreaterThanOrEqual(22)
        expect(Buffer.byteLength(id)).toBeLessThanOrEqual(4_000)
      }
    },
    { differs: { prosody: '72 bits', ejabberd: '64 bits' } },
  )

  rule(
    'XEP-0198 §3',
    'an <enable/> before bind fails with unexpected-request, and the client may bind',
    async house => {
      const client = await house.authenticated(house.person())
      client.send(`<enable xmlns='${nsSm3}' resume='true'/>`)
      const failed = await client.expect('failed')
      expect(failed.ns).toBe(nsSm3)
      expect(conditionOf(failed)).toBe('unexpected-request')
      await client.bind()
      expect((await client.enable()).attrs.id).toBeDefined()
    },
  )

  rule(
    'edge 1',
    'an <enable/> before authentication fails, and the client may authenticate',
    async house => {
      const client = await house.encrypted()
      client.send(`<enable xmlns='${nsSm3}' resume='true'/>`)
      expect(conditionOf(await client.expect('failed'))).toBe('not-authorized')
      await client.authenticate(house.person())
      await client.bind()
      await client.enable()
    },
    { differs: { prosody: 'says service-unavailable', ejabberd: 'says unexpected-request' } },
  )

  rule('smacks', 'a second <enable/> fails with unexpected-request and resets nothing', async house => {
    const client = await house.managed(house.person())
    client.sendRaw(`<enable xmlns='${nsSm3}' resume='true'/>`)
    const failed = await client.expect('failed')
    expect(conditionOf(failed)).toBe('unexpected-request')
    expect(await client.acked()).toBe(client.sent)
  })

  rule('edge 3', 'a second <enable/> is never granted', async house => {
    const client = await house.managed(house.person())
    client.sendRaw(`<enable xmlns='${nsSm3}' resume='true'/>`)
    const item = await client.next()
    expect(item.kind === 'element' ? ['failed', 'error'].includes(item.element.name) : true).toBe(true)
  })

  rule('edge 11', 'a session of sm:2 is answered in sm:2', async house => {
    const client = await house.bound(house.person())
    client.send(`<enable xmlns='${nsSm2}' resume='true'/>`)
    const enabled = await client.expect('enabled')
    expect(enabled.ns).toBe(nsSm2)
    client.message('nobody@localhost', 'hello', 'error')
    client.send(`<r xmlns='${nsSm2}'/>`)
    const ack = await client.expect('a')
    expect([ack.ns, ack.attrs.h]).toEqual([nsSm2, '1'])
  })

  rule('edge 11', 'an <enable/> of sm:2 on a session of sm:3 changes nothing', async house => {
    const client = await house.managed(house.person())
    client.sendRaw(`<enable xmlns='${nsSm2}' resume='true'/>`)
    const item = await client.next()
    expect(item.kind === 'element' ? ['failed', 'error'].includes(item.element.name) : true).toBe(true)
  })

  rule(
    'clients 15',
    'an <enable/> of an unknown namespace ends the stream at once with unsupported-stanza-type',
    async house => {
      const client = await house.bound(house.person())
      client.send("<enable xmlns='urn:xmpp:sm:99'/>")
      await client.expectStreamError('unsupported-stanza-type')
    },
    { differs: { ejabberd: 'ignores it' } },
  )

  rule(
    'edge 6',
    'an <r/> and an <a/> before <enable/> do no harm',
    async house => {
      const client = await house.bound(house.person())
      client.send(`<r xmlns='${nsSm3}'/><a xmlns='${nsSm3}' h='0'/>`)
      const before = await client.untilFence()
      expect(before.every(it => it.name === 'failed')).toBe(true)
      await client.enable()
      expect(await client.acked()).toBe(0)
    },
    { differs: { prosody: 'closes with unsupported-stanza-type' } },
  )

  rule(
    'clients 13',
    '<enabled/> leaves on its own: nothing follows it in the same write',
    async house => {
      const client = await house.bound(house.person())
      client.send(
        `<enable xmlns='${nsSm3}' resume='true'/><presence/><iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>`,
      )
      await client.expect('enabled')
      await client.untilFence()
      const chunk = client.chunks.find(text => text.includes('<enabled')) ?? ''
      expect(chunk.trim()).toMatch(/^<enabled[^>]*>(<\/enabled>)?$/)
    },
    { differs: { prosody: 'writes all of a turn at once' }, spares: { ejabberd: 'by chance' } },
  )

  rule(
    'clients 9',
    'an <enable/> pipelined with presence, iq and <r/> is taken whole, and h counts what came after it',
    async house => {
      const client = await house.bound(house.person())
      client.send(
        `<enable xmlns='${nsSm3}' resume='true'/><presence/>` +
          `<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq><r xmlns='${nsSm3}'/>`,
      )
      await client.expect('enabled')
      expect((await client.until('a')).attrs.h).toBe('2')
    },
  )

  rule('clients 9', 'presence may come before <enable/>; it does not count', async house => {
    const client = await house.bound(house.person())
    client.send('<presence/>')
    await client.enable()
    client.send(`<r xmlns='${nsSm3}'/>`)
    expect((await client.until('a')).attrs.h).toBe('0')
  })

  rule(
    'clients 18',
    'after <enabled/> the server sends stanzas and elements of stream management only',
    async house => {
      const who = house.person()
      const client = await house.bound(who)
      await client.enable()
      client.send('<presence/>')
      client.message(client.jid, 'to myself')
      const came = await client.untilFence()
      expect(came.filter(it => it.ns !== 'jabber:client' && it.ns !== nsSm3)).toEqual([])
      expect(came.some(it => at(it, 'body')?.text === 'to myself')).toBe(true)
    },
  )
})
