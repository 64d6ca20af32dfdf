/**
 * Floods, brute force and slowness: what an attacker does with well-formed streams. All the while another user's
 * session hibernates on the same server and loses nothing.
 */
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeUsers } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { missing, startTarget, target } from '../support/targets.js'
import { bodyOf } from '../support/xml.js'
import { base64, nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { memoryBound, whileSomebodySleeps } from './guard.js'

const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const seconds = (count: number): Promise<void> => new Promise(resolve => setTimeout(resolve, count * 1_000))
const plain = (user: TestUser, password = user.password): string =>
  `<auth xmlns='${nsSasl}' mechanism='PLAIN'>${base64(`\0${user.username}\0${password}`)}</auth>`

/** All that comes until the line ends. */
const untilLost = async (client: XmppClient): Promise<ReadonlyArray<string>> =>
  (await client.expectLost()).map(item => (item.kind === 'element' ? item.element.name : item.kind))

describe.skipIf(missing !== undefined)(`floods against ${target}`, () => {
  const users: TestUser[] = [...makeUsers(80)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let server: RunningServer

  beforeAll(async () => {
    server = await startTarget({
      users,
      limits: {
        unauthenticated_seconds: 2,
        auth_failures: 3,
        connections_per_address: 200,
        // Thirty megabytes are to wait for one user.
        offline_bytes_per_sender: '64 MiB',
        offline_bytes_per_user: '64 MiB',
      },
    })
  })
  afterAll(() => server?.stop())

  const under = (attack: Parameters<typeof whileSomebodySleeps>[2]) => () => whileSomebodySleeps(server, next, attack)

  test(
    'ten thousand <r/> in one write get ten thousand answers',
    under(async ({ house }) => {
      const user = await house.managed(house.person())
      user.send(`<r xmlns='${nsSm3}'/>`.repeat(10_000))
      const answers = await user.expectMany('a', 10_000)
      expect(new Set(answers.map(it => it.attrs.h))).toEqual(new Set([String(user.sent)]))
    }),
  )

  test(
    'ten thousand <r/> whose answers nobody reads do no harm',
    under(async ({ house }) => {
      const user = await house.managed(house.person())
      user.pauseReading()
      user.sendRaw(`<r xmlns='${nsSm3}'/>`.repeat(10_000))
      await seconds(0.5)
      user.reset()
    }),
  )

  test(
    'ten thousand elements of stream management before authentication are refused or end the stream',
    under(async ({ house }) => {
      const stranger = await house.encrypted()
      stranger.sendRaw(
        `<r xmlns='${nsSm3}'/><enable xmlns='${nsSm3}'/><resume xmlns='${nsSm3}' previd='x' h='0'/>`.repeat(3_334),
      )
      for (let n = 0; n < 10_002; n += 1) {
        const item = await stranger.next()
        if (item.kind !== 'element' || item.element.name === 'error') break
        expect(item.element.name).toBe('failed')
      }
      stranger.reset()
    }),
  )

  test(
    'ten thousand unknown elements before authentication end the stream at the first',
    under(async ({ house }) => {
      const stranger = await house.encrypted()
      stranger.sendRaw("<x xmlns='urn:example:x'/>".repeat(10_000))
      const came = await untilLost(stranger)
      expect(came).toContain('error')
      expect(came.filter(it => it === 'error')).toHaveLength(1)
    }),
  )

  test(
    'ten thousand stanzas before authentication end the stream at the first',
    under(async ({ house }) => {
      const stranger = await house.encrypted()
      stranger.sendRaw("<message to='user1@localhost'><body>spam</body></message>".repeat(10_000))
      expect((await untilLost(stranger)).filter(it => it === 'error')).toHaveLength(1)
    }),
  )

  test(
    'guessing passwords ends after as many failures as allowed',
    under(async ({ house }) => {
      const victim = house.person()
      const stranger = await house.encrypted()
      const guesses: string[] = []
      for (let n = 0; n < 10; n += 1) {
        stranger.sendRaw(plain(victim, `guess ${n}`))
        const item = await stranger.next()
        if (item.kind !== 'element' || item.element.name !== 'failure') break
        guesses.push(item.element.name)
      }
      expect(guesses.length).toBeLessThanOrEqual(3)
      await house.bound(victim)
    }),
  )

  test(
    'a thousand guesses in one write end after as many failures as allowed',
    under(async ({ house }) => {
      const victim = house.person()
      const stranger = await house.encrypted()
      stranger.sendRaw(Array.from({ length: 1_000 }, (_, n) => plain(victim, `guess ${n}`)).join(''))
      expect((await untilLost(stranger)).filter(it => it === 'failure').length).toBeLessThanOrEqual(3)
      await house.bound(victim)
    }),
  )

  for (const [what, data] of [
    ['no base64', '%%%%'],
    ['base64 of noise', Buffer.from(Uint8Array.from({ length: 1_000 }, (_, n) => (n * 37) % 256)).toString('base64')],
    ['a hundred kilobytes', 'A'.repeat(100_000)],
    ['a username with NUL', base64('\0us\0er\0pass')],
    ['commas', base64(',,,,,,,,,')],
    ['an iteration count', base64('n,,n=user1,r=x,i=999999999')],
  ] as const)
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'])
      test(
        `${mechanism} with ${what} fails`,
        under(async ({ house }) => {
          const stranger = await house.encrypted()
          stranger.sendRaw(`<auth xmlns='${nsSasl}' mechanism='${mechanism}'>${data}</auth>`)
          const item = await stranger.next()
          if (item.kind === 'element' && item.element.name === 'challenge') {
            stranger.sendRaw(`<response xmlns='${nsSasl}'>${data}</response>`)
            expect(['failure', 'error']).toContain((await stranger.element()).name)
          } else if (item.kind === 'element') expect(['failure', 'error']).toContain(item.element.name)
        }),
      )

  test(
    'what is sent right behind <starttls/> in plain text is not taken for encrypted',
    under(async ({ house }) => {
      const victim = house.person()
      const client = await house.connect()
      await client.open()
      client.sendRaw(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${client.header()}${plain(victim)}`)
      const answer = await client.next()
      if (answer.kind !== 'element' || answer.element.name !== 'proceed') {
        // The refusal is said in the stream that stands: a second header inside it would be no XML.
        expect(client.chunks.join('').match(/<stream:stream/g)).toHaveLength(1)
        return
      }
      const secured = await client.secure().then(
        () => true,
        () => false,
      )
      if (!secured) return
      // The injected header and <auth/> were dropped: this is the first header, and nobody is logged in.
      const { features } = await client.open()
      expect(features.children.some(it => it.name === 'mechanisms')).toBe(true)
      client.send(`<iq type='get' id='x'><query xmlns='jabber:iq:roster'/></iq>`)
      expect((await client.element()).attrs.type ?? 'error').toBe('error')
    }),
  )

  test(
    'who sends its header byte by byte is closed after unauthenticated_seconds',
    under(async ({ house }) => {
      const slow = await house.connect()
      const header = slow.header()
      let lost = false
      const ended = slow.expectLost().then(() => {
        lost = true
      })
      for (let n = 0; !lost && n < 40; n += 1) {
        slow.sendRaw(header.slice(n, n + 1))
        await seconds(0.1)
      }
      await ended
      expect(lost).toBe(true)
    }),
  )

  test(
    'who opens a stream and says nothing is closed after unauthenticated_seconds',
    under(async ({ house }) => {
      const silent = await house.encrypted()
      await seconds(2.5)
      const came = await untilLost(silent)
      expect(came.filter(it => it !== 'close' && it !== 'error')).toEqual([])
    }),
  )

  test(
    'who never shakes hands after <proceed/> is closed after unauthenticated_seconds',
    under(async ({ house }) => {
      const silent = await house.connect()
      await silent.open()
      silent.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
      await silent.expect('proceed')
      await seconds(2.5)
      await untilLost(silent)
    }),
  )

  test(
    'who binds twice, and a hundred times, keeps one session',
    under(async ({ house }) => {
      const client = await house.bound(house.person(), 'first')
      for (let n = 0; n < 100; n += 1)
        client.send(
          `<iq type='set' id='b${n}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r${n}</resource></bind></iq>`,
        )
      const answers = await client.expectMany('iq', 100)
      expect(new Set(answers.map(it => it.attrs.type))).toEqual(new Set(['error']))
      client.message(client.jid, 'still first')
      expect(bodyOf(await client.expect('message'))).toBe('still first')
    }),
  )

  test(
    'a flood of connections from one address is bounded, and others are served again when it ends',
    under(async () => {
      const sockets: Socket[] = []
      let closed = 0
      for (let n = 0; n < 600; n += 1) {
        const socket = connect({ host: '127.0.0.1', port: server.port })
        socket.on('error', () => undefined)
        socket.on('close', () => {
          closed += 1
        })
        socket.resume()
        sockets.push(socket)
      }
      await seconds(1)
      expect(closed).toBeGreaterThanOrEqual(390)
      for (const socket of sockets) socket.destroy()
      await seconds(0.3)
    }),
  )

  test(
    'thirty megabytes of stored messages reach a reader that keeps up, whole and in order',
    under(async ({ house }) => {
      const who = house.person()
      const sender = await house.online(house.person())
      const sent = Array.from({ length: 3_000 }, (_, n) => String(n))
      for (const id of sent) {
        sender.send(`<message to='${who.jid}' type='chat' id='${id}'><body>${'x'.repeat(10_000)}</body></message>`)
        if (Number(id) % 100 === 99) await sender.expectNothing()
      }
      const reader = await house.bound(who)
      reader.send('<presence/>')
      const seen: string[] = []
      while (seen.length < sent.length) seen.push((await reader.until('message')).attrs.id ?? '')
      expect(seen).toEqual(sent)
    }),
    60_000,
  )

  test(
    'a reader so slow that it stops does not fill the memory, and its messages are not lost',
    under(async ({ house }) => {
      const who = house.person()
      const slow = await house.managed(who)
      const flooder = await house.online(house.person())
      slow.pauseReading()
      const body = 'x'.repeat(10_000)
      const before = server.memory()
      for (let n = 0; n < 1_400; n += 1) {
        flooder.send(`<message to='${slow.jid}' type='chat' id='${n}'><body>${body}</body></message>`)
        if (n % 100 === 99) await flooder.untilFence()
      }
      expect(server.memory() - before).toBeLessThan(memoryBound)
      slow.freeze()
      const returned = (await flooder.untilFence()).filter(it => it.attrs.type === 'error')
      const again = await house.returning(slow)
      again.send(`<resume xmlns='${nsSm3}' previd='${slow.smId}' h='${slow.handled}'/>`)
      const answer = await again.element()
      if (answer.name === 'failed') {
        // Too much for a resumption: taking its resource ends that session, and what it held goes to storage.
        await again.bind('desk')
        again.send('<presence/>')
      }
      const seen: string[] = []
      while (seen.length + returned.length < 1_400) {
        const message = await again.until('message')
        seen.push(message.attrs.id ?? '')
      }
      expect(seen).toEqual(seen.slice().sort((a, b) => Number(a) - Number(b)))
      expect(new Set(seen).size + returned.length).toBe(1_400)
    }),
    60_000,
  )
})
