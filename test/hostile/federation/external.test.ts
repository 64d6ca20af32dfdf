/** SASL EXTERNAL (XEP-0178 §3): whose certificate is taken, and what everybody else is told. */
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'
import { authority } from '../../support/federation/neighbour.js'
import { certificateOf, expectTrusted, expectUntrusted, type Ground, onGround, ours } from './ground.js'
import { nsSasl, nsTls, offered, outcome, type Peer, type Shown, saslOutcome } from './peer.js'

const day = 24 * 60 * 60 * 1000
const streamManagement = 'sm'

const selfSigned = async (domain: string): Promise<Shown> => {
  const made = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: domain }] }],
  })
  return { certificate: made.cert, key: made.private }
}

const good: ReadonlyArray<readonly [what: string, certificate: (domain: string) => Promise<Shown>]> = [
  ['its name in the DNS', domain => certificateOf(domain)],
  ['its name in the DNS, among others', domain => certificateOf('first.example', domain, 'last.example')],
  ['its name in the DNS, in capitals', domain => certificateOf(domain.toUpperCase())],
  ['a wildcard', () => certificateOf('*.elsewhere.example')],
  ['an SRVName', domain => certificateOf({ srv: `_xmpp-server.${domain}` })],
  ['an xmppAddr', domain => certificateOf({ xmpp: domain })],
]

const bad: ReadonlyArray<readonly [what: string, certificate: (domain: string) => Promise<Shown>]> = [
  ['is for another domain', () => certificateOf('other.example')],
  ['is for a domain below', domain => certificateOf(`below.${domain}`)],
  ['is for a domain above', () => certificateOf('elsewhere.example')],
  ['has a wildcard two labels above', () => certificateOf('*.example')],
  ['has a part of a label as a wildcard', () => certificateOf('n*.elsewhere.example')],
  ['has an SRVName of clients', domain => certificateOf({ srv: `_xmpp-client.${domain}` })],
  ['has an xmppAddr of somebody at the domain', domain => certificateOf({ xmpp: `somebody@${domain}` })],
  ['names nobody', () => certificateOf()],
  [
    'has its name as the common name only',
    async domain => (await authority()).issue({ names: [], commonName: domain }),
  ],
  ['has a NUL behind its name', domain => certificateOf(`${domain}\0.evil.example`)],
  [
    'has expired',
    async domain =>
      (await authority()).issue({
        names: [{ dns: domain }],
        from: new Date(Date.now() - 2 * day),
        until: new Date(Date.now() - day),
      }),
  ],
  [
    'is not valid yet',
    async domain =>
      (await authority()).issue({
        names: [{ dns: domain }],
        from: new Date(Date.now() + day),
        until: new Date(Date.now() + 2 * day),
      }),
  ],
  ['is signed by itself', selfSigned],
  [
    'is signed by an authority that is not known',
    async domain => (await createAuthority('Somebody')).issue({ names: [{ dns: domain }] }),
  ],
  [
    'is signed by an authority that has the name of a known one',
    async domain => (await createAuthority()).issue({ names: [{ dns: domain }] }),
  ],
]

const newPeer = async (ground: Ground, certificate: (domain: string) => Promise<Shown>): Promise<Peer> => {
  const domain = ground.stranger()
  return ground.peer(domain, { certificate: await certificate(domain) })
}

