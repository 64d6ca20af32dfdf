/** Between stop and start an operator changes settings, accounts and domains: what was acked stays safe. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { at, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, eventually, killAtOnce, moment, numbers, smacks, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(2)
const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]

const { play, strike } = stages(users)
afterAll(strike)

const stop = async ({ server }: House): Promise<void> => expect(await server.terminate()).toBe(0)
const kill = ({ server }: House): Promise<void> => killAtOnce(server)

/** Sends so many messages to a session that hibernates, and sees them acked. */
const sendTo = async (sender: XmppClient, to: string, bodies: ReadonlyArray<string>): Promise<void> => {
  for (const body of bodies) sender.message(to, body)
  await sender.untilFence()
  expect(await sender.acked()).toBe(sender.sent)
}

/** Three sessions that hibernate, the first for longest, each with messages of its own. */
const threeAsleep = async (house: House, sender: XmppClient): Promise<ReadonlyArray<XmppClient>> => {
  const sleeping: Array<XmppClient> = []
  for (const resource of ['first', 'second', 'third']) {
    const client = await house.managed(romeo, resource)
    client.reset()
    await moment(50)
    await sendTo(
      sender,
      client.jid,
      [1, 2, 3].map(number => `${resource} ${number}`),
    )
    sleeping.push(client)
  }
  return sleeping
}

const isError = (it: Xml): boolean => it.name === 'message' && it.attrs.type === 'error'
const idsOf = (messages: ReadonlyArray<Xml>): ReadonlyArray<string | undefined> => messages.map(it => it.attrs.id)
const messagesIn = (elements: ReadonlyArray<Xml>): ReadonlyArray<Xml> => elements.filter(it => it.name === 'message')

const thirdIsLeft = async (
  later: House,
  sender: XmppClient,
  [, second, third]: ReadonlyArray<XmppClient>,
): Promise<void> => {
  if (second === undefined || third === undefined) throw new Error('three sessions are needed')
  const returned = (await (await later.resumed(sender)).untilFence()).filter(isError)
  expect(idsOf(returned)).toEqual(['first 1', 'first 2', 'first 3', 'second 1', 'second 2', 'second 3'])
  expect(bodiesOf(messagesIn(await (await later.resumed(third)).untilFence()))).toEqual([
    'third 1',
    'third 2',
    'third 3',
  ])
  expect(at(await tryToResume(later, second), 'item-not-found')).toBeDefined()
}

const tryToResume = async (house: House, former: XmppClient, h = former.handled): Promise<Xml> => {
  const again = await house.returning(former)
  again.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${h}'/>`)
  return again.expect('failed')
}

