/** How many connections there may be, and for how long one may be of no use. */
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { child } from '../support/xml.js'

const lostWithin = async (socket: Socket, milliseconds: number): Promise<boolean> => {
  const lost = new Promise<boolean>(resolve => socket.once('close', () => resolve(true)))
  return Promise.race([lost, pause(milliseconds).then(() => false)])
}

const lineTo = async (port: number): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise<void>(resolve => socket.once('connect', () => resolve()))
  return socket
}

describe('connections', () => {
  const users: TestUser[] = [...makeUsers(20)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({
      users,
      limits: { max_connections: 8, max_pending_connections: 3, unauthenticated_seconds: 8 },
    })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  test('without a session do not keep those out for long who want one', async () => {
    const idle = [await lineTo(server.port), await lineTo(server.port), await lineTo(server.port)]
    const refused = await house.connect()
    refused.sendRaw(refused.header())
    await refused.opened()
    const error = await refused.expectStreamError('resource-constraint')
    expect(child(error, 'text')?.text).toContain('max_pending_connections allows no more')
    // Those who had five seconds give way.
    await pause(5_000)
    const let_in = await house.online(house.person())
    expect(idle.filter(socket => socket.closed).length).toBeGreaterThan(0)
    await let_in.close()
    for (const socket of idle) socket.destroy()
  })

  test('are bounded in all, and there is room again when one ends', async () => {
    const sessions = []
    for (let n = 0; n < 8; n += 1) sessions.push(await house.online(house.person()))
    const refused = await house.connect()
    await refused.opened()
    const error = await refused.expectStreamError('resource-constraint')
    expect(child(error, 'text')?.text).toContain('there are 8 connections, and max_connections allows no more')
    const direct = await lineTo(server.directTlsPort)
    expect(await lostWithin(direct, 2_000)).toBe(true)
    await sessions.pop()?.close()
    await pause(200)
    sessions.push(await house.online(house.person()))
    for (const session of sessions) session.reset()
  })
})

describe('after unauthenticated_seconds', () => {
  const users: TestUser[] = [...makeUsers(3)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users, limits: { unauthenticated_seconds: 2 } })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  /** Sends a byte ten times a second until the line is lost, for four seconds at most; after how many milliseconds it was. */
  const drip = async (socket: Socket, bytes: Uint8Array): Promise<number> => {
    const begin = performance.now()
    const lost = new Promise<number>(resolve => socket.once('close', () => resolve(performance.now() - begin)))
    for (let n = 0; n < 40 && !socket.closed; n += 1) {
      socket.write(bytes.subarray(n, n + 1))
      await pause(100)
    }
    return Promise.race([lost, pause(100).then(() => Number.POSITIVE_INFINITY)])
  }

  test('a TLS handshake that never begins is ended', async () => {
    const socket = await lineTo(server.directTlsPort)
    expect(await lostWithin(socket, 4_000)).toBe(true)
  })

  test('a TLS handshake that drips is ended', async () => {
    // The beginning of a ClientHello of 512 bytes (RFC 8446 §§4, 5.1).
    const hello = Uint8Array.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, ...new Array(60).fill(7)])
    expect(await drip(await lineTo(server.directTlsPort), hello)).toBeLessThan(3_500)
  })

  test('white space that drips is ended', async () => {
    const blanks = new TextEncoder().encode(' '.repeat(60))
    expect(await drip(await lineTo(server.port), blanks)).toBeLessThan(3_500)
  })

  test('an element that drips is ended, also after authentication', async () => {
    const client = await house.authenticated(house.person())
    const begin = performance.now()
    for (let n = 0; n < 40 && client.isThere; n += 1) {
      client.sendRaw('<iq type="set"><bind a="'.charAt(n) || 'x')
      await pause(100)
    }
    expect(performance.now() - begin).toBeLessThan(3_500)
  })
})