describe('where a certificate is wanted', () => {
  const ground = onGround({ authentication: 'external', connect_timeout_seconds: 20 })

  test.each(good)('a certificate with %s is taken', async (_, certificate) => {
    const peer = await newPeer(ground(), certificate)
    expect(offered(await peer.encrypted())).toEqual(['EXTERNAL', streamManagement])
    expect(saslOutcome(await peer.external())).toBe('success')
    expect(offered(await peer.open())).toEqual([streamManagement])
    await expectTrusted(ground(), peer)
  })

  test.each(bad)('a certificate that %s is of no use', async (_, certificate) => {
    const peer = await newPeer(ground(), certificate)
    expect(offered(await peer.encrypted())).toEqual([streamManagement])
    expect(saslOutcome(await peer.external())).toBe('failure not-authorized')
    expect(outcome(await peer.dialBack('key'))).toBe('error not-authorized')
    await expectUntrusted(ground(), peer)
    expect(ground().elsewhere.calls(peer.from)).toBe(0)
  })

  test('who has no certificate is nobody', async () => {
    const peer = await ground().peer(ground().stranger())
    expect(offered(await peer.encrypted())).toEqual([streamManagement])
    expect(saslOutcome(await peer.external())).toBe('failure not-authorized')
    await expectUntrusted(ground(), peer)
  })

  test.each([
    ['another domain', 'other.example', 'invalid-authzid'],
    ['one of our own domains', ours, 'invalid-authzid'],
    ['somebody', 'somebody@elsewhere.example', 'invalid-authzid'],
    ['no address', '@@', 'invalid-authzid'],
  ])('who shows a certificate and wants to be %s is refused', async (_, authzid, condition) => {
    const peer = await newPeer(ground(), domain => certificateOf(domain, 'other.example'))
    await peer.encrypted()
    expect(saslOutcome(await peer.external(Buffer.from(authzid).toString('base64')))).toBe(`failure ${condition}`)
    await expectUntrusted(ground(), peer)
  })

  test.each([
    ['no base64', '!!!', 'EXTERNAL', 'incorrect-encoding'],
    ['base64 of no UTF-8', '//8=', 'EXTERNAL', 'incorrect-encoding'],
    ['a mechanism that was not offered', 'AGEAYg==', 'PLAIN', 'invalid-mechanism'],
  ])('%s is refused', async (_, text, mechanism, condition) => {
    const peer = await newPeer(ground(), domain => certificateOf(domain))
    await peer.encrypted()
    expect(saslOutcome(await peer.external(text, mechanism))).toBe(`failure ${condition}`)
    await expectUntrusted(ground(), peer)
  })

  test.each([
    ['an empty initial response', '='],
    ['no initial response', ''],
  ])('%s means the domain of the stream', async (_, text) => {
    const peer = await newPeer(ground(), domain => certificateOf(domain))
    await peer.encrypted()
    expect(saslOutcome(await peer.external(text))).toBe('success')
    await peer.open()
    await expectTrusted(ground(), peer)
  })

  test('a second try may do better', async () => {
    const peer = await newPeer(ground(), domain => certificateOf(domain))
    await peer.encrypted()
    expect(saslOutcome(await peer.external('!!!'))).toBe('failure incorrect-encoding')
    expect(saslOutcome(await peer.external())).toBe('success')
    await peer.open()
    await expectTrusted(ground(), peer)
  })

  test('a stream without a domain has none that a certificate could show', async () => {
    const peer = await newPeer(ground(), domain => certificateOf(domain))
    await peer.open()
    await peer.startTls()
    peer.restart()
    peer.sendRaw(peer.header().replace(/ from='[^']*'/, ''))
    await peer.opened()
    expect(offered(await peer.expect('features'))).toEqual([streamManagement])
    expect(saslOutcome(await peer.external())).toBe('failure invalid-authzid')
    await expectUntrusted(ground(), peer)
  })

  test('who was taken for a domain is not another in the next header', async () => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await certificateOf(domain, 'other.example') })
    await peer.encrypted()
    expect(saslOutcome(await peer.external())).toBe('success')
    peer.restart()
    peer.sendRaw(peer.header({ from: 'other.example' }))
    await peer.opened()
    await peer.expectStreamError('invalid-from')
  })

  test('what was in the clear does not count inside of TLS', async () => {
    const domain = ground().stranger()
    const peer = await ground().peer('other.example', { certificate: await certificateOf(domain) })
    await peer.open({ from: domain })
    await peer.startTls()
    expect(offered(await peer.open())).toEqual([streamManagement])
    expect(saslOutcome(await peer.external())).toBe('failure not-authorized')
    await expectUntrusted(ground(), peer)
  })
})

describe('before TLS, where it is required', () => {
  const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })
  const inTheClear = async (): Promise<Peer> => {
    const peer = await ground().peer(ground().stranger())
    expect(offered(await peer.open())).toEqual(['starttls'])
    return peer
  }

  test('stanzas are refused', async () => expectUntrusted(ground(), await inTheClear()))

  test('EXTERNAL is refused', async () => {
    const peer = await inTheClear()
    expect(saslOutcome(await peer.external())).toBe('failure encryption-required')
    await expectUntrusted(ground(), peer)
  })

  test('dialback is refused, and nobody is asked', async () => {
    const peer = await inTheClear()
    expect(outcome(await peer.dialBack('key'))).toBe('error policy-violation')
    await expectUntrusted(ground(), peer)
    expect(ground().elsewhere.calls(peer.from)).toBe(0)
  })

  test.each([
    ['a stanza', ({ witness }: Ground) => `<message to='${witness.jid}' from='x@n1.elsewhere.example'/>`],
    ['an element of EXTERNAL', () => `<auth xmlns='${nsSasl}' mechanism='EXTERNAL'>=</auth>`],
    ['a dialback key', () => `<db:result from='n1.elsewhere.example' to='${ours}'>key</db:result>`],
    ['a whole stream', () => "<?xml version='1.0'?><stream:stream xmlns='jabber:server'>"],
  ])('%s behind <starttls/> is not read, and ends the stream', async (_, injected) => {
    const peer = await inTheClear()
    peer.sendRaw(`<starttls xmlns='${nsTls}'/>${injected(ground())}`)
    await peer.expectStreamError('policy-violation')
  })

  test('TLS is not begun twice', async () => {
    const peer = await inTheClear()
    await peer.startTls()
    await peer.open()
    peer.send(`<starttls xmlns='${nsTls}'/>`)
    await peer.expect('failure')
    await peer.expectStreamError('policy-violation')
  })

  test('no certificate, or a bad one, leaves dialback', async () => {
    const peer = await newPeer(ground(), selfSigned)
    expect(offered(await peer.encrypted())).toEqual(['dialback', streamManagement])
    const certified = await newPeer(ground(), domain => certificateOf(domain))
    expect(offered(await certified.encrypted())).toEqual(['EXTERNAL', 'dialback', streamManagement])
  })
})

describe('where only dialback counts', () => {
  const ground = onGround({ authentication: 'dialback', connect_timeout_seconds: 20 })

  test('the best certificate is of no use', async () => {
    const peer = await newPeer(ground(), domain => certificateOf(domain))
    expect(offered(await peer.encrypted())).toEqual(['dialback', streamManagement])
    expect(saslOutcome(await peer.external())).toBe('failure not-authorized')
    await expectUntrusted(ground(), peer)
  })
})
