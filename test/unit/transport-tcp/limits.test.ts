import { Stanza } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { Connection } from '@smacks/stream'
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
  /** What comes after the header, given 4,000 bytes at 1,000 a second after a burst of 1,000. */
  const paused = async (charge: (connection: Connection) => void, bytes: number) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    let clock = 0
    const house = await startHouse({
      limits: { bytesPerSecond: 1000, burstBytes: 1000, silenceSeconds: 2 },
      now: () => clock,
      onAccept: charge,
    })
    const peer = await house.connect()
    peer.send(header + ' '.repeat(bytes - header.length))
    await until('the header is told', () => house.recorder().told.length === 1)
    for (let turns = 0; turns < 20; turns += 1) await turn()
    peer.send('<presence/>')
    clock = 2999
    vi.advanceTimersByTime(2999)
    for (let turns = 0; turns < 20; turns += 1) await turn()
    // Whoever is not read is not silent either.
    expect(house.recorder().told.length).toBe(1)
    clock = 3001
    vi.advanceTimersByTime(2)
    await until('the element is told', () => house.recorder().told.length === 2)
  }

  test('is bounded: more is read when its time has come', () => paused(() => {}, 4000))

  test('counts what the handler charges', () => paused(connection => connection.charge(2000), 2000))

  test('counts elements besides their bytes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let clock = 0
    const house = await startHouse({ limits: { bytesPerSecond: 1000, burstBytes: 1000 }, now: () => clock })
    const peer = await house.connect()
    peer.send(header + '<r/>'.repeat(20))
    await until('all of one piece is told', () => house.recorder().told.length === 21)
    peer.send('<r/>')
    clock = 3000
    vi.advanceTimersByTime(3000)
    for (let turns = 0; turns < 20; turns += 1) await turn()
    expect(house.recorder().told.length).toBe(21)
    clock = 3500
    vi.advanceTimersByTime(500)
    await until('the next is told', () => house.recorder().told.length === 22)
  })
})

describe('a turn of the event loop', () => {
  const perTurn = async (xml: string, total: number) => {
    const turns: number[] = [0]
    const house = await startHouse({
      onAccept: connection => connection.authenticated(),
      onElement: () => {
        turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1
      },
    })
    const peer = await house.connect()
    peer.send(header)
    await until('the header is told', () => house.recorder().told.length === 1)
    peer.send(xml.repeat(total))
    let seen = 0
    while (seen < total) {
      await turn()
      seen += turns.at(-1) ?? 0
      turns.push(0)
    }
    return Math.max(...turns)
  }

  test('reads so much of one connection, however much is there', async () => {
    const large = `<message>${'x'.repeat(9_980)}</message>`
    // What begins within the bound is read to the end of its piece.
    expect(await perTurn(large, 500)).toBeLessThanOrEqual((2 * 65_536) / large.length)
  })

  test('counts elements besides their bytes', async () => {
    const small = `<a>${'x'.repeat(800)}</a>`
    expect(await perTurn(small, 5_000)).toBeLessThanOrEqual((2 * 65_536) / small.length)
  })
})

describe('until it is authenticated, a peer', () => {
  const long = `<message>${'x'.repeat(20_000)}</message>`
  const refused = 'faulted policy-violation'

  test('may send little, and afterwards as much as others', async () => {
    const house = await startHouse({
      onElement: ({ name }, connection) => {
        if (name === 'auth') connection.authenticated()
      },
    })
    const stranger = await house.connect()
    stranger.send(header + long)
    await until('it is refused', () => house.recorder().told.includes('over a limit: message, policy-violation'))
    const known = await house.connect()
    known.send(`${header}<auth/>${long}`)
    await until('its message is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told[2]).toMatch(/^<message>x/)
  })

  test('stays authenticated when its stream is restarted, whose header has its own limit', async () => {
    const house = await startHouse({
      onElement: ({ name }, connection) => {
        if (name !== 'auth') return
        connection.authenticated()
        connection.restart()
      },
    })
    const known = await house.connect()
    known.send(`${header}<auth/>${header}${long}`)
    await until('its message is told', () => house.recorder().told.length === 4)
    const other = await house.connect()
    other.send(`${header}<auth/>${header.replace('>', ` a='${'x'.repeat(10_000)}'>`)}`)
    await until('its header is refused', () => house.recorder().told.includes(refused))
  })

  test.each([
    ['in many elements', `<a>${'<b/>'.repeat(256)}</a>`],
    ['nested deeply', `<a>${'<b>'.repeat(16)}${'</b>'.repeat(16)}</a>`],
  ])('may not send an element %s', async (_, xml) => {
    const house = await startHouse()
    const stranger = await house.connect()
    stranger.send(header + xml)
    await until('it is refused', () => house.recorder().told.includes(refused))
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
