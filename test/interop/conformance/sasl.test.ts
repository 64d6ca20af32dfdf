/** Authentication (RFC 6120 §6, RFC 5802, RFC 4616). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { createScram } from '../../support/scram.js'
import { child, type Xml } from '../../support/xml.js'
import { base64, fromBase64, type Mechanism, type XmppClient } from '../../support/xmpp-client.js'

const ns = 'urn:ietf:params:xml:ns:xmpp-sasl'
const mechanismsOf = (features: Xml): ReadonlyArray<string> =>
  child(features, 'mechanisms', ns)
    ?.children.filter(it => it.name === 'mechanism')
    .map(it => it.text) ?? []
const conditionOf = (failure: Xml): string | undefined =>
  failure.children.find(it => it.ns === ns && it.name !== 'text')?.name
const auth = (mechanism: string, data: string): string => `<auth xmlns='${ns}' mechanism='${mechanism}'>${data}</auth>`
const response = (data: string): string => `<response xmlns='${ns}'>${data}</response>`

const failing = async (client: XmppClient): Promise<string | undefined> => conditionOf(await client.expect('failure'))

rules('authentication', { people: 60 }, rule => {
  rule('clients 3', 'SCRAM-SHA-1, SCRAM-SHA-256 and PLAIN are offered under TLS', async house => {
    const client = await house.connect()
    expect(mechanismsOf(await client.reachSasl())).toEqual(
      expect.arrayContaining(['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN']),
    )
  })

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] satisfies ReadonlyArray<Mechanism>) {
    rule(
      'RFC 6120 6.4.6',
      `${mechanism} with the right password succeeds, and the server proves that it knows it`,
      async house => {
        const client = await house.encrypted()
        await client.authenticate(house.person(), mechanism)
        await client.bind()
      },
    )

    rule(
      'RFC 6120 6.5.10',
      `${mechanism} with a wrong password fails with not-authorized, and may be tried again`,
      async house => {
        const who = house.person()
        const client = await house.encrypted()
        const failure = await client.sasl({ ...who, password: 'wrong' }, mechanism)
        expect([failure.name, conditionOf(failure)]).toEqual(['failure', 'not-authorized'])
        await client.authenticate(who, mechanism)
      },
    )

    rule('RFC 6120 6.5.10', `${mechanism} of an unknown user ends like a wrong password`, async house => {
      const client = await house.encrypted()
      const failure = await client.sasl({ username: 'nobody-at-all', password: 'wrong' }, mechanism)
      expect([failure.name, conditionOf(failure)]).toEqual(['failure', 'not-authorized'])
    })
  }

  rule(
    'RFC 6120 6.5.7',
    'a mechanism that is not offered fails with invalid-mechanism',
    async house => {
      const client = await house.encrypted()
      client.send(auth('MAGIC', base64('open sesame')))
      expect(await failing(client)).toBe('invalid-mechanism')
      await client.authenticate(house.person())
    },
    { differs: { ejabberd: 'says not-authorized' } },
  )

  rule(
    'RFC 6120 6.5.5',
    'data that is no base64 fails with incorrect-encoding',
    async house => {
      const client = await house.encrypted()
      client.send(auth('PLAIN', '!!! not base64 !!!'))
      expect(await failing(client)).toBe('incorrect-encoding')
      await client.authenticate(house.person())
    },
    { spares: { ejabberd: 'ends the stream' } },
  )

  rule('RFC 6120 6.5.1', '<abort/> fails with aborted, and the client may begin anew', async house => {
    const who = house.person()
    const client = await house.encrypted()
    client.send(auth('SCRAM-SHA-1', base64(createScram({ ...who, hash: 'SHA-1' }).first)))
    await client.expect('challenge')
    client.send(`<abort xmlns='${ns}'/>`)
    expect(await failing(client)).toBe('aborted')
    await client.authenticate(who)
  })

  rule(
    'RFC 4616 §2',
    'PLAIN without its separators fails',
    async house => {
      const client = await house.encrypted()
      client.send(auth('PLAIN', base64('no separators')))
      expect(['malformed-request', 'not-authorized']).toContain(await failing(client))
      await client.authenticate(house.person())
    },
    { spares: { prosody: 'says it in its own way' } },
  )

  rule(
    'RFC 6120 6.4.2',
    'PLAIN without an initial response is challenged for it',
    async house => {
      const who = house.person()
      const client = await house.encrypted()
      client.send(`<auth xmlns='${ns}' mechanism='PLAIN'/>`)
      expect((await client.expect('challenge')).text).toBe('')
      client.send(response(base64(`\0${who.username}\0${who.password}`)))
      await client.expect('success')
    },
    { spares: { prosody: 'wants it at once', ejabberd: 'wants it at once' } },
  )

  rule('RFC 6120 6.3.8', "an authorization identity that is the user's own bare JID is accepted", async house => {
    const who = house.person()
    const client = await house.encrypted()
    client.send(auth('PLAIN', base64(`${who.jid}\0${who.username}\0${who.password}`)))
    await client.expect('success')
  })

  rule(
    'RFC 6120 6.5.6',
    'an authorization identity of another user fails',
    async house => {
      const [who, other] = [house.person(), house.person()]
      const client = await house.encrypted()
      client.send(auth('PLAIN', base64(`${other.jid}\0${who.username}\0${who.password}`)))
      expect(['invalid-authzid', 'not-authorized']).toContain(await failing(client))
    },
    { differs: { prosody: 'ignores the authorization identity' } },
  )

  rule('clients 2', 'foreign attributes on <auth/> are tolerated', async house => {
    const who = house.person()
    const client = await house.encrypted()
    const data = base64(`\0${who.username}\0${who.password}`)
    client.send(
      `<auth xmlns='${ns}' mechanism='PLAIN' id='1' g:service='x' xmlns:g='http://www.google.com/talk/protocol/auth'>${data}</auth>`,
    )
    await client.expect('success')
  })

  rule('RFC 5802 §7', 'a final message with another nonce fails', async house => {
    const who = house.person()
    const client = await house.encrypted()
    const scram = createScram({ ...who, hash: 'SHA-1' })
    client.send(auth('SCRAM-SHA-1', base64(scram.first)))
    const final = scram.final(fromBase64((await client.expect('challenge')).text))
    client.send(response(base64(final.replace(/,r=./, ',r=?'))))
    await client.expect('failure')
    await client.authenticate(who, 'SCRAM-SHA-1')
  })

  rule('RFC 5802 §7', 'a final message without a proof fails', async house => {
    const who = house.person()
    const client = await house.encrypted()
    const scram = createScram({ ...who, hash: 'SHA-256' })
    client.send(auth('SCRAM-SHA-256', base64(scram.first)))
    const final = scram.final(fromBase64((await client.expect('challenge')).text))
    client.send(response(base64(final.replace(/,p=.*/, ''))))
    await client.expect('failure')
  })

  rule(
    'RFC 5802 §7',
    'a first message that is none fails',
    async house => {
      const client = await house.encrypted()
      client.send(auth('SCRAM-SHA-1', base64('hello')))
      await client.expect('failure')
      await client.authenticate(house.person(), 'SCRAM-SHA-1')
    },
    { spares: { ejabberd: 'says it in its own way' } },
  )

  rule(
    'RFC 6120 6.4.4',
    'a <response/> to no challenge is refused',
    async house => {
      const client = await house.encrypted()
      client.send(response(base64('hello')))
      const answer = await client.element()
      expect(['failure', 'error']).toContain(answer.name)
    },
    { spares: { prosody: 'answers nothing' } },
  )

  rule(
    'RFC 5802 §6',
    'a client that saw no -PLUS although it was offered is refused: somebody cut it out',
    async house => {
      const who = house.person()
      const client = await house.connect()
      const offered = mechanismsOf(await client.reachSasl())
      const scram = createScram({ ...who, hash: 'SHA-1', gs2: 'y,,' })
      client.send(auth('SCRAM-SHA-1', base64(scram.first)))
      const challenge = await client.element()
      if (challenge.name === 'challenge') client.send(response(base64(scram.final(fromBase64(challenge.text)))))
      const last = challenge.name === 'challenge' ? await client.element() : challenge
      expect(last.name).toBe(offered.includes('SCRAM-SHA-1-PLUS') ? 'failure' : 'success')
    },
  )

  rule(
    'RFC 9266',
    'SCRAM-SHA-256-PLUS with tls-exporter succeeds, and with wrong data fails',
    async house => {
      const who = house.person()
      for (const right of [true, false]) {
        const client = await house.connect()
        expect(mechanismsOf(await client.reachSasl())).toContain('SCRAM-SHA-256-PLUS')
        const binding = right ? client.exporter() : Buffer.alloc(32, 7)
        const scram = createScram({ ...who, hash: 'SHA-256', gs2: 'p=tls-exporter,,', binding })
        client.send(auth('SCRAM-SHA-256-PLUS', base64(scram.first)))
        client.send(response(base64(scram.final(fromBase64((await client.expect('challenge')).text)))))
        const last = await client.element()
        expect(last.name).toBe(right ? 'success' : 'failure')
        if (right) expect(scram.proves(fromBase64(last.text))).toBe(true)
      }
    },
    { differs: { prosody: 'offers tls-unique only' }, spares: { ejabberd: 'offers tls-unique only' } },
  )

  rule(
    'clients 4',
    '-PLUS is offered only where a channel binding is there to name',
    async house => {
      const client = await house.connect()
      const features = await client.reachSasl()
      if (!mechanismsOf(features).some(it => it.endsWith('-PLUS'))) return
      const bindings = child(features, 'sasl-channel-binding', 'urn:xmpp:sasl-cb:0')
      expect(bindings?.children.map(it => it.attrs.type)).toContain('tls-exporter')
    },
    { spares: { ejabberd: 'does not tell' } },
  )

  rule(
    'RFC 6120 6.4.6',
    'a second <auth/> after success is refused',
    async house => {
      const who = house.person()
      const client = await house.authenticated(who)
      client.send(auth('PLAIN', base64(`\0${who.username}\0${who.password}`)))
      const answer = await client.next()
      if (answer.kind === 'element') expect(['failure', 'error']).toContain(answer.element.name)
    },
    { spares: { prosody: 'answers nothing' } },
  )

  rule('RFC 6120 5.3.1', 'without TLS nobody is let in where encryption is required', async house => {
    const who = house.person()
    const client = await house.connect()
    await client.open()
    client.send(auth('PLAIN', base64(`\0${who.username}\0${who.password}`)))
    const answer = await client.next()
    if (answer.kind === 'element') expect(['failure', 'error']).toContain(answer.element.name)
  })
})
