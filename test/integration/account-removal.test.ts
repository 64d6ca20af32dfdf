/** Accounts that are removed, or get another password, while the server runs; whoever has the name next finds nothing. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEnvironment, openRecords } from '@smacks/journal-lmdb'
import { afterAll, describe, expect, test } from 'vitest'
import { removalsIn } from '../../apps/server/src/accounts/removed-accounts.js'
import { compileCrashingServer } from '../chaos/server-life.js'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { at, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, eventually, killAtOnce, numbers, type Stage, smacks, stages, startOn } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(3)
const [romeo, juliet, tybalt] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]
const successor = { ...romeo, password: 'another secret' }

const { play, strike } = stages(users)
afterAll(strike)

const rosterQuery = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
const blocking = 'urn:xmpp:blocking'

const remove = (folder: string): Promise<string> => smacks(folder, 'user', 'remove', romeo.jid)
const add = (folder: string): Promise<string> => smacks(folder, 'user', 'add', romeo.jid, successor.password)

const isError = (it: Xml): boolean => it.name === 'message' && it.attrs.type === 'error'
const idsOf = (messages: ReadonlyArray<Xml>): ReadonlyArray<string | undefined> => messages.map(it => it.attrs.id)

const sendTo = async (sender: XmppClient, to: string, bodies: ReadonlyArray<string>): Promise<void> => {
  for (const body of bodies) sender.message(to, body)
  await sender.untilFence()
  expect(await sender.acked()).toBe(sender.sent)
}

/** Romeo has what an account can have: contacts, blocks, a session that hibernates with messages in it. */
const settle = async (house: House): Promise<{ readonly sender: XmppClient; readonly sleeping: XmppClient }> => {
  await house.befriend(romeo, juliet)
  const blocker = await house.bound(romeo, 'blocker')
  await blocker.ask(`<iq type='set' id='b'><block xmlns='${blocking}'><item jid='${tybalt.jid}'/></block></iq>`)
  await blocker.close()
  const sender = await house.managed(juliet)
  await sender.ask(rosterQuery)
  const sleeping = await house.managed(romeo)
  sleeping.reset()
  await sendTo(sender, sleeping.jid, numbers(3))
  return { sender, sleeping }
}

