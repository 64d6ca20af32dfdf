/** Connections that we make: how they come about, and how they do not. */
import { spawn } from 'node:child_process'
import { connect as connectPlain } from 'node:net'
import type { RemoteEndpoint, TcpTransport } from '@smacks/transport-tcp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../support/places.js'
import { afterwards, type Recorder, recording, startHouse, turn, until } from './harness.js'

const at = (port: number, more: Partial<RemoteEndpoint> = {}): RemoteEndpoint => ({
  host: '127.0.0.1',
  port,
  directTls: false,
  serverName: 'localhost',
  ...more,
})

interface Attempt {
  readonly recorders: ReadonlyArray<Recorder>
  readonly failures: ReadonlyArray<string>
  readonly cancel: () => void
}

const attempt = (transport: TcpTransport, endpoint: RemoteEndpoint): Attempt => {
  const recorders: Array<Recorder> = []
  const failures: Array<string> = []
  const cancel = transport.connect(
    endpoint,
    connection => {
      const told: Array<string> = []
      recorders.push({ connection, told })
      afterwards(connection.destroy)
      return recording(connection, told, undefined)
    },
    reason => failures.push(reason),
  )
  return { recorders, failures, cancel }
}

const listening =
  "require('net').createServer().listen({host:'127.0.0.1',port:0,backlog:1},function(){console.log(this.address().port)})"

/** The port of a process that stands still and whose queue is full: who connects there gets no answer at all. */
const silentPort = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const port = await new Promise<number>(resolve => child.stdout.once('data', text => resolve(Number(text))))
  child.kill('SIGSTOP')
  const crowd = Array.from({ length: 8 }, () => connectPlain({ host: '127.0.0.1', port }).on('error', () => {}))
  onTestFinished(() => {
    for (const socket of crowd) socket.destroy()
  })
  await until('the queue has filled', () => crowd.some(socket => !socket.connecting))
  return port
}

const opening =
  "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='there.example' version='1.0'>"

test('carries what both sides say', async () => {
  const there = await startHouse()
  const here = await startHouse({ idPrefix: 's2s' })
  const { recorders } = attempt(here.transport, at(there.port))
  await until('both stand', () => recorders.length + there.recorders.length === 2)
  const [out] = recorders
  out?.connection.write(`${opening}<presence/>`)
  await until('it is heard', () => there.recorder().told.length === 2)
  expect(there.recorder().told).toEqual(['opened there.example', '<presence/>'])
  there.recorder().connection.close(opening.replace('there', 'here'))
  await until('the end is heard', () => out?.told.at(-1) === 'closed')
  expect(out?.told).toEqual(['opened here.example', 'closed'])
  out?.connection.close()
  await until('both are forgotten', () => here.transport.connections() + there.transport.connections() === 0)
})

