/**
 * What a certificate says that it is for. Public authorities sign for servers alone, so that has to do on both sides of a
 * stream; but whatever else is wrong with such a certificate or its chain is not forgiven with it.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Authority, type Below, createAuthority, type Wanted } from '../../support/authority.js'
import { authority } from '../../support/federation/neighbour.js'
import { bodyOf } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { offers } from './elsewhere.js'
import { chat, expectTrusted, expectUntrusted, onGround } from './ground.js'
import { nsSasl, type Shown, saslOutcome } from './peer.js'
import { expectReturned, impatient, type Row, refusedWith } from './returned.js'

const day = 24 * 60 * 60 * 1000
const past = { from: new Date(Date.now() - 2 * day), until: new Date(Date.now() - day) }
const serverOnly: Pick<Wanted, 'usages'> = { usages: ['server'] }

type Making = (domain: string) => Promise<Shown>

/** Signed by the authority that is trusted, or by the last of some below it. */
const signed =
  (wanted: Partial<Wanted>, ...below: ReadonlyArray<Below>): Making =>
  async domain => {
    let signer: Authority = await authority()
    for (const [index, one] of below.entries()) signer = await signer.below({ name: `Below ${index + 1}`, ...one })
    return signer.issue({ names: [{ dns: domain }], ...wanted })
  }

const digitalSignature = 1
const keyCertSign = 32

const goodOfWhoConnects: ReadonlyArray<readonly [string, Making]> = [
  ['for servers alone', signed(serverOnly)],
  ['for clients alone', signed({ usages: ['client'] })],
  ['for both', signed({ usages: ['server', 'client'] })],
  ['that does not say what for', signed({ usages: [] })],
  ['for servers alone, with an intermediate', signed(serverOnly, {})],
  ['for servers alone, with an intermediate for servers alone', signed(serverOnly, { usages: ['server'] })],
  ['for both, with an intermediate for servers alone', signed({}, { usages: ['server'] })],
  ['for servers alone, with two intermediates', signed(serverOnly, { pathLength: 1 }, { pathLength: 0 })],
  ['for servers alone, for signatures', signed({ ...serverOnly, keyUsage: digitalSignature })],
  ['for servers alone, with an intermediate for certificates', signed(serverOnly, { keyUsage: keyCertSign })],
]

const strange = async (): Promise<Authority> => createAuthority('Somebody')

const longChain = 'has ten intermediates'

const bad: ReadonlyArray<readonly [string, Making]> = [
  ['has expired', signed({ ...serverOnly, ...past })],
  [
    'is not valid yet',
    signed({ ...serverOnly, from: new Date(Date.now() + day), until: new Date(Date.now() + 2 * day) }),
  ],
  ['has another name', signed({ ...serverOnly, names: [{ dns: 'other.example' }] })],
  ['has no name', signed({ ...serverOnly, names: [] })],
  ['is of nobody known', async domain => (await strange()).issue({ names: [{ dns: domain }], ...serverOnly })],
  [
    'is of nobody known, with an intermediate',
    async domain => (await (await strange()).below()).issue({ names: [{ dns: domain }], ...serverOnly }),
  ],
  [
    'is of somebody with the name of one who is known',
    async domain => (await createAuthority()).issue({ names: [{ dns: domain }], ...serverOnly }),
  ],
  [
    'is of nobody known, and shows that authority too',
    async domain => {
      const nobody = await strange()
      const issued = await nobody.issue({ names: [{ dns: domain }], ...serverOnly })
      return { ...issued, certificate: `${issued.certificate}${nobody.root}` }
    },
  ],
  [
    'is of nobody known, and shows an authority that is known too',
    async domain => {
      const issued = await (await strange()).issue({ names: [{ dns: domain }], ...serverOnly })
      return { ...issued, certificate: `${issued.certificate}${(await authority()).root}` }
    },
  ],
  [
    'has an intermediate that is not shown',
    async domain => {
      const issued = await signed(serverOnly, {})(domain)
      return { ...issued, certificate: issued.certificate.replace(/(-----END CERTIFICATE-----\n).*/s, '$1') }
    },
  ],
  ['has an intermediate that has expired', signed(serverOnly, past)],
  ['has an intermediate that is no authority', signed(serverOnly, { isAuthority: false })],
  ['has an intermediate that is not for certificates', signed(serverOnly, { keyUsage: digitalSignature })],
  ['has an intermediate for clients alone', signed(serverOnly, { usages: ['client'] })],
  ['has more intermediates than the first allows', signed(serverOnly, { pathLength: 0 }, {})],
  ['has an intermediate for other names', signed(serverOnly, { onlyBelow: 'other.example' })],
  ['is not for signatures', signed({ ...serverOnly, keyUsage: keyCertSign })],
  ['has an extension that nobody understands', signed({ ...serverOnly, critical: Buffer.from('0500', 'hex') })],
  [longChain, signed(serverOnly, ...Array.from({ length: 10 }, () => ({})))],
]

describe('of a server that connects', () => {
  const ground = onGround({ authentication: 'external', connect_timeout_seconds: 20 })

  test.each(goodOfWhoConnects)('a certificate %s is taken', async (_, make) => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await make(domain) })
    await peer.encrypted()
    expect(saslOutcome(await peer.external())).toBe('success')
    await peer.open()
    await expectTrusted(ground(), peer)
  })

  test.each(bad)('a certificate for servers alone that %s is of no use', async (_, make) => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await make(domain) })
    await peer.encrypted()
    expect(saslOutcome(await peer.external())).toBe('failure not-authorized')
    await expectUntrusted(ground(), peer)
  })
})

describe('of a server that we connect to', () => {
  const ground = onGround({ authentication: 'external', ...impatient })
  let sender: XmppClient
  beforeAll(async () => {
    sender = await ground().house.online(ground().house.person())
  })

  test.each([
    ['for servers alone', signed(serverOnly)],
    ['for both', signed({})],
    ['that does not say what for', signed({ usages: [] })],
    ['for servers alone, with an intermediate for servers alone', signed(serverOnly, { usages: ['server'] })],
  ])('a certificate %s is taken', async (_, make) => {
    const domain = ground().stranger()
    const certificate = await make(domain)
    const told = new Promise<string | undefined>(resolve =>
      ground().elsewhere.plays(domain, async line => {
        await line.welcome(domain, certificate, offers.external)
        await line.expect('auth')
        line.restart()
        line.sendRaw(`<success xmlns='${nsSasl}'/>`)
        await line.opened()
        line.openAs(domain, 'carrying')
        line.features('')
        resolve(bodyOf(await line.expect('message')))
      }),
    )
    sender.send(chat(`somebody@${domain}`, 'hello'))
    expect(await told).toBe('hello')
  })

  test('nothing is sent to who shows another, and the sender is told once', async () => {
    const showing =
      (make: Making): Row[1] =>
      domain =>
      async line => {
        await line.welcome(domain, await make(domain), offers.external)
        await refusedWith('not-authorized')(line)
      }
    await expectReturned(
      ground(),
      sender,
      [
        ['for clients alone', showing(signed({ usages: ['client'] }))],
        // OpenSSL has a longer patience with chains.
        ...bad.filter(([what]) => what !== longChain).map(([what, make]): Row => [what, showing(make)]),
      ],
      'remote-server-timeout',
    )
  })
})
