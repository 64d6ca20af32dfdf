import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import fc from 'fast-check'
import { right } from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { certificateFault, certificateNames } from '../../../packages/stream-s2s/src/certificate-names.js'
import { type Authority, createAuthority, type Wanted } from '../../support/authority.js'
import { type AlternativeName, ia5String, otherNameOf, tlv, utf8String } from '../../support/names-der.js'

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority()
})

const derOf = async (names: ReadonlyArray<AlternativeName>, more: Omit<Wanted, 'names'> = {}) =>
  (await authority.issue({ names, ...more })).der
const isFor = async (name: AlternativeName, domain: string) =>
  certificateFault(await derOf([name]), domain) === undefined

describe('a certificate speaks for a domain', () => {
  test.each<readonly [AlternativeName, string]>([
    [{ dns: 'remote.example' }, 'remote.example'],
    [{ dns: 'Remote.EXAMPLE' }, 'remote.example'],
    [{ dns: 'localhost' }, 'localhost'],
    [{ dns: '*.remote.example' }, 'chat.remote.example'],
    [{ dns: 'xn--bcher-kva.example' }, 'b\u00fccher.example'],
    [{ dns: 'xn--bcher-kva.example' }, 'xn--bcher-kva.example'],
    [{ dns: '*.remote.example' }, 'b\u00fccher.remote.example'],
    [{ srv: '_xmpp-server.remote.example' }, 'remote.example'],
    [{ srv: '_XMPP-Server.Remote.Example' }, 'remote.example'],
    [{ xmpp: 'remote.example' }, 'remote.example'],
    [{ xmpp: 'Remote.Example' }, 'remote.example'],
    [{ xmpp: 'b\u00fccher.example' }, 'xn--bcher-kva.example'],
    [{ xmpp: 'xn--bcher-kva.example' }, 'b\u00fccher.example'],
    [{ ip: '192.0.2.1' }, '192.0.2.1'],
  ])('%j for %s', async (name, domain) => expect(await isFor(name, domain)).toBe(true))

  test('by any of its names', async () => {
    const der = await derOf([{ dns: 'a.example' }, { srv: '_xmpp-server.b.example' }, { xmpp: 'c.example' }])
    expect(certificateNames(der)).toEqual(
      right([
        { _tag: 'Dns', name: 'a.example' },
        { _tag: 'Service', name: '_xmpp-server.b.example' },
        { _tag: 'Xmpp', name: 'c.example' },
      ]),
    )
    for (const domain of ['a.example', 'b.example', 'c.example']) expect(certificateFault(der, domain)).toBeUndefined()
  })
})

describe('a certificate does not speak for a domain', () => {
  test.each<readonly [AlternativeName, string]>([
    [{ dns: 'remote.example' }, 'other.example'],
    [{ dns: 'remote.example' }, 'chat.remote.example'],
    [{ dns: 'chat.remote.example' }, 'remote.example'],
    // RFC 9525 §6.3: one label, the whole of it, and the leftmost one.
    [{ dns: '*.remote.example' }, 'a.chat.remote.example'],
    [{ dns: '*.remote.example' }, 'remote.example'],
    [{ dns: '*.example' }, 'remote.example'],
    [{ dns: '*' }, 'localhost'],
    [{ dns: '*.' }, 'localhost'],
    [{ dns: 'ch*.remote.example' }, 'chat.remote.example'],
    [{ dns: 'chat.*.example' }, 'chat.remote.example'],
    [{ dns: '*.*.example' }, 'chat.remote.example'],
    [{ dns: '*.remote.example' }, '*.remote.example'],
    [{ dns: 'remote.example\0.evil.example' }, 'remote.example'],
    [{ dns: 'evil.example, DNS:remote.example' }, 'remote.example'],
    [{ dns: 'b\u00fccher.example' }, 'b\u00fccher.example'],
    [{ dns: '_xmpp-server.remote.example' }, 'remote.example'],
    [{ srv: '_xmpp-client.remote.example' }, 'remote.example'],
    [{ srv: '_xmpp-server.other.example' }, 'remote.example'],
    [{ srv: '_xmpp-server.*.example' }, 'remote.example'],
    [{ srv: '_xmpp-server.*.remote.example' }, 'chat.remote.example'],
    [{ srv: 'remote.example' }, 'remote.example'],
    [{ xmpp: 'user@remote.example' }, 'remote.example'],
    [{ xmpp: 'remote.example/resource' }, 'remote.example'],
    [{ xmpp: '*.remote.example' }, 'chat.remote.example'],
    [{ xmpp: 'evil.example", DNS:remote.example' }, 'remote.example'],
    [{ xmpp: 'evil.example", othername:XmppAddr:remote.example' }, 'remote.example'],
    [{ other: [otherNameOf(5), ia5String('remote.example')] }, 'remote.example'],
    [{ other: [otherNameOf(7), utf8String('_xmpp-server.remote.example')] }, 'remote.example'],
    [{ other: [otherNameOf(9), utf8String('remote.example')] }, 'remote.example'],
    [{ other: [otherNameOf(5), tlv(0x30, utf8String('remote.example'))] }, 'remote.example'],
    [{ ip: '192.0.2.1' }, '192.0.2.2'],
    [{ dns: '192.0.2.1' }, '192.0.2.1'],
    [{ ip: '0.0.0.1' }, '1'],
    [{ dns: 'remote.example' }, ''],
    [{ dns: 'remote.example' }, 'user@remote.example'],
  ])('%j for %s', async (name, domain) => expect(await isFor(name, domain)).toBe(false))

  test('by its common name', async () =>
    expect(certificateFault(await derOf([], { commonName: 'remote.example' }), 'remote.example')).toBe(
      "The certificate is for no domain (among its alternative names, which alone count), not for 'remote.example'.",
    ))

  test('and says for whom it speaks', async () => {
    expect(certificateFault(await derOf([{ dns: 'a.example' }]), 'remote.example')).toBe(
      "The certificate is for 'a.example', not for 'remote.example'.",
    )
    const many = Array.from({ length: 500 }, (_, index) => ({ dns: `host-${index}.example` }))
    expect(certificateFault(await derOf(many), 'remote.example')).toBe(
      "The certificate is for 'host-0.example', 'host-1.example', 'host-2.example', 'host-3.example', 'host-4.example' " +
        "and 495 more, not for 'remote.example'.",
    )
  })
})

