/** Who is let in: bounds on all connections, on those without a session, and on those of one address. */
import { describe, expect, test, vi } from 'vitest'
import { createAdmission } from '../../../packages/transport-tcp/src/addresses.js'
import { connectPeer, header, startHouse, until } from './harness.js'

const limits = { connections: 1000, connectionsPerAddress: 1000, pendingConnections: 1000 }

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
    expect(log.info.mock.calls).toEqual([
      [expect.stringContaining('127.0.0.1: it has 2 connections without a session')],
    ])
    first.socket.destroy()
    await until('the first has left', () => house.transport.connections() === 1)
    await house.connect()
    second.send(header)
    await until('the second lives', () => house.recorders[1]?.told.length === 1)
  })

  test('count no more once they are established, and are counted out once', async () => {
    const house = await startHouse({ limits: { connectionsPerAddress: 1 } })
    const first = await house.connect()
    house.recorder().connection.established()
    house.recorder().connection.established()
    await house.connect()
    first.socket.destroy()
    await until('the first has left', () => house.transport.connections() === 1)
    const third = await connectPeer(house.port)
    await until('the third is refused', () => third.socket.readableEnded || third.socket.destroyed)
    expect(house.recorders.length).toBe(2)
  })

  test('are counted as one, whether they came over IPv4 or over IPv6 that maps it', async () => {
    const house = await startHouse({ host: '::ffff:127.0.0.1' })
    await house.connect()
    expect(house.recorder().connection.remoteAddress).toBe('127.0.0.1')
  })

  test.each([
    ['2001:db8::1', '2001:db8::2', true],
    ['2001:db8:0:0:1::', '2001:db8::ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', true],
    ['fe80::1%eth0', 'fe80::2%eth1', true],
    ['::1', '::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db9::1', false],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '192.0.2.1', true],
  ])('%s and %s are one: %s', (one, other, same) => {
    const admission = createAdmission(
      { ...limits, connectionsPerAddress: 1 },
      () => 1,
      silent,
      () => 0,
    )
    admission.enter({ remoteAddress: one, openedAt: 0, giveUp: () => {} })
    expect(admission.refusal(other) !== undefined).toBe(same)
  })
})

const silent = { info: () => {}, warn: () => {} }

describe('all connections', () => {
  test('are refused beyond the limit, established or not, and told why where that can be said', async () => {
    const house = await startHouse({ limits: { connections: 2 }, refusal: reason => `<no>${reason}</no>` })
    const first = await house.connect()
    house.recorder().connection.established()
    await house.connect()
    const third = await connectPeer(house.port)
    third.send(header)
    await until('the third is refused', () => third.socket.readableEnded)
    expect(third.received()).toBe('<no>there are 2 connections, and max_connections allows no more.</no>')
    first.socket.destroy()
    await until('the first has left', () => house.transport.connections() === 1)
    await house.connect()
  })

  test('that are refused are told to a bounded number at a time', async () => {
    const house = await startHouse({ limits: { connections: 1 }, refusal: () => '<no/>' })
    await house.connect()
    const refused = await Promise.all(Array.from({ length: 150 }, () => connectPeer(house.port)))
    await until('all are refused', () => refused.every(({ socket }) => socket.readableEnded || socket.destroyed))
    expect(refused.filter(peer => peer.received() === '<no/>').length).toBeGreaterThanOrEqual(100)
    await house.transport.stop()
    await until('all are gone', () => refused.every(({ socket }) => socket.readableEnded || socket.destroyed))
  })
})

describe('connections without a session', () => {
  const opened = (openedAt: number) => ({ remoteAddress: `192.0.2.${openedAt % 250}`, openedAt, giveUp: vi.fn() })
  const full = (now: number) => {
    const clock = { now }
    const admission = createAdmission(
      { ...limits, pendingConnections: 2 },
      () => 2,
      silent,
      () => clock.now,
    )
    const [first, second] = [opened(0), opened(1000)]
    admission.enter(first)
    admission.enter(second)
    return { admission, first, second, clock }
  }

  test('are refused beyond the limit', () => {
    const { admission, first } = full(4999)
    expect(admission.refusal('192.0.2.251')).toContain('max_pending_connections')
    expect(first.giveUp).not.toHaveBeenCalled()
  })

  test('give way to new ones, the oldest first, once they had their time', () => {
    const { admission, first, second } = full(5000)
    expect(admission.refusal('192.0.2.251')).toBeUndefined()
    expect(first.giveUp).toHaveBeenCalledWith('others wait, and it had no session after 5 seconds')
    admission.enter(opened(5000))
    expect(admission.refusal('192.0.2.252')).toContain('max_pending_connections')
    expect(second.giveUp).not.toHaveBeenCalled()
  })

  test('make room when they are established', () => {
    const { admission, first } = full(2000)
    admission.settle(first)
    expect(admission.refusal('192.0.2.251')).toBeUndefined()
  })

  test('are lost to their handlers', async () => {
    let clock = 0
    const house = await startHouse({ limits: { pendingConnections: 1 }, now: () => clock })
    await house.connect()
    clock = 6000
    await house.connect()
    await until('the first is lost', () => house.transport.connections() === 1)
    expect(house.recorders[0]?.told).toEqual(['lost: others wait, and it had no session after 6 seconds'])
  })
})