describe.skipIf(skipped !== undefined)('between stop and start', () => {
  for (const [how, end] of [
    ['stopped', stop],
    ['killed', kill],
  ] as const)
    test(
      `${how}, fewer hibernating sessions: those beyond end as at any eviction, and senders are told`,
      play(async ({ serve }) => {
        const house = await serve()
        const sender = await house.managed(juliet)
        const sleeping = await threeAsleep(house, sender)
        await end(house)
        await thirdIsLeft(await serve({ limits: { hibernating_sessions_per_user: 1 } }), sender, sleeping)
      }),
      60_000,
    )

  test(
    'a shorter queue: the account is there, the resumption is refused while exceeded, and nothing is lost',
    play(async ({ serve }) => {
      const house = await serve({ config: { smacks_max_queue_size: 500 } })
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(40))
      await kill(house)
      const later = await serve({ config: { smacks_max_queue_size: 10 } })
      expect(at(await tryToResume(later, sleeping), 'resource-constraint')).toBeDefined()
      const anew = await later.bound(romeo)
      expect(bodiesOf(await comeBack(anew))).toEqual(numbers(40))
    }),
    60_000,
  )

  test(
    'a longer queue: what was beyond the old one is resumed',
    play(async ({ serve }) => {
      const house = await serve({ config: { smacks_max_queue_size: 10 } })
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(40))
      await kill(house)
      const later = await serve({ config: { smacks_max_queue_size: 500 } })
      expect(bodiesOf(messagesIn(await (await later.resumed(sleeping)).untilFence()))).toEqual(numbers(40))
    }),
    60_000,
  )

  test(
    'offline storage off and on: what is stored stays and is delivered, what cannot be stored is returned',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.managed(juliet)
      await sendTo(sender, romeo.jid, ['stored'])
      const short = await house.bound(romeo, 'short')
      await short.enable("resume='true' max='1'")
      short.reset()
      await sendTo(sender, short.jid, ['to a session'])
      await kill(house)
      const without = await serve({ config: { offline_storage: false } })
      const told = await without.resumed(sender)
      expect((await told.until(isError)).attrs.id).toBe('to a session')
      await sendTo(told, romeo.jid, [])
      told.message(romeo.jid, 'nobody is there')
      expect((await told.until(isError)).attrs.id).toBe('nobody is there')
      await stop(without)
      const later = await serve()
      expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual(['stored'])
    }),
    60_000,
  )

  test(
    'a shorter hibernation time: what a client was promised stays',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(3))
      await stop(house)
      const later = await serve({ config: { smacks_hibernation_time: 1 } })
      await moment(1_500)
      expect(bodiesOf(messagesIn(await (await later.resumed(sleeping)).untilFence()))).toEqual(numbers(3))
    }),
    60_000,
  )

  test(
    'a longer hibernation time: a session ends when it was to end, and what waits there is stored',
    play(async ({ serve }) => {
      const house = await serve({ config: { smacks_hibernation_time: 2 } })
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(3))
      await stop(house)
      const later = await serve({ config: { smacks_hibernation_time: 600 } })
      await moment(2_500)
      expect(at(await tryToResume(later, sleeping), 'item-not-found')).toBeDefined()
      expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual(numbers(3))
    }),
    60_000,
  )

  test(
    'another durability: disk goes on with what process left, and what memory cannot keep waits for it',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(2))
      await kill(house)
      const disk = await serve({ config: { durability: 'disk' } })
      const again = await disk.resumed(sender)
      await sendTo(again, sleeping.jid, numbers(2, 2))
      await stop(disk)
      const memory = await serve({ config: { durability: 'memory' } })
      await eventually(
        () => memory.server.output().includes('wait in the data folder'),
        () => memory.server.output(),
      )
      expect(at(await tryToResume(memory, sleeping), 'item-not-found')).toBeDefined()
      await stop(memory)
      const later = await serve()
      expect(bodiesOf(messagesIn(await (await later.resumed(sleeping)).untilFence()))).toEqual(numbers(4))
    }),
    90_000,
  )

  test(
    'a domain removed and added again: what waits for its people is stored until it is back',
    play(async ({ serve, folder }) => {
      const both = { domains: ['localhost', 'verona.example'] }
      const house = await serve({ config: both })
      writeFileSync(join(folder, 'more'), `${romeo.username}@verona.example ${romeo.password}\n`)
      await smacks(folder, 'user', 'import', join(folder, 'more'))
      const sender = await house.managed(juliet)
      const there = async (from: House): Promise<XmppClient> => {
        const client = await from.authenticated(romeo, { domain: 'verona.example' })
        await client.bind('desk')
        return client
      }
      const sleeping = await there(house)
      await sleeping.enable("resume='true' max='2'")
      sleeping.send('<presence/>')
      await sleeping.untilFence()
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(3))
      await kill(house)
      const without = await serve({ config: { domains: ['localhost'] } })
      await moment(2_500)
      const told = await without.resumed(sender)
      expect((await told.untilFence()).filter(isError)).toEqual([])
      await stop(without)
      const later = await serve({ config: both })
      expect(bodiesOf(await comeBack(await there(later)))).toEqual(numbers(3))
    }),
    60_000,
  )

  test(
    'an account removed and added again: what waited is returned, and whoever has the name now finds nothing',
    play(async ({ serve, folder }) => {
      const house = await serve()
      await house.befriend(romeo, juliet)
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(3))
      await stop(house)
      await smacks(folder, 'user', 'remove', romeo.jid)
      writeFileSync(join(folder, 'more'), `${romeo.jid} another secret\n`)
      await smacks(folder, 'user', 'import', join(folder, 'more'))
      const later = await serve()
      await isForgotten(later, await later.resumed(sender), sleeping, numbers(3))
    }),
    60_000,
  )

  test(
    'an account removed and added again while the server runs: the same',
    play(async ({ serve, folder }) => {
      const house = await serve()
      await house.befriend(romeo, juliet)
      const sender = await house.managed(juliet)
      const sleeping = await house.managed(romeo)
      sleeping.reset()
      await sendTo(sender, sleeping.jid, numbers(3))
      await smacks(folder, 'user', 'remove', romeo.jid)
      writeFileSync(join(folder, 'more'), `${romeo.jid} another secret\n`)
      await smacks(folder, 'user', 'import', join(folder, 'more'))
      await isForgotten(house, sender, sleeping, numbers(3))
    }),
    60_000,
  )
})