describe('a hostile certificate', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no DER', Buffer.from('remote.example')],
    ['DER without an end', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])],
    ['lists inside each other', Buffer.from('3080'.repeat(30_000), 'hex')],
  ])('that is %s is no certificate', (_, der) =>
    expect(certificateFault(der, 'remote.example')).toMatch(/^The certificate cannot be read: /),
  )

  test('that was tampered with is read as something or nothing, and never throws', async () => {
    const der = await derOf([
      { dns: 'a.example' },
      { srv: '_xmpp-server.b.example' },
      { xmpp: 'c.example' },
      { ip: '192.0.2.1' },
    ])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.nat(der.length),
        (changes, end) => {
          const changed = Buffer.from(der)
          for (const [at, byte] of changes) changed[at] = byte
          expect(certificateFault(changed, 'remote.example')).toEqual(expect.any(String))
          expect(certificateFault(changed.subarray(0, end), 'remote.example')).toEqual(expect.any(String))
        },
      ),
    )
  })

  test('that holds any text for a name speaks for nobody else', async () => {
    const names = await derOf([
      { xmpp: '\ud83d\ude00' },
      { xmpp: '' },
      { dns: '' },
      { dns: '\n\t"\\\'' },
      { other: [otherNameOf(5), tlv(0x0c, Uint8Array.of(0xff, 0xfe))] },
    ])
    expect(certificateFault(names, 'remote.example')).toEqual(expect.any(String))
  })
})

test('whether a certificate expired or is of an unknown authority is for TLS to find out', async () => {
  const names = [{ dns: 'remote.example' }]
  const past = await authority.issue({ names, from: new Date(0), until: new Date(86_400_000) })
  const strange = await (await createAuthority('Another')).issue({ names })
  const good = await authority.issue({ names })
  expect(certificateFault(past.der, 'remote.example')).toBeUndefined()
  expect(await verdict(good, authority.root)).toBe(undefined)
  expect(await verdict(past, authority.root)).toBe('CERT_HAS_EXPIRED')
  expect(await verdict(strange, authority.root)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

/** What a TLS server thinks of a client's certificate. */
const verdict = async (
  { certificate, key }: { readonly certificate: string; readonly key: string },
  root: string,
): Promise<string | undefined> => {
  const own = await authority.issue({ names: [{ dns: 'localhost' }] })
  const server = createServer({
    cert: own.certificate,
    key: own.key,
    ca: root,
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', ca: root, servername: 'localhost', cert: certificate, key })
  const [socket] = await once(server, 'secureConnection')
  const error = socket.authorizationError
  client.destroy()
  server.close()
  return error ?? undefined
}
