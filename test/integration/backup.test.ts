/** A backup that is made under load, and servers that start on it: what was acked before it began is there, once, in order. */
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import { missing, target } from '../support/targets.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, killAtOnce, numbers, smacks, stages, startOn } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(3)
const [romeo, juliet, nurse] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]

const { play, strike } = stages(users)
afterAll(strike)

/** A session can be resumed however much waits for it. */
const roomy = { smacks_max_queue_size: 100_000 }

/** Starts a server on the backup, in a folder of its own; it ends with `use`. */
const restored = async (backup: string, use: (house: House) => Promise<void>): Promise<void> => {
  const { path, remove } = temporaryFolder('restored')
  renameSync(backup, join(path, 'data'))
  const server = await startOn({ folder: path, config: roomy })
  const house = openHouse(server, () => {
    throw new Error('the people have names')
  })
  try {
    await use(house)
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/)
  } finally {
    house.leave()
    await server.terminate()
    remove()
  }
}

/** Writes to somebody, ten messages after the other, each ten acked before the next, until it is told to end. */
const flow = (sender: XmppClient, to: string) => {
  let [isOver, acked] = [false, 0]
  let tell = (): void => {}
  const reached = new Promise<void>(resolve => {
    tell = resolve
  })
  const run = async (): Promise<void> => {
    while (!isOver) {
      for (const body of numbers(10, acked)) sender.message(to, body)
      await sender.untilFence()
      expect(await sender.acked()).toBe(sender.sent)
      acked += 10
      if (acked >= 100) tell()
    }
  }
  const ended = run()
  return {
    acked: () => acked,
    /** It flows, or has failed. */
    flows: Promise.race([reached, ended]),
    end: async (): Promise<number> => {
      isOver = true
      await ended
      return acked
    },
  }
}

/** Whole numbers from 0 on, at least as many as were acked before, at most as many as were ever sent. */
const isPrefix = (bodies: ReadonlyArray<string | undefined>, before: number, sent: number): void => {
  expect(bodies).toEqual(numbers(bodies.length))
  expect(bodies.length).toBeGreaterThanOrEqual(before)
  expect(bodies.length).toBeLessThanOrEqual(sent)
}

describe.skipIf(skipped !== undefined)('smacks backup', () => {
  for (const durability of ['process', 'disk'])
    test(
      `has all that was acked before it began, while messages flow, durability ${durability}`,
      play(async ({ serve, folder }) => {
        const house = await serve({ config: { durability, ...roomy } })
        await house.befriend(romeo, juliet)
        const sleeping = await house.managed(romeo, 'orchard')
        sleeping.ack()
        await sleeping.acked()
        sleeping.reset()
        const senders = [await house.managed(juliet, 'one'), await house.managed(juliet, 'two')] as const
        for (const sender of senders) await sender.untilFence()
        const flows = [flow(senders[0], sleeping.jid), flow(senders[1], nurse.jid)]
        await Promise.all(flows.map(each => each.flows))
        const backup = join(folder, 'backup')
        const before = flows.map(({ acked }) => acked())
        expect(await smacks(folder, 'backup', backup)).toContain('3 accounts')
        const sent = await Promise.all(flows.map(({ end }) => end()))
        const [[toRomeo = 0, toNurse = 0], [sentRomeo = 0, sentNurse = 0]] = [before, sent]
        expect(sentRomeo).toBeGreaterThan(toRomeo)
        await restored(backup, async again => {
          const back = await again.returning(sleeping)
          await back.resume(sleeping)
          isPrefix(bodiesOf((await back.untilFence()).filter(it => it.name === 'message')), toRomeo, sentRomeo)
          const roster = await back.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
          expect(roster.children[0]?.children.map(({ attrs }) => attrs.jid)).toEqual([juliet.jid])
          const offline = await again.authenticated(nurse)
          await offline.bind('desk')
          isPrefix(bodiesOf(await comeBack(offline)), toNurse, sentNurse)
        })
        // The server from which it is has all of it.
        const back = await house.returning(sleeping)
        await back.resume(sleeping)
        expect(bodiesOf((await back.untilFence()).filter(it => it.name === 'message'))).toEqual(numbers(sentRomeo))
      }),
      120_000,
    )

  test(
    'is whole, whatever becomes of the server meanwhile',
    play(async ({ serve, folder }) => {
      const house = await serve()
      const sleeping = await house.managed(romeo, 'orchard')
      sleeping.reset()
      const sender = await house.managed(juliet)
      for (const body of numbers(500)) sender.message(sleeping.jid, body)
      await sender.untilFence()
      expect(await sender.acked()).toBe(sender.sent)
      const made = smacks(folder, 'backup', join(folder, 'backup'))
      await new Promise(resolve => setTimeout(resolve, 900))
      await killAtOnce(house.server)
      await serve()
      await made
      expect(readdirSync(folder).filter(name => name.includes('unfinished'))).toEqual([])
      await restored(join(folder, 'backup'), async again => {
        const back = await again.returning(sleeping)
        await back.resume(sleeping)
        expect(bodiesOf((await back.untilFence()).filter(it => it.name === 'message'))).toEqual(numbers(500))
      })
    }),
    120_000,
  )
})
