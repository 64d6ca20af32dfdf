/** Strangers by the thousand, who hold as much as they may; and stanzas that take the most work for their bytes. */
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoundedServer, startBounded } from '../../support/bounded-server.js'
import { makeUsers } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'
import { besideHonest } from './beside.js'

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
/** An element that is as much as a stranger may have begun: many elements, and text. */
const begun = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${'<a b=""/>'.repeat(250)}${'x'.repeat(7_000)}`

const fill = (size: number, piece: string): string => piece.repeat(Math.floor(size / piece.length))
const attributes = Array.from({ length: 60 }, (_, n) => `a${n}=''`).join(' ')

const shapes: ReadonlyArray<readonly [what: string, inside: string]> = [
  ['tiny elements', fill(250_000, '<a/>')],
  ['attributes', fill(250_000, `<a ${attributes}/>`)],
  ['deep nesting', fill(250_000, `${'<a>'.repeat(60)}${'</a>'.repeat(60)}`)],
  ['namespaces', fill(250_000, "<x:a xmlns:x='u'/>")],
  ['one large attribute', `<a b='${'x'.repeat(250_000)}'/>`],
  ['references', fill(250_000, '&#120;')],
  ['characters that become references', fill(250_000, '>')],
]

describe('strangers against a small server', () => {
  const users: TestUser[] = [...makeUsers(20)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let bounded: BoundedServer

  beforeAll(async () => {
    bounded = await startBounded({
      users,
      limits: { connections_per_address: 2_000, max_pending_connections: 1_500, bytes_per_second: '64 kB' },
    })
  })
  afterAll(() => bounded?.stop())

  test(
    'a thousand who have begun to speak and go on no more, some inside TLS',
    context =>
      besideHonest(bounded, next, context, async () => {
        const { server, inside } = bounded
        const before = { memory: server.memory(), heap: (await inside()).heap }
        const sockets: Socket[] = []
        const opened = (socket: Socket, ready: string) =>
          new Promise<void>((resolve, reject) => {
            sockets.push(socket)
            socket.once('error', reject)
            socket.resume()
            socket.once(ready, () => socket.write(header + begun, () => resolve()))
          })
        for (let n = 0; n < 800; n += 50)
          await Promise.all(
            Array.from({ length: 50 }, () => opened(connect({ host: '127.0.0.1', port: server.port }), 'connect')),
          )
        for (let n = 0; n < 200; n += 20)
          await Promise.all(
            Array.from({ length: 20 }, () => {
              const at = { host: '127.0.0.1', port: server.directTlsPort, rejectUnauthorized: false }
              return opened(connectTls(at), 'secureConnect')
            }),
          )
        await pause(500)
        const during = { memory: server.memory(), heap: (await inside()).heap }
        expect(sockets.filter(socket => socket.closed)).toEqual([])
        // Elements take some 60 kB, TLS as much again.
        expect(during.heap - before.heap).toBeLessThan(110 * 1024 * 1024)
        expect(during.memory - before.memory).toBeLessThan(250 * 1024 * 1024)
        for (const socket of sockets) socket.destroy()
      }),
    60_000,
  )

  test(
    'stanzas of 250 kB that take the most work',
    context =>
      besideHonest(bounded, next, context, async house => {
        const reader = await house.online(house.person())
        for (const [what, inside] of shapes) {
          const flooder = await house.managed(house.person())
          flooder.sendRaw(`<message to='${reader.jid}' id='${what}'><body>${inside}</body></message>`.repeat(3))
          await pause(300)
          flooder.reset()
        }
        await reader.untilFence()
      }),
    60_000,
  )
})
