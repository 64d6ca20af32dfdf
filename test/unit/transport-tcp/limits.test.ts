import { Stanza } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connectPeer, header, startHouse, turn, until } from './harness.js'

const facts: StanzaFacts = { name: 'message', type: 'chat' }
const big = (bytes: number) => Stanza.fromXml(`<message>${'x'.repeat(bytes)}</message>`)

afterEach(() => {
  vi.useRealTimers()
})

describe('a peer that does not read', () => {
  test('is lost when more waits for it than allowed', async () => {
    const house = await startHouse({ limits: { outboxBytes: 1_000_000 } })
    const peer = await house.connect()
    peer.socket.pause()
    const { id } = house.recorder().connection
    let sent = 0
    while (house.recorder().told.length === 0 && sent < 1000) {
      house.transport.sendStanza(id, big(100_000), facts)
      house.transport.flush()
      sent += 1
      await turn()
    }
    expect(house.recorder().told).toEqual([
      expect.stringMatching(/^lost: the peer does not read: \d+ bytes wait for it$/),
    ])
    // The kernel's own buffers come on top of what the limit allows.
    expect(sent).toBeLessThan(200)
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('may take its time for what one turn had to say, however much that is', async () => {
    const house = await startHouse({ limits: { outboxBytes: 1_000_000 } })
    const peer = await house.connect()
    peer.socket.pause()
    const { id } = house.recorder().connection
    for (let count = 0; count < 300; count += 1) house.transport.sendStanza(id, big(100_000), facts)
    house.transport.flush()
    for (let count = 0; count < 5; count += 1) {
      await turn()
      house.transport.sendStanza(id, big(100_000), facts)
      house.transport.flush()
    }
    peer.socket.resume()
    await until('all arrives', () => peer.received().length === 305 * 100_019)
    await until('the handler is told', () => house.recorder().told.length > 0)
    expect(new Set(house.recorder().told)).toEqual(new Set(['drained']))
  })

  test('gets no more answers until it reads, and then all of them', async () => {
    const answer = `<answer>${'x'.repeat(10_000)}</answer>`
    const house = await startHouse({ onElement: (_, connection) => connection.write(answer) })
    const peer = await house.connect()
    peer.socket.pause()
    peer.send(header)
    const questions = 3_000
    // Padded, so that the input does not fit into the kernel's buffers.
    peer.send(`<question/>${' '.repeat(1000)}`.repeat(questions))
    let handled = -1
    while (handled !== house.recorder().told.length) {
      handled = house.recorder().told.length
      for (let turns = 0; turns < 200; turns += 1) await turn()
    }
    expect(handled).toBeLessThan((questions * 2) / 3)
    peer.socket.resume()
    await until('all is answered', () => peer.received().length === questions * answer.length)
    expect(house.recorder().told.filter(line => line === '<question/>').length).toBe(questions)
    expect(house.recorder().told).toContain('drained')
  })
})

describe('the rate of a connection', () => {
  test('is bounded: more is read when its time has come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let clock = 0
    const house = await startHouse({ limits: { bytesPerSecond: 1000 }, now: () => clock })
    const peer = await house.connect()
    peer.send(header + ' '.repeat(4000 - header.length))
    await until('the header is told', () => house.recorder().told.length === 1)
    for (let turns = 0; turns < 20; turns += 1) await turn()
    peer.send('<presence/>')
    clock = 2999
    vi.advanceTimersByTime(2999)
    for (let turns = 0; turns < 20; turns += 1) await turn()
    expect(house.recorder().told.length).toBe(1)
    clock = 3001
    vi.advanceTimersByTime(2)
    await until('the element is told', () => house.recorder().told.length === 2)
  })
})

describe('connections of one address', () => {
  test('are refused beyond the limit, and let in again when one has left', async () => {
    const log = { info: vi.fn(), warn: vi.fn() }
    const house = await startHouse({ limits: { connectionsPerAddress: 2 }, log })
    const first = await house.connect()
    const second = await house.connect()
    for (let count = 0; count < 5; count += 1) {
      const refused = await connectPeer(house.port)
      await until('the excess is refused', () => refused.socket.readableEnded || refused.socket.destroyed)
    }
    expect(house.transport.connections()).toBe(2)
    expect(house.recorders.length).toBe(2)
    expect(log.info.mock.calls).toEqual([[expect.stringContaining('127.0.0.1: it has 2 already')]])
    first.socket.destroy()
    await until('the first has left', () => house.transport.connections() === 1)
    await house.connect()
    second.send(header)
    await until('the second lives', () => house.recorders[1]?.told.length === 1)
  })

  test('are counted as one, whether they came over IPv4 or over IPv6 that maps it', async () => {
    const house = await startHouse({ host: '::ffff:127.0.0.1' })
    await house.connect()
    expect(house.recorder().connection.remoteAddress).toBe('127.0.0.1')
  })
})

describe('a silent peer', () => {
  test('is told, and again after each further such time, at most an eighth too late', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const house = await startHouse({ limits: { silenceSeconds: 80 } })
    await house.connect()
    const { told } = house.recorder()
    vi.advanceTimersByTime(80_000)
    expect(told).toEqual([])
    vi.advanceTimersByTime(10_000)
    expect(told).toEqual(['silent'])
    vi.advanceTimersByTime(79_999)
    expect(told).toEqual(['silent'])
    vi.advanceTimersByTime(1)
    expect(told).toEqual(['silent', 'silent'])
  })

  test('is silent no more with any byte, be it whitespace', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const house = await startHouse({ limits: { silenceSeconds: 80 }, onElement: () => {} })
    const peer = await house.connect()
    vi.advanceTimersByTime(80_000)
    peer.send(header)
    await until('the header is told', () => house.recorder().told.length === 1)
    vi.advanceTimersByTime(80_000)
    expect(house.recorder().told).toEqual(['opened localhost'])
    vi.advanceTimersByTime(10_000)
    expect(house.recorder().told).toEqual(['opened localhost', 'silent'])
  })
})

describe('listening', () => {
  test('on a port that is taken fails with an error that names it', async () => {
    const house = await startHouse()
    await expect(house.transport.listen({ host: '127.0.0.1', port: house.port, directTls: false })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${house.port}: listen EADDRINUSE`,
    )
  })

  test('with direct TLS needs a certificate', async () => {
    const house = await startHouse()
    await expect(house.transport.listen({ host: '::1', port: 0, directTls: true })).rejects.toThrow(
      'Cannot listen on [::1]:0 with direct TLS: no certificate is configured.',
    )
  })

  test('is possible at several endpoints', async () => {
    const house = await startHouse()
    const second = await house.transport.listen({ host: '127.0.0.1', port: 0, directTls: false })
    await house.connect()
    await connectPeer(second.port)
    await until('both are in', () => house.transport.connections() === 2)
  })
})
