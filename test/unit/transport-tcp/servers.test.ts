/** TLS between servers, in both roles: by STARTTLS and from the first byte, and what the certificates are worth. */
import { X509Certificate } from 'node:crypto'
import { connect as connectTls, createServer } from 'node:tls'

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Authority, createAuthority, type Issued } from '../../support/authority.js'
import { testCertificate } from '../../support/certificate.js'
import { afterwards, type HouseOptions, type Recorder, recording, startHouse, until } from './harness.js'

const opening = (to: string): string =>
  `<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='${to}' version='1.0'>`

let trusted: Authority
let stranger: Authority
beforeAll(async () => {
  ;[trusted, stranger] = await Promise.all([createAuthority(), createAuthority('Somebody else')])
})

const day = 24 * 60 * 60 * 1000
const materialOf = ({ certificate, key }: Issued) => ({ cert: certificate, key, ca: [trusted.root] })
const issue = (name: string, by = trusted, validity: { readonly from?: Date; readonly until?: Date } = {}) =>
  by.issue({ names: [{ dns: name }], ...validity })

/** A transport of servers with this certificate. */
const serverWith = async (issued: Issued, more: HouseOptions = {}) => {
  const material = materialOf(issued)
  return startHouse({
    tls: () => material,
    peers: 'servers',
    onElement: (element, connection) => {
      if (element.name === 'starttls') connection.startTls(`${opening('outside')}<proceed/>`)
    },
    ...more,
  })
}

type Server = Awaited<ReturnType<typeof serverWith>>

/** Connects from one to the other; what the connecting side is told. */
const reach = async (from: Server, port: number, directTls: boolean): Promise<Recorder> => {
  const found = await new Promise<Recorder>((resolve, reject) => {
    from.transport.connect(
      { host: '127.0.0.1', port, directTls, serverName: 'there.example' },
      connection => {
        const told: Array<string> = []
        resolve({ connection, told })
        return recording(connection, told, element => {
          if (element.name === 'proceed') connection.startTls('', opening('inside'))
        })
      },
      reason => reject(new Error(reason)),
    )
  })
  afterwards(found.connection.destroy)
  return found
}

/** A connection on which both sides are secure, and ours has said what it says inside TLS. */
const secured = async (mine: Issued, yours: Issued, directTls: boolean) => {
  const there = await serverWith(yours, { directTls })
  const out = await reach(await serverWith(mine), there.port, directTls)
  await until('the other end stands', () => there.recorders.length === 1)
  const incoming = there.recorder()
  out.connection.write(directTls ? opening('inside') : `${opening('outside')}<starttls/>`)
  await until('it is heard inside TLS', () => incoming.told.includes('opened inside'))
  return { out, incoming }
}

const selfSigned = async (): Promise<Issued> => {
  const { cert, key } = await testCertificate()
  return { certificate: cert, key, der: new X509Certificate(cert).raw }
}

const soon = (): Date => new Date(Date.now() + day / 2)
const bad: ReadonlyArray<readonly [string, () => Promise<Issued>, RegExp]> = [
  ['is expired', () => issue('x.example', trusted, { until: new Date(Date.now() - 1_000) }), /^CERT_HAS_EXPIRED$/],
  ['is not valid yet', () => issue('x.example', trusted, { from: soon() }), /^CERT_NOT_YET_VALID$/],
  ['is of an unknown authority', () => issue('x.example', stranger), /^UNABLE_TO_/],
  ['is self-signed', selfSigned, /SELF_SIGNED/],
]

