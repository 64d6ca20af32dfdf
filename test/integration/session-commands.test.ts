/** What an operator sees of the sessions of a running server, and does to them: the command, the socket, real lines. */
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../apps/server/src/command/program.js'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { at } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { fakeTerminal } from '../unit/server/command/terminal.js'
import { bodiesOf, comeBack, killAtOnce, numbers, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(3)
const [romeo, juliet, tybalt] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]

const { play, strike } = stages(users)
afterAll(strike)

const command = async (folder: string, ...args: ReadonlyArray<string>) => {
  const terminal = fakeTerminal()
  const code = await runCommand([...args, '--config', join(folder, 'smacks.toml')], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return { code, said: terminal.said(), complained: terminal.complained() }
}

const listed = async (folder: string, ...args: ReadonlyArray<string>): Promise<ReadonlyArray<unknown>> => {
  const { code, said } = await command(folder, 'session', 'list', '--json', ...args)
  expect(code).toBe(0)
  return said
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

/** Online and nothing unacked. */
const clean = async (house: House, who: Person, resource?: string): Promise<XmppClient> => {
  const client = await house.managed(who, resource)
  client.ack()
  await client.acked()
  return client
}

const sendTo = async (sender: XmppClient, to: string, bodies: ReadonlyArray<string>): Promise<void> => {
  for (const body of bodies) sender.message(to, body)
  await sender.untilFence()
}

const connection = expect.stringMatching(/^tcp-\d+$/)
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const line = { connection, transport: 'tls', address: '127.0.0.1', since: instant }

/** A session that waits, with `count` messages. */
const asleep = async (house: House, sender: XmppClient, count: number): Promise<XmppClient> => {
  const sleeping = await clean(house, romeo, 'orchard')
  sleeping.reset()
  await sendTo(sender, sleeping.jid, numbers(count))
  return sleeping
}

describe.skipIf(skipped !== undefined)('smacks session', () => {
  test(
    'lists all sessions by their addresses, with where they are and what waits in them',
    play(async ({ serve, folder }) => {
      const house = await serve()
      expect(await listed(folder)).toEqual([])
      expect(await command(folder, 'session', 'list')).toEqual({
        code: 0,
        said: 'There is no session.\n',
        complained: '',
      })
      const sender = await clean(house, juliet, 'balcony')
      await asleep(house, sender, 3)
      await house.online(tybalt, 'street')
      const sleeping = { account: romeo.jid, resource: 'orchard', phase: 'hibernating', unacked: 3 }
      const rows = [
        { ...sleeping, since: instant, oldestUnackedSeconds: expect.any(Number) },
        expect.objectContaining({ account: juliet.jid, resource: 'balcony', phase: 'active', ...line }),
        { account: tybalt.jid, resource: 'street', phase: 'unmanaged', unacked: 0, ...line },
      ]
      expect(await listed(folder)).toEqual(rows)
      expect(await listed(folder, romeo.jid)).toEqual(rows.slice(0, 1))
      const { said } = await command(folder, 'session', 'list')
      expect(said.split('\n').map(each => each.split(/ {2,}/).slice(0, 4))).toEqual([
        ['SESSION', 'PHASE', 'LINE', 'ADDRESS'],
        [`${romeo.jid}/orchard`, 'hibernating', '-', '-'],
        [`${juliet.jid}/balcony`, 'active', 'tls', '127.0.0.1'],
        [`${tybalt.jid}/street`, 'unmanaged', 'tls', '127.0.0.1'],
        [''],
      ])
    }),
    60_000,
  )

  test(
    'shows one session with its counters and what waits, but nothing of what is said',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const sender = await clean(house, juliet, 'balcony')
      await asleep(house, sender, 25)
      const { code, said } = await command(folder, 'session', 'show', `${romeo.jid}/orchard`, '--json')
      const shown = JSON.parse(said)
      expect(code).toBe(0)
      expect(shown).toMatchObject({
        phase: 'hibernating',
        unacked: 25,
        role: 'receiving',
        streamManagement: nsSm3,
        resumableSeconds: 600,
        counters: { handled: expect.any(Number), sent: expect.any(Number), acked: expect.any(Number) },
        queue: { stanzas: 25, inStorage: 25, unsent: expect.any(Number) },
        deadlines: { hibernation: instant },
        limits: { smacks_hibernation_time: 600, smacks_max_queue_size: 500 },
      })
      expect(shown.counters.sent - shown.counters.acked).toBe(25)
      expect(shown.queue.oldest).toHaveLength(20)
      expect(shown.queue.oldest[0]).toEqual({
        name: 'message',
        type: 'chat',
        at: instant,
        id: '0',
        from: `${juliet.jid}/balcony`,
        to: `${romeo.jid}/orchard`,
      })
      const { said: text } = await command(folder, 'session', 'show', romeo.jid)
      expect(text).toContain('hibernating, for ')
      expect(text).toContain('25 unacked')
    }),
    60_000,
  )

  test(
    'ends a session for good: its client is told, it cannot be resumed, and what waited is stored once',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const sender = await clean(house, juliet, 'balcony')
      const awake = await clean(house, tybalt, 'street')
      const sleeping = await asleep(house, sender, 3)
      expect(await command(folder, 'session', 'end', awake.jid, '--reason', "It's late & <dark>.")).toEqual({
        code: 0,
        said: `${awake.jid} is ended: it was active, nothing was unacked.\n`,
        complained: '',
      })
      const error = await awake.expectStreamError('policy-violation')
      expect(JSON.stringify(error)).toContain("It's late & <dark>.")
      expect(await command(folder, 'session', 'end', sleeping.jid)).toEqual({
        code: 0,
        said: `${sleeping.jid} is ended: it was hibernating, what was unacked (3) is stored or returned.\n`,
        complained: '',
      })
      expect((await listed(folder)).map(row => (row as { account: string }).account)).toEqual([juliet.jid])
      // It was durable when the command ended.
      await killAtOnce(house.server)
      const again = await serve()
      const back = await again.authenticated(romeo)
      back.send(`<resume xmlns='${nsSm3}' previd='${sleeping.smId}' h='0'/>`)
      expect(at(await back.expect('failed'), 'item-not-found')).toBeDefined()
      await back.bind('orchard')
      expect(bodiesOf(await comeBack(back))).toEqual(numbers(3))
    }),
    60_000,
  )

  test(
    'ends all sessions of an account, in whatever phase',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const sender = await clean(house, juliet, 'balcony')
      await asleep(house, sender, 1)
      const awake = await clean(house, romeo, 'phone')
      const plain = await house.online(romeo, 'plain')
      const { code, said } = await command(folder, 'session', 'end', romeo.jid)
      expect([code, said.split('\n').length - 1]).toEqual([0, 3])
      // They see each other go, too.
      for (const client of [awake, plain])
        expect(
          (await client.expectLost()).filter(it => it.kind === 'element' && at(it.element, 'policy-violation')),
        ).toHaveLength(1)
      expect(await listed(folder, romeo.jid)).toEqual([])
      expect(await listed(folder)).toHaveLength(1)
    }),
    60_000,
  )

  test(
    'names what is near where there is no such session, and changes nothing',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const client = await clean(house, romeo, 'orchard')
      for (const verb of ['show', 'end'])
        for (const [typed, near] of [
          [`${romeo.jid}/desk`, ` There is ${client.jid}.`],
          ['user2@localhost', ` There is ${client.jid}.`],
          ['nobody-of-that-sort@example.org', ''],
        ])
          expect(await command(folder, 'session', verb, typed ?? '')).toEqual({
            code: 1,
            said: '',
            complained: `There is no session of ${typed}.${near}\n`,
          })
      expect((await command(folder, 'session', 'end', '@@')).code).toBe(2)
      expect((await command(folder, 'session', 'end', 'localhost>example.org')).code).toBe(2)
      expect((await command(folder, 'session', 'end', client.jid, '--reason', 'a\nb')).code).toBe(2)
      await client.expectNothing()
      await house.server.terminate()
      expect(await command(folder, 'session', 'list')).toMatchObject({
        code: 1,
        complained: expect.stringContaining('No server runs on'),
      })
    }),
    60_000,
  )
})