/** Romeo is somebody else now. */
const isForgotten = async (
  house: House,
  sender: XmppClient,
  former: XmppClient,
  ids: ReadonlyArray<string>,
): Promise<void> => {
  const returned: Array<Xml> = []
  while (returned.length < ids.length) returned.push(await sender.until(isError))
  expect(idsOf(returned)).toEqual(ids)
  const successor = await house.authenticated({ ...romeo, password: 'another secret' })
  successor.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='0'/>`)
  expect(at(await successor.expect('failed'), 'item-not-found')).toBeDefined()
  await successor.bind('desk')
  const roster = await successor.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
  expect(roster.children[0]?.children).toEqual([])
  expect(await comeBack(successor)).toEqual([])
}

describe.skipIf(skipped !== undefined)('smacks reload', () => {
  test(
    'has the same done, and answers with what changed, what waits, and what is wrong',
    play(async ({ serve, folder }) => {
      const house = await serve({ limits: { hibernating_sessions_per_user: 7 } })
      const file = join(folder, 'smacks.toml')
      const edit = (change: (toml: string) => string): void => writeFileSync(file, change(readFileSync(file, 'utf8')))
      const sender = await house.managed(juliet)
      const sleeping = await threeAsleep(house, sender)
      expect(await smacks(folder, 'reload')).toMatch(
        /^No option has changed that can change now.\nThe certificate in use has the SHA-256 fingerprint [0-9A-F:]+\.\n$/,
      )
      edit(toml => `smacks_max_queue_size = "many"\n${toml}`)
      await expect(smacks(folder, 'reload')).rejects.toThrow(/ended with 78:[\s\S]*smacks_max_queue_size: found "many"/)
      expect((await sender.untilFence()).filter(isError)).toEqual([])
      edit(toml =>
        toml
          .replace('smacks_max_queue_size = "many"', 'durability = "disk"')
          .replace('hibernating_sessions_per_user = 7', 'hibernating_sessions_per_user = 1'),
      )
      writeFileSync(join(folder, 'key.pem'), 'no key')
      await expect(smacks(folder, 'reload')).rejects.toThrow(
        /ended with 78:\nChanged: \[limits\] hibernating_sessions_per_user\.\nChanged in the file, and in force from the next start on: durability\.\nThe certificate stays the old one: .*key\.pem/,
      )
      sender.reset()
      await thirdIsLeft(house, sender, sleeping)
    }),
    60_000,
  )
})

describe.skipIf(skipped !== undefined)('on SIGHUP', () => {
  const hangUp = async (house: House, folder: string, edit: (toml: string) => string, said: string): Promise<void> => {
    const file = join(folder, 'smacks.toml')
    writeFileSync(file, edit(readFileSync(file, 'utf8')))
    process.kill(house.server.pid, 'SIGHUP')
    await eventually(
      () => house.server.output().includes(said),
      () => house.server.output(),
    )
  }

  test(
    'options change for those who are there, what cannot change is named, and a file with a fault changes nothing',
    play(async ({ serve, folder }) => {
      const house = await serve({ config: { log_level: 'info' }, limits: { hibernating_sessions_per_user: 7 } })
      const sender = await house.managed(juliet)
      const sleeping = await threeAsleep(house, sender)
      await hangUp(house, folder, toml => `smacks_max_queue_size = "many"\n${toml}`, 'the configuration cannot be used')
      expect((await sender.untilFence()).filter(isError)).toEqual([])
      await hangUp(
        house,
        folder,
        toml =>
          toml
            .replace('smacks_max_queue_size = "many"', 'durability = "disk"')
            .replace('hibernating_sessions_per_user = 7', 'hibernating_sessions_per_user = 1'),
        'they wait for the next start of the server',
      )
      expect(house.server.output()).toMatch(/"changed":\["\[limits\] hibernating_sessions_per_user"\]/)
      expect(house.server.output()).toMatch(/"options":\["durability"\]/)
      sender.reset()
      await thirdIsLeft(house, sender, sleeping)
    }),
    60_000,
  )
})