test('ids begin as wanted, and are never given twice', async () => {
  const house = await startHouse({ idPrefix: 's2s' })
  const { recorders } = attempt(house.transport, at(house.port))
  await until('both ends stand', () => recorders.length + house.recorders.length === 2)
  const ids = [...recorders, ...house.recorders].map(({ connection }) => connection.id)
  expect(ids.every(id => /^s2s-\d+$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(2)
})

test('does not count among the connections of the address', async () => {
  const house = await startHouse({ limits: { connectionsPerAddress: 2 } })
  const attempts = [attempt(house.transport, at(house.port)), attempt(house.transport, at(house.port))]
  await until('all four ends stand', () => house.transport.connections() === 4)
  for (const { recorders } of attempts) recorders[0]?.connection.destroy()
  await until('all are gone', () => house.transport.connections() === 0)
  const again = attempt(house.transport, at(house.port))
  await until('there is room again', () => again.recorders.length === 1 && house.transport.connections() === 2)
})

describe('a connection that does not come about', () => {
  test('since nobody listens, is told with the reason, and never inside the call', async () => {
    const house = await startHouse()
    const { failures, recorders } = attempt(house.transport, at(await freePort()))
    expect(failures).toEqual([])
    await until('it failed', () => failures.length > 0)
    expect(failures).toEqual([expect.stringContaining('ECONNREFUSED')])
    expect(recorders).toEqual([])
    expect(house.transport.connections()).toBe(0)
  })

  test('since the name is none, is told with the reason', async () => {
    const house = await startHouse()
    const { failures } = attempt(house.transport, at(1, { host: 'no name\0' }))
    await until('it failed', () => failures.length > 0)
    expect(failures).toHaveLength(1)
  })

  test('in time is given up', async () => {
    const port = await silentPort()
    const house = await startHouse({ connectTimeout: 300 })
    const { failures, recorders } = attempt(house.transport, at(port))
    await until('it failed', () => failures.length + recorders.length > 0)
    expect(failures).toEqual(['no connection within 0.3 seconds'])
    expect(recorders).toEqual([])
  })

  test('since it is given up, is told to nobody', async () => {
    const house = await startHouse()
    const given = attempt(house.transport, at(house.port))
    given.cancel()
    const other = attempt(house.transport, at(house.port))
    await until('the other stands', () => other.recorders.length === 1)
    await turn()
    expect([given.recorders, given.failures]).toEqual([[], []])
    given.cancel()
  })

  test('since the transport stops, is told to nobody', async () => {
    const there = await startHouse()
    const here = await startHouse()
    const { recorders, failures } = attempt(here.transport, at(there.port))
    await here.transport.stop()
    const other = await startHouse()
    const later = attempt(other.transport, at(there.port))
    await until('a later one stands', () => later.recorders.length === 1)
    expect([recorders, failures]).toEqual([[], []])
  })

  test('since the transport has stopped already, is told to nobody', async () => {
    const there = await startHouse()
    const here = await startHouse()
    await here.transport.stop()
    const { recorders, failures, cancel } = attempt(here.transport, at(there.port))
    const later = attempt((await startHouse()).transport, at(there.port))
    await until('a later one stands', () => later.recorders.length === 1 && there.recorders.length > 0)
    cancel()
    expect([recorders, failures, there.recorders.length]).toEqual([[], [], 1])
  })
})

test('a connection that is made while nothing is taken in is read only afterwards', async () => {
  const there = await startHouse({ onAccept: connection => connection.write(`${opening}<presence/>`) })
  const here = await startHouse()
  here.transport.suspend()
  const { recorders } = attempt(here.transport, at(there.port))
  await until('it stands', () => recorders.length === 1)
  recorders[0]?.connection.write(opening)
  await until('what we say leaves all the same', () => there.recorders[0]?.told.length === 1)
  for (let turns = 0; turns < 50; turns += 1) await turn()
  expect(recorders[0]?.told).toEqual([])
  here.transport.resume()
  await until('it is read', () => recorders[0]?.told.length === 2)
  expect(recorders[0]?.told).toEqual(['opened there.example', '<presence/>'])
})

describe('where not all addresses may be connected to', () => {
  const connectionsTo = async (host: string, permits: (address: string) => boolean) => {
    const there = await startHouse()
    const here = await startHouse()
    const asked: Array<string> = []
    const made = attempt(
      here.transport,
      at(there.port, {
        host,
        permits: address => {
          asked.push(address)
          return permits(address)
        },
      }),
    )
    await until('it is decided', () => made.recorders.length + made.failures.length > 0)
    return { asked, failures: made.failures, connections: there.transport.connections() }
  }

  test.each(['127.0.0.1', 'localhost'])('%s is not connected to', async host => {
    const { asked, ...outcome } = await connectionsTo(host, () => false)
    expect(asked).toContain('127.0.0.1')
    expect(outcome).toEqual({ failures: [`no address of '${host}' may be connected to`], connections: 0 })
  })

  test.each(['127.0.0.1', 'localhost'])('%s is connected to by an address that may be', async host => {
    const { failures } = await connectionsTo(host, address => address === '127.0.0.1')
    expect(failures).toEqual([])
  })

  test('an address is not connected to after it was given up', async () => {
    const there = await startHouse()
    const here = await startHouse()
    const made = attempt(here.transport, at(there.port, { permits: () => false }))
    made.cancel()
    await turn()
    expect(made.failures).toEqual([])
  })

  test('a name without an address says so', async () => {
    const { failures } = await connectionsTo('nowhere.invalid', () => true)
    expect(failures[0]).toMatch(/nowhere\.invalid/)
  })
})