/** Of the side that connects; by what OpenSSL calls them, nobody could tell these two apart. */
const forServersAlone: ReadonlyArray<readonly [string, () => Authority, string | undefined]> = [
  ['trusted', () => trusted, undefined],
  ['unknown', () => stranger, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]

describe.each([
  ['STARTTLS', false],
  ['direct TLS', true],
])('%s', (_, directTls) => {
  test('is spoken in both roles, and each side knows the other by its certificate', async () => {
    const [mine, yours] = await Promise.all([issue('here.example'), issue('there.example')])
    const { out, incoming } = await secured(mine, yours, directTls)
    expect(out.connection.secure() && incoming.connection.secure()).toBe(true)
    for (const [{ connection }, { der }] of [[out, yours] as const, [incoming, mine] as const]) {
      expect(Buffer.from(connection.peerCertificate()?.der ?? [])).toEqual(Buffer.from(der))
      expect(connection.peerCertificate()?.distrust).toBeUndefined()
    }
  })

  test.each(bad)('tells, on both sides, a certificate that %s, and goes on', async (_, make, distrust) => {
    const issued = await make()
    const { out, incoming } = await secured(issued, issued, directTls)
    for (const { connection } of [out, incoming]) {
      expect(Buffer.from(connection.peerCertificate()?.der ?? [])).toEqual(Buffer.from(issued.der))
      expect(connection.peerCertificate()?.distrust).toMatch(distrust)
    }
  })

  test('goes on when it was begun while nothing was taken in', async () => {
    const [mine, yours] = await Promise.all([issue('here.example'), issue('there.example')])
    const there = await serverWith(yours, { directTls })
    const here = await serverWith(mine)
    here.transport.suspend()
    const out = await reach(here, there.port, directTls)
    await until('the other end stands', () => there.recorders.length === 1)
    out.connection.write(directTls ? opening('inside') : `${opening('outside')}<starttls/>`)
    here.transport.resume()
    await until('it is heard inside TLS', () => there.recorder().told.includes('opened inside'))
  })
})

describe('the side that connects', () => {
  /** A server of TLS that is not ours, and what the first to connect asked it for. */
  const foreign = async (alpn: ReadonlyArray<string>) => {
    const { certificate, key } = await issue('there.example')
    const asked: Array<{ readonly name: unknown; readonly protocol: unknown; readonly certified: boolean }> = []
    const server = createServer({
      cert: certificate,
      key,
      ALPNProtocols: [...alpn],
      requestCert: true,
      rejectUnauthorized: false,
    })
    server.on('secureConnection', socket => {
      socket.on('error', () => {})
      asked.push({
        name: socket.servername,
        protocol: socket.alpnProtocol,
        certified: 'raw' in socket.getPeerCertificate(),
      })
    })
    server.on('tlsClientError', () => {})
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    return { asked, port: typeof address === 'object' && address !== null ? address.port : 0 }
  }

  test('names the server, the protocol and itself with direct TLS (XEP-0368)', async () => {
    const { asked, port } = await foreign(['xmpp-client', 'xmpp-server'])
    await reach(await serverWith(await issue('here.example')), port, true)
    await until('hands were shaken', () => asked.length === 1)
    expect(asked).toEqual([{ name: 'there.example', protocol: 'xmpp-server', certified: true }])
  })

  test('loses a server that speaks another protocol', async () => {
    const { port } = await foreign(['xmpp-client'])
    const out = await reach(await serverWith(await issue('here.example')), port, true)
    await until('it is lost', () => out.told.length === 1)
    expect(out.told).toEqual([expect.stringMatching(/^lost: /)])
    expect(out.connection.peerCertificate()).toBeUndefined()
  })

  test('takes nothing that came in the clear behind <proceed/> for said inside TLS', async () => {
    const there = await serverWith(await issue('there.example'), {
      onElement: (_, connection) => connection.write(`${opening('outside')}<proceed/><evil/>`),
    })
    const out = await reach(await serverWith(await issue('here.example')), there.port, false)
    out.connection.write(`${opening('outside')}<starttls/>`)
    await until('the fault is told', () => out.told.some(line => line.startsWith('faulted')))
    expect(out.told).toEqual(['opened outside', '<proceed/>', 'faulted policy-violation'])
  })

  test('loses a server that breaks off the handshake', async () => {
    const there = await serverWith(await issue('there.example'), {
      onElement: (_, connection) => {
        connection.write(`${opening('outside')}<proceed/>`)
        setImmediate(() => connection.destroy())
      },
    })
    const out = await reach(await serverWith(await issue('here.example')), there.port, false)
    out.connection.write(`${opening('outside')}<starttls/>`)
    await until('it is lost', () => out.told.at(-1)?.startsWith('lost: ') === true)
    expect(out.connection.secure()).toBe(false)
  })
})

describe('a server that has a TLS session', () => {
  /** Connects as a server whose TLS resumes sessions, and says a header; the session that it is given, if any. */
  const visit = async (house: Server, mine: Issued, version: 'TLSv1.2' | 'TLSv1.3', session?: Buffer) => {
    const before = house.recorders.length
    const socket = connectTls({
      ...{ host: '127.0.0.1', port: house.port, rejectUnauthorized: false, ALPNProtocols: ['xmpp-server'] },
      ...{ cert: mine.certificate, key: mine.key, minVersion: version, maxVersion: version },
      ...(session === undefined ? {} : { session }),
    })
    onTestFinished(() => void socket.destroy())
    let given: Buffer | undefined
    let failure: string | undefined
    socket.on('session', it => {
      given = it
    })
    socket.on('error', error => {
      failure = error.message
    })
    socket.write(opening('inside'))
    const told = () => house.recorders[before]?.told ?? []
    await until('it is heard', () => failure !== undefined || (given !== undefined && told().length > 0))
    expect([failure, told()]).toEqual([undefined, ['opened inside']])
    expect(house.recorder().connection.peerCertificate()?.distrust).toBeUndefined()
    return { session: given, isResumed: socket.isSessionReused() }
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'shows its certificate again, and is not turned away for the session (%s)',
    async version => {
      const mine = await issue('here.example')
      const house = await serverWith(await issue('there.example'), { directTls: true })
      const { session } = await visit(house, mine, version)
      expect(session).toBeInstanceOf(Buffer)
      expect((await visit(house, mine, version, session)).isResumed).toBe(false)
    },
  )
})

test.each(forServersAlone)(
  'a certificate that is for servers alone is judged by its chain on the side that connects, its authority being %s',
  async (_, authority, distrust) => {
    const mine = await authority().issue({ names: [{ dns: 'here.example' }], usages: ['server'] })
    const chain = { ...mine, certificate: mine.certificate + authority().root }
    const { out, incoming } = await secured(chain, await issue('there.example'), false)
    expect(incoming.connection.peerCertificate()?.distrust).toBe(distrust)
    expect(out.connection.peerCertificate()?.distrust).toBeUndefined()
  },
)

test('clients are asked for no certificate, and have none', async () => {
  const { certificate, key } = await issue('localhost')
  const material = { cert: certificate, key }
  const there = await startHouse({ tls: () => material, directTls: true })
  const out = await reach(await serverWith(await issue('here.example')), there.port, false)
  out.connection.destroy()
  const client = connectTls({ port: there.port, host: '127.0.0.1', rejectUnauthorized: false, ...material })
  onTestFinished(() => void client.destroy())
  client.on('error', () => {})
  await until('the client is secure', () => there.recorders.some(({ connection }) => connection.secure()))
  const [connection] = there.recorders.map(it => it.connection).filter(it => it.secure())
  expect(connection?.peerCertificate()).toBeUndefined()
})