/** Whoever has the name now finds nothing of what was, and nobody sees in them whom they knew. */
const findsNothing = async (house: House, former: XmppClient): Promise<void> => {
  const client = await house.authenticated(successor)
  client.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='0'/>`)
  const failed = await client.expect('failed')
  expect(at(failed, 'item-not-found')).toBeDefined()
  expect(failed.attrs.h).toBeUndefined()
  await client.bind('desk')
  expect((await client.ask(rosterQuery)).children[0]?.children).toEqual([])
  const blocked = await client.ask(`<iq type='get' id='l'><blocklist xmlns='${blocking}'/></iq>`)
  expect(blocked.children[0]?.children).toEqual([])
  client.send('<presence/>')
  client.send(`<presence type='probe' to='${juliet.jid}'/>`)
  const seen = [...(await client.untilFence()), ...(await client.untilFence())]
  expect(seen.filter(it => it.name === 'message')).toEqual([])
  expect(seen.filter(it => it.attrs.from?.startsWith(juliet.jid)).map(it => it.attrs.type)).toEqual(['unsubscribed'])
}

/** Juliet's roster does not have Romeo as somebody to see or to be seen by. */
const isStrangerTo = async (client: XmppClient): Promise<void> => {
  const roster = await client.ask(rosterQuery)
  const items = roster.children[0]?.children ?? []
  expect(items.filter(it => it.attrs.jid === romeo.jid).map(it => it.attrs.subscription)).toEqual(['none'])
}

describe.skipIf(skipped !== undefined)('an account removed while the server runs', () => {
  test(
    'ends at once for all of its clients, its senders and its contacts, and its successor finds nothing',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const { sender, sleeping } = await settle(house)
      const awake = await house.managed(romeo, 'phone')
      const plain = await house.online(romeo, 'plain')
      const unbound = await house.authenticated(romeo)
      await sender.untilFence()
      await remove(folder)
      await awake.expectStreamError('not-authorized').catch(async () => awake.expectLost())
      await plain.expectLost()
      await unbound.expectStreamError('not-authorized')
      const told = await sender.untilFence()
      expect(idsOf(told.filter(isError))).toEqual(numbers(3))
      const presences = told.filter(it => it.name === 'presence')
      for (const resource of ['desk', 'phone', 'plain'])
        expect(
          presences.filter(it => it.attrs.from === `${romeo.jid}/${resource}` && it.attrs.type === 'unavailable'),
        ).toHaveLength(1)
      expect(presences.filter(it => it.attrs.from === romeo.jid).map(it => it.attrs.type)).toEqual([
        'unsubscribe',
        'unsubscribed',
      ])
      await isStrangerTo(sender)
      sender.message(romeo.jid, 'is anybody there?')
      expect(idsOf((await sender.untilFence()).filter(isError))).toEqual(['is anybody there?'])
      await add(folder)
      await findsNothing(house, sleeping)
    }),
    60_000,
  )

  test(
    'lets nobody in whose login began before, and nobody who blocked it sees its successor',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const { sender, sleeping } = await settle(house)
      await sender.ask(`<iq type='set' id='b'><block xmlns='${blocking}'><item jid='${romeo.jid}'/></block></iq>`)
      await remove(folder)
      const late = await house.encrypted()
      expect(at(await late.sasl(romeo, 'PLAIN'), 'not-authorized')).toBeDefined()
      // What waited for Romeo comes back to whoever blocked him since.
      await sender.untilFence()
      await isStrangerTo(sender)
      await add(folder)
      await sender.ask(`<iq type='set' id='u'><unblock xmlns='${blocking}'/></iq>`)
      await findsNothing(house, sleeping)
    }),
    60_000,
  )

  test(
    'is gone after a restart too, also from memory that nobody wrote down',
    play(async ({ serve, folder }) => {
      const house = await serve({ config: { durability: 'memory' } })
      const { sleeping } = await settle(house)
      await remove(folder)
      await add(folder)
      await findsNothing(house, sleeping)
      await killAtOnce(house.server)
      await findsNothing(await serve(), sleeping)
    }),
    60_000,
  )
})

describe.skipIf(skipped !== undefined)('a server killed while it removes an account', () => {
  const crashing = skipped === undefined ? compileCrashingServer() : ''
  afterAll(() => rmSync(crashing, { force: true }))
  /** How far the removals were when the server died. */
  const found = new Set<'before' | 'done' | 'under way'>()

  const howFar = async (folder: string): Promise<'before' | 'done' | 'under way'> => {
    const env = openEnvironment({ path: join(folder, 'data'), durability: 'process' })
    const isNoted = removalsIn(openRecords(env).read).has(romeo.jid)
    await env.close()
    if (isNoted) return 'under way'
    return (await smacks(folder, 'user', 'list')).includes(romeo.jid) ? 'before' : 'done'
  }

  /** Starts the server that dies there, asks it to remove the account, and lets it die. */
  const removeAndDie = async ({ folder }: Stage, plan: string): Promise<void> => {
    const server = await startOn({ folder, command: crashing, env: { SMACKS_CRASH: plan } }).catch(() => undefined)
    if (server === undefined) return
    await remove(folder).catch(() => '')
    await killAtOnce(server).catch(() => {})
  }

  for (const plan of ['before-commit:2', 'after-commit:2', 'after-commit:3', 'in-append:2'])
    test(
      `at ${plan} finishes that at the next start`,
      play(async stage => {
        const { serve, folder } = stage
        const first = await serve()
        const { sender, sleeping } = await settle(first)
        await killAtOnce(first.server)
        await removeAndDie(stage, plan)
        const state = await howFar(folder)
        found.add(state)
        const house = await serve()
        if (state === 'before') await remove(folder)
        expect(await smacks(folder, 'user', 'list')).not.toContain(romeo.jid)
        const told = await house.resumed(sender)
        const seen = await told.untilFence()
        expect(idsOf(seen.filter(isError))).toEqual(numbers(3))
        await isStrangerTo(told)
        await add(folder)
        await findsNothing(house, sleeping)
      }),
      60_000,
    )

  test('was in the middle of it at least once', () => expect(found).toContain('under way'))
})

describe.skipIf(skipped !== undefined || process.platform !== 'linux')(
  'a server whose control socket was removed',
  () => {
    test(
      'is known to be there, so nothing is changed behind its back, and makes the socket anew',
      play(async ({ serve, folder }) => {
        const house = await serve()
        const awake = await house.online(romeo)
        const socket = join(folder, 'data', 'control.sock')
        rmSync(socket)
        // As long as this is there the server cannot make it anew.
        mkdirSync(socket)
        for (const args of [
          ['user', 'remove', romeo.jid],
          ['user', 'passwd', romeo.jid, 'another secret'],
          ['record', 'status'],
        ])
          await expect(smacks(folder, ...args)).rejects.toThrow(
            /a server \(process \d+\) runs on the data in .*control\.sock/,
          )
        await awake.expectNothing()
        rmSync(socket, { recursive: true })
        await eventually(
          () => house.server.output().includes('somebody removed the control socket; it is made anew'),
          () => house.server.output(),
        )
        await remove(folder)
        await awake.expectLost()
      }),
      60_000,
    )
  },
)

describe.skipIf(skipped !== undefined)('a password changed while the server runs', () => {
  test(
    'ends all sessions, stores what waited in them, and lets nobody in or resume with the old one',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const sender = await house.managed(juliet)
      const thief = await house.managed(romeo, 'thief')
      const sleeping = await house.managed(romeo, 'desk')
      const unbound = await house.authenticated(romeo)
      sleeping.reset()
      thief.pauseReading()
      await sendTo(sender, romeo.jid, numbers(2))
      await smacks(folder, 'user', 'passwd', romeo.jid, successor.password)
      thief.resumeReading()
      await unbound.expectStreamError('reset')
      expect(
        (await thief.expectLost()).some(it => it.kind === 'element' && at(it.element, 'reset') !== undefined),
      ).toBe(true)
      const old = await house.encrypted()
      for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const)
        expect(at(await old.sasl(romeo, mechanism), 'not-authorized')).toBeDefined()
      const back = await house.authenticated(successor)
      back.send(`<resume xmlns='${nsSm3}' previd='${sleeping.smId}' h='0'/>`)
      expect(at(await back.expect('failed'), 'item-not-found')).toBeDefined()
      await back.bind('desk')
      expect(bodiesOf(await comeBack(back))).toEqual(numbers(2))
    }),
    60_000,
  )

  test(
    'by an import ends them too, and not those whose lines were just added',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const mine = await house.online(romeo)
      const others = await house.online(tybalt)
      writeFileSync(join(folder, 'more'), `${romeo.jid} another secret\nbenvolio@localhost secret\n`)
      await smacks(folder, 'user', 'import', join(folder, 'more'))
      await mine.expectStreamError('reset')
      await others.expectNothing()
    }),
    60_000,
  )
})
