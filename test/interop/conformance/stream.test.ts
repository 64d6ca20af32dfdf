/** The stream itself (RFC 6120 §§4, 5, 11). */
import { expect } from 'vitest'
import type { House } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { child } from '../../support/xml.js'

const nsTls = 'urn:ietf:params:xml:ns:xmpp-tls'

/** Sends a first header of the test's own making. */
const opening = async (house: House, header: string) => {
  const client = await house.connect()
  client.sendRaw(header)
  return client
}

const header = (attributes: string, prefix = 'stream'): string =>
  `<?xml version='1.0'?><${prefix}:stream ${attributes}>`
const usual = "to='localhost' version='1.0' xmlns='jabber:client'"
const nsStream = "xmlns:stream='http://etherx.jabber.org/streams'"

rules('streams', { maxStanzaBytes: 100_000, people: 60 }, rule => {
  rule('clients 1', "the server's header carries from, id, version and the namespaces", async house => {
    const client = await house.connect()
    const { header: answer } = await client.open()
    expect(answer.attrs).toMatchObject({ from: 'localhost', version: '1.0', xmlns: 'jabber:client' })
    expect(answer.ns).toBe('http://etherx.jabber.org/streams')
    expect(answer.attrs.id).toMatch(/./)
  })

  rule('RFC 6120 4.7.3', 'each stream has an id of its own, also after a restart', async house => {
    const client = await house.connect()
    const ids = [(await client.open()).header.attrs.id]
    await client.startTls()
    ids.push((await client.open()).header.attrs.id)
    ids.push((await (await house.connect()).open()).header.attrs.id)
    expect(new Set(ids).size).toBe(3)
  })

  rule('clients 2', "a from in the client's header is tolerated", async house => {
    const client = await house.connect()
    const { features } = await client.open({ from: 'user1@localhost', 'xml:lang': 'de' })
    expect(child(features, 'starttls', nsTls)).toBeDefined()
  })

  rule('RFC 6120 5.3.1', 'STARTTLS is offered as required', async house => {
    const client = await house.connect()
    const { features } = await client.open()
    expect(child(child(features, 'starttls', nsTls), 'required')).toBeDefined()
    expect(child(features, 'mechanisms')).toBeUndefined()
  })

  rule('RFC 6120 5.4.3.3', 'after STARTTLS it is not offered again, but SASL is', async house => {
    const client = await house.connect()
    const features = await client.reachSasl()
    expect(child(features, 'starttls')).toBeUndefined()
    expect(child(features, 'mechanisms', 'urn:ietf:params:xml:ns:xmpp-sasl')?.children.length).toBeGreaterThan(0)
  })

  rule('clients 2', 'foreign attributes on <starttls/> are tolerated', async house => {
    const client = await house.connect()
    await client.open()
    client.send(`<starttls xmlns='${nsTls}' id='1' x:y='z' xmlns:x='urn:example:x'/>`)
    await client.expect('proceed')
    await client.secure()
    await client.open()
  })

  rule('XEP-0368', 'TLS from the first byte on leads to the same stream', async house => {
    const client = await house.connect({ port: house.server.directTlsPort, directTls: true })
    const { features } = await client.open()
    expect(child(features, 'mechanisms')).toBeDefined()
    await client.authenticate(house.person())
    await client.bind()
    await client.expectNothing()
  })

  rule('RFC 6120 4.9.3.6', 'a stream to a domain that is not here ends with host-unknown', async house => {
    const client = await opening(
      house,
      header(`to='elsewhere.invalid' version='1.0' xmlns='jabber:client' ${nsStream}`),
    )
    await client.opened()
    await client.expectStreamError('host-unknown')
  })

  rule(
    'RFC 6120 4.9.3.10',
    'a stream of another namespace ends with invalid-namespace',
    async house => {
      const client = await opening(house, header(`${usual} xmlns:stream='http://wrong.example.org/'`))
      await client.opened()
      await client.expectStreamError('invalid-namespace')
    },
    { spares: { prosody: 'says bad-format', ejabberd: 'says more' } },
  )

  rule(
    'RFC 6120 4.8.2',
    'a stream of another content namespace ends with invalid-namespace',
    async house => {
      const client = await opening(
        house,
        header(`to='localhost' version='1.0' xmlns='urn:example:content' ${nsStream}`),
      )
      await client.opened()
      await client.expectStreamError('invalid-namespace')
    },
    { spares: { prosody: 'does not look', ejabberd: 'says more' } },
  )

  const broken: ReadonlyArray<readonly [string, string, string, ReadonlyArray<string>]> = [
    ['RFC 6120 4.9.3.13', 'tags that do not match', '<message></iq>', ['not-well-formed', 'bad-format', 'invalid-xml']],
    [
      'RFC 6120 4.9.3.13',
      'an unescaped ampersand',
      '<message><body>a & b</body></message>',
      ['not-well-formed', 'bad-format'],
    ],
    ['RFC 6120 4.9.3.13', 'an attribute without quotes', '<message to=x/>', ['not-well-formed', 'bad-format']],
    [
      'RFC 6120 4.9.3.13',
      'an unbound prefix',
      '<message><x:y/></message>',
      ['not-well-formed', 'bad-format', 'bad-namespace-prefix'],
    ],
    ['RFC 6120 4.9.3.13', 'the same attribute twice', "<message id='1' id='2'/>", ['not-well-formed', 'bad-format']],
    ['RFC 6120 11.1', 'a comment', '<!-- hello -->', ['restricted-xml', 'not-well-formed']],
    ['RFC 6120 11.1', 'a processing instruction', '<?php echo 1 ?>', ['restricted-xml', 'not-well-formed']],
    [
      'RFC 6120 11.1',
      'an undefined entity',
      '<message><body>&lol;</body></message>',
      ['restricted-xml', 'not-well-formed', 'bad-format'],
    ],
  ]
  for (const [source, what, xml, conditions] of broken)
    rule(
      source,
      `${what} ends the stream with ${conditions.slice(0, 2).join(' or ')}`,
      async house => {
        const client = await house.online(house.person())
        client.sendRaw(xml)
        await client.expectStreamError(...conditions)
      },
      { spares: { ejabberd: 'says not-well-formed in its own ways' } },
    )

  rule(
    'RFC 6120 4.9.3.24',
    'an unknown element ends the stream with unsupported-stanza-type',
    async house => {
      const client = await house.online(house.person())
      client.send("<letter xmlns='urn:example:letter'/>")
      await client.expectStreamError('unsupported-stanza-type')
    },
    { differs: { ejabberd: 'ignores it' } },
  )

  rule('RFC 6120 4.9.1.1', 'a stream error is answered with the end of the stream, not with an error', async house => {
    const client = await house.online(house.person())
    client.send("<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
    await client.expectEnd()
  })

  rule(
    'RFC 6120 4.9.3.12',
    'a stanza before authentication ends the stream with not-authorized',
    async house => {
      const client = await house.encrypted()
      client.message('user1@localhost', 'too early')
      await client.expectStreamError('not-authorized')
    },
    { differs: { prosody: 'answers with a stanza error' } },
  )

  rule('RFC 6120 7.1', 'a stanza before bind is not routed', async house => {
    const reader = await house.online(house.person())
    const client = await house.authenticated(house.person())
    client.message(reader.jid, 'too early')
    const answer = await client.next()
    if (answer.kind === 'element') expect(['error', 'message']).toContain(answer.element.name)
    await reader.expectNothing()
  })

  rule('XEP-0198 §1', 'whitespace between stanzas is no element', async house => {
    const client = await house.online(house.person())
    client.sendRaw(' \n\t \r\n ')
    await client.expectNothing()
    client.sendRaw(' '.repeat(1_000))
    await client.expectNothing()
  })

  rule(
    'RFC 6120 4.9.3.14',
    'a stanza above the limit ends the stream with policy-violation',
    async house => {
      const client = await house.online(house.person())
      client.message(client.jid, 'x'.repeat(150_000))
      await client.expectStreamError('policy-violation')
    },
    { spares: { ejabberd: 'says it in its own ways' } },
  )

  rule('RFC 6120 13.12', 'a stanza of ten thousand bytes passes', async house => {
    const client = await house.online(house.person())
    const body = 'ä'.repeat(5_000)
    client.send(`<message to='${client.jid}' type='chat'><body>${body}</body></message>`)
    expect(child(await client.expect('message'), 'body')?.text).toBe(body)
  })

  rule('RFC 6120 8.1.2.1', 'a stanza in the name of another is not routed in that name', async house => {
    const reader = await house.online(house.person())
    const client = await house.online(house.person())
    client.send(`<message from='user1@localhost/desk' to='${reader.jid}' type='chat'><body>forged</body></message>`)
    client.send("<iq type='get' id='after' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    for (;;) {
      const item = await client.next()
      if (item.kind !== 'element' || item.element.attrs.id === 'after') break
    }
    const came = await reader.untilFence()
    expect(came.map(it => it.attrs.from)).not.toContain('user1@localhost/desk')
  })

  rule('clients 8', 'the own full JID and the own bare JID are accepted as from', async house => {
    const who = house.person()
    const reader = await house.online(house.person())
    const client = await house.online(who)
    for (const from of [client.jid, who.jid]) {
      client.send(`<message from='${from}' to='${reader.jid}' type='chat'><body>mine</body></message>`)
      expect((await reader.expect('message')).attrs.from).toBe(client.jid)
    }
  })

  rule('RFC 6120 11.6', 'letters beyond the Basic Multilingual Plane arrive as they were sent', async house => {
    const client = await house.online(house.person())
    client.sendRaw(`<message to='${client.jid}' type='chat'><body>𝄞 \u{1f600} 漢字 &#x1F600;</body></message>`)
    expect(child(await client.expect('message'), 'body')?.text).toBe('𝄞 \u{1f600} 漢字 \u{1f600}')
  })

  rule('RFC 6120 11.1', 'a stanza that arrives byte by byte is whole', async house => {
    const client = await house.online(house.person())
    for (const byte of Buffer.from(`<message to='${client.jid}' type='chat'><body>ü𝄞</body></message>`)) {
      client.sendRaw(Uint8Array.of(byte))
      if (byte > 127) await new Promise(resolve => setImmediate(resolve))
    }
    expect(child(await client.expect('message'), 'body')?.text).toBe('ü𝄞')
  })

  rule('RFC 6120 4.4', 'a close before authentication is answered', async house => {
    const client = await house.encrypted()
    await client.close()
  })

  rule(
    'RFC 6120 4.7.5',
    'a header without version is answered, or refused with a stream error',
    async house => {
      const client = await opening(house, header(`to='localhost' xmlns='jabber:client' ${nsStream}`))
      await client.opened()
      const next = await client.next()
      expect(next.kind === 'element' ? ['features', 'error'].includes(next.element.name) : false).toBe(true)
    },
    { spares: { prosody: 'waits for old clients', ejabberd: 'waits for old clients' } },
  )
})
