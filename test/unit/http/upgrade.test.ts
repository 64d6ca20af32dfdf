import type { Duplex } from 'node:stream'
import { type Route, sentence, type Upgrade } from '@smacks/http'
import { describe, expect, test } from 'vitest'
import { ask, line, open } from './ground.js'

const token = 'correct-horse-battery-staple'
const hello: Route = { method: 'GET', path: '/hello', access: 'open', answer: () => sentence(200, 'Hello') }

const parrot = (taken: Array<Duplex>): Upgrade => ({
  path: '/parrot',
  access: 'token',
  take: (_request, socket, head) => {
    taken.push(socket)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: parrot\r\n\r\n')
    socket.write(head)
    socket.pipe(socket)
  },
})

const wanted = (path: string, ...headers: ReadonlyArray<string>): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: parrot', ...headers, '', ''].join('\r\n')

describe('an upgrade', () => {
  test('hands the connection over, which then takes nobody’s place and has no time limit of ours', async () => {
    const taken: Array<Duplex> = []
    const { port, listener } = await open([hello], { token, limits: { connections: 1, idleSeconds: 0.05 } }, made =>
      made.addUpgrade(parrot(taken)),
    )
    const one = line(port)
    one.socket.write(`${wanted('/parrot', `Authorization: Bearer ${token}`)}first `)
    await one.until('first ')
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
    const silent = line(port)
    await silent.ended
    one.socket.write('second')
    expect(await one.until('second')).toMatch(/first second$/)
    await listener.stop()
    await one.ended
  })

  test('is refused without the token, and where there is none', async () => {
    const taken: Array<Duplex> = []
    const { port } = await open([hello], { token }, made => made.addUpgrade(parrot(taken)))
    const refused = line(port)
    refused.socket.write(wanted('/parrot'))
    expect(await refused.ended).toMatch(/^HTTP\/1.1 401 /)
    const nowhere = line(port)
    nowhere.socket.write(wanted('/hello'))
    expect(await nowhere.ended).toMatch(/^HTTP\/1.1 404 /)
    expect(taken).toEqual([])
  })

  test('is a usual request where no upgrade is known', async () => {
    const { port } = await open([hello])
    const one = line(port)
    one.socket.write(wanted('/hello'))
    expect(await one.until('Hello')).toMatch(/^HTTP\/1.1 200 /)
  })

  test('is there once', async () => {
    const { listener } = await open([hello], {}, made => made.addUpgrade(parrot([])))
    expect(() => listener.addUpgrade(parrot([]))).toThrow('/parrot: there is such an upgrade already')
  })
})
