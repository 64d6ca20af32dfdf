import { createHash, X509Certificate } from 'node:crypto'
import { connect as connectTls, TLSSocket } from 'node:tls'
import type { Element } from '@smacks/codec'
import type { Connection } from '@smacks/stream'
import { generate } from 'selfsigned'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { testCertificate } from '../../support/certificate.js'
import { connectPeer, type HouseOptions, header, secure, startHouse, until, withTls } from './harness.js'

const startTls = (element: Element, connection: Connection) => {
  if (element.name === 'starttls') connection.startTls('<proceed/>')
}

const secureHouse = async (options: HouseOptions = {}) =>
  startHouse({ ...(await withTls()), onElement: startTls, ...options })

type SecureHouse = Awaited<ReturnType<typeof secureHouse>>

/** A peer that did STARTTLS. */
const upgraded = async (house: SecureHouse, options = {}) => {
  const peer = await house.connect()
  peer.send(`${header}<starttls/>`)
  await until('the peer may proceed', () => peer.received() === '<proceed/>')
  const secured = await secure(peer.socket, options)
  await until('both ends are secure', () => house.recorder().connection.secure())
  return secured
}

describe('STARTTLS', () => {
  test('secures the stream, which begins anew', async () => {
    const house = await secureHouse()
    const peer = await upgraded(house)
    peer.send(`${header}<presence/>`)
    await until('the element is told', () => house.recorder().told.length === 4)
    expect(house.recorder().told).toEqual(['opened localhost', '<starttls/>', 'opened localhost', '<presence/>'])
    house.recorder().connection.close('<bye/>')
    await until('the end arrives', () => peer.received() === '<bye/></stream:stream>')
    peer.socket.end()
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('may be followed by whitespace', async () => {
    const house = await secureHouse()
    const peer = await house.connect()
    peer.send(`${header}<starttls/>\r\n `)
    await until('the peer may proceed', () => peer.received() === '<proceed/>')
    const secured = await secure(peer.socket)
    secured.send(header)
    await until('the header is told', () => house.recorder().told.length === 3)
  })

  test.each([
    ['an element', '<auth/>'],
    ['a new stream', `${header}<auth/>`],
    ['what is no XML', '\x16\x03\x01'],
  ])('followed by %s in the same packet is a fault, and that is never read', async (_, injected) => {
    const house = await secureHouse()
    const peer = await house.connect()
    peer.send(`${header}<starttls/>${injected}`)
    await until('the fault is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told).toEqual(['opened localhost', '<starttls/>', 'faulted policy-violation'])
    house.recorder().connection.close('<refused/>')
    await until('the end arrives', () => peer.received() === '<refused/></stream:stream>')
  })

  test('followed by an element in a later packet is a broken handshake, and that is never read', async () => {
    const house = await secureHouse()
    const peer = await house.connect()
    peer.send(`${header}<starttls/>`)
    await until('the peer may proceed', () => peer.received() === '<proceed/>')
    peer.send('<auth/>')
    await until('the loss is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told).toEqual(['opened localhost', '<starttls/>', expect.stringMatching(/^lost: /)])
    expect(house.recorder().connection.secure()).toBe(false)
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('takes the first bytes of the handshake, however early and in whatever pieces they come', async () => {
    const house = await secureHouse({
      onElement: (element, connection) => {
        if (element.name === 'starttls') setTimeout(() => connection.startTls('<proceed/>'), 1)
      },
    })
    const peer = await house.connect()
    peer.send(header)
    peer.send('<starttls/>')
    await until('the peer may proceed', () => peer.received() === '<proceed/>')
    const secured = await secure(peer.socket)
    for (const byte of Buffer.from(`${header}<presence/>`)) secured.send(Uint8Array.of(byte))
    await until('the element is told', () => house.recorder().told.includes('<presence/>'))
  })

  test('carries much in both directions', async () => {
    const house = await secureHouse({
      onAccept: connection => connection.authenticated(),
      onElement: (element, connection) => {
        startTls(element, connection)
        if (element.name === 'message') connection.write(`<message>${element.getText()}</message>`)
      },
    })
    const peer = await upgraded(house)
    const message = `<message>${'x'.repeat(50_000)}</message>`
    peer.send(header + message.repeat(100))
    await until('all comes back', () => peer.received() === message.repeat(100))
  })

  test('whose peer leaves within the handshake or after it is lost', async () => {
    const house = await secureHouse()
    const peer = await house.connect()
    peer.send(`${header}<starttls/>`)
    await until('the peer may proceed', () => peer.received() === '<proceed/>')
    peer.socket.resetAndDestroy()
    await until('the loss is told', () => house.recorder().told.at(-1)?.startsWith('lost: ') === true)

    const secured = await upgraded(house)
    secured.send(`${header}<mess`)
    await until('the header is told', () => house.recorder().told.length === 3)
    secured.socket.end()
    await until('the loss is told', () => house.recorder().told.length === 4)
    expect(house.recorder().told[3]).toBe('lost: the peer ended the connection in the middle of an element')
    await until('the connections are forgotten', () => house.transport.connections() === 0)
  })

  test('closed before the handshake is over ends the connection, and says nothing', async () => {
    const house = await secureHouse({
      onElement: (element, connection) => {
        startTls(element, connection)
        queueMicrotask(() => connection.close('<never-in-clear/>'))
      },
    })
    const peer = await house.connect()
    peer.send(`${header}<starttls/>`)
    await until('the connection is forgotten', () => house.transport.connections() === 0)
    await until('the peer sees the end', () => peer.socket.readableEnded || peer.socket.destroyed)
    expect(peer.received()).not.toContain('never')
  })

  test('with material that is none is told to the operator, and lost', async () => {
    const log = { info: vi.fn(), warn: vi.fn() }
    const house = await secureHouse({ tls: () => ({ cert: 'no certificate', key: 'no key' }), log })
    const peer = await house.connect()
    peer.send(`${header}<starttls/>`)
    await until('the loss is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told[2]).toMatch(/^lost: TLS cannot start: /)
    expect(log.warn).toHaveBeenCalledWith(expect.stringContaining('TLS cannot start'))
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('takes a new certificate for the next handshake', async () => {
    let material = await testCertificate()
    const house = await secureHouse({ tls: () => material })
    const first = await upgraded(house)
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'renewed' }], { keyType: 'ec' })
    material = { cert, key }
    const second = await upgraded(house, { ca: cert, checkServerIdentity: () => undefined })
    expect(first.socket.getPeerCertificate().subject.CN).toBe('localhost')
    expect(second.socket.getPeerCertificate().subject.CN).toBe('renewed')
  })
})

describe('direct TLS', () => {
  test('speaks TLS from the first byte, and names the protocol', async () => {
    const house = await secureHouse({ directTls: true })
    const peer = await house.connect()
    expect(house.recorder().connection.secure()).toBe(false)
    const secured = await secure(peer.socket, { ALPNProtocols: ['xmpp-client'] })
    secured.send(`${header}<presence/>`)
    await until('the element is told', () => house.recorder().told.length === 2)
    expect(secured.socket.alpnProtocol).toBe('xmpp-client')
    expect(house.recorder().connection.secure()).toBe(true)
    expect(() => house.recorder().connection.startTls('<proceed/>')).toThrow('without TLS')
  })

  test('is open to clients that name no protocol, and closed to those that want another', async () => {
    const house = await secureHouse({ directTls: true })
    const plain = await house.connect()
    await secure(plain.socket)
    const other = await house.connect()
    await expect(secure(other.socket, { ALPNProtocols: ['h2'] })).rejects.toThrow('no application protocol')
  })

  test('loses those who speak in the clear', async () => {
    const house = await secureHouse({ directTls: true })
    const peer = await house.connect()
    peer.send(header)
    await until('the loss is told', () => house.recorder().told.length === 1)
    expect(house.recorder().told[0]).toMatch(/^lost: /)
  })

  test('refuses TLS 1.1', async () => {
    const house = await secureHouse({ directTls: true })
    const peer = await house.connect()
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(secure(peer.socket, old)).rejects.toThrow(/protocol version/)
  })

  test('lets a handler write at once: it leaves inside TLS', async () => {
    const house = await secureHouse({ directTls: true, onAccept: connection => connection.write('<early/>') })
    const peer = await connectPeer(house.port)
    const secured = await secure(peer.socket)
    await until('it arrives', () => secured.received() === '<early/>')
  })

  test('closed while the handler accepts is closed', async () => {
    const house = await secureHouse({ directTls: true, onAccept: connection => connection.close() })
    const peer = await connectPeer(house.port)
    peer.socket.end()
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })
})

describe('channel binding', () => {
  const bindings = (house: SecureHouse) => house.recorder().connection.channelBinding

  test('is not there without TLS', async () => {
    const house = await secureHouse()
    await house.connect()
    for (const type of ['tls-unique', 'tls-exporter', 'tls-server-end-point'] as const)
      expect(bindings(house)(type)).toBeUndefined()
  })

  test('tls-exporter is the same on both ends of TLS 1.3, and absent below', async () => {
    const house = await secureHouse()
    const peer = await upgraded(house, { minVersion: 'TLSv1.3' })
    const theirs = peer.socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
    expect(Buffer.from(bindings(house)('tls-exporter') ?? []).equals(theirs)).toBe(true)
    await upgraded(house, { maxVersion: 'TLSv1.2' })
    expect(bindings(house)('tls-exporter')).toBeUndefined()
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is that of the certificate alone on %s where the runtime cannot export keying material',
    async version => {
      const { exportKeyingMaterial } = TLSSocket.prototype
      Reflect.deleteProperty(TLSSocket.prototype, 'exportKeyingMaterial')
      onTestFinished(() => {
        TLSSocket.prototype.exportKeyingMaterial = exportKeyingMaterial
      })
      const house = await secureHouse()
      await upgraded(house, { minVersion: version, maxVersion: version })
      expect(bindings(house)('tls-exporter')).toBeUndefined()
      expect(bindings(house)('tls-unique')).toBeUndefined()
      expect(bindings(house)('tls-server-end-point')).toHaveLength(32)
    },
  )

  test.each(['TLSv1.2', 'TLSv1.3'] as const)("tls-unique is the client's Finished message on %s", async version => {
    const house = await secureHouse()
    const peer = await upgraded(house, { minVersion: version, maxVersion: version })
    expect(peer.socket.getFinished()?.length).toBeGreaterThanOrEqual(12)
    expect(bindings(house)('tls-unique')).toEqual(peer.socket.getFinished())
  })

  test("tls-unique is the server's Finished message where the TLS session was resumed", async () => {
    const house = await secureHouse()
    const version = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    const first = await upgraded(house, version)
    const second = await upgraded(house, { ...version, session: first.socket.getSession() })
    expect(second.socket.isSessionReused()).toBe(true)
    expect(bindings(house)('tls-unique')).toEqual(second.socket.getPeerFinished())
  })

  test("tls-server-end-point is the hash of the server's certificate", async () => {
    const house = await secureHouse()
    const peer = await upgraded(house)
    const { raw } = new X509Certificate((await testCertificate()).cert)
    expect(bindings(house)('tls-server-end-point')).toEqual(createHash('sha256').update(raw).digest())
    // The certificate is not read again.
    expect(bindings(house)('tls-server-end-point')).toBe(bindings(house)('tls-server-end-point'))
    expect(peer.socket.getPeerCertificate().raw).toEqual(raw)
  })

  test('is gone with the connection', async () => {
    const house = await secureHouse()
    await upgraded(house)
    const { connection } = house.recorder()
    connection.destroy()
    expect(connection.channelBinding('tls-unique')).toBeUndefined()
  })
})

test('renegotiation is refused', async () => {
  const house = await secureHouse({ directTls: true })
  const { cert } = await testCertificate()
  const socket = await new Promise<TLSSocket>(resolve => {
    const client = connectTls(
      { host: '127.0.0.1', port: house.port, ca: cert, servername: 'localhost', maxVersion: 'TLSv1.2' },
      () => resolve(client),
    )
  })
  const failure = await new Promise<Error | null>(resolve => {
    socket.on('error', resolve)
    socket.renegotiate({}, resolve)
  })
  expect(failure?.message).toMatch(/renegotiation/)
  socket.destroy()
})

test('a secured connection counts once among those of its address, also when it leaves', async () => {
  const house = await secureHouse({ limits: { connectionsPerAddress: 2 } })
  await upgraded(house)
  const second = await upgraded(house)
  second.socket.destroy()
  await until('the second has left', () => house.transport.connections() === 1)
  await upgraded(house)
  const refused = await connectPeer(house.port)
  await until('the excess is refused', () => refused.socket.readableEnded || refused.socket.destroyed)
  expect(house.transport.connections()).toBe(2)
})
