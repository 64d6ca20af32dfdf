/** Many at once: three hundred sessions that are resumed, a hundred that time out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeUsers, openHouse, type Person } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import type { RunningServer } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, moment, numbers, startOn } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
/** Resumable sessions that one account may have. */
const each = 10

describe.skipIf(skipped !== undefined)('a storm', () => {
  const users = makeUsers(131)
  const everybody: ReadonlyArray<Person> = users.map(user => ({ ...user, jid: `${user.username}@localhost` }))
  const [romeo, ...others] = everybody as [Person, ...Person[]]
  // Sessions of the first test still hibernate in the second, so these are other people.
  const [resuming, expiring] = [others.slice(0, 300 / each), others.slice(300 / each)]
  const folder = temporaryFolder('storm')
  let server: RunningServer
  beforeAll(async () => {
    server = await startOn({ folder: folder.path, users })
  })
  afterAll(async () => {
    await server?.terminate()
    folder.remove()
  })

  /** Does it for all, twenty at a time, as the machine allows. */
  const forAll = async <A, B>(all: ReadonlyArray<A>, act: (one: A) => Promise<B>): Promise<ReadonlyArray<B>> => {
    const done: Array<B> = []
    for (let next = 0; next < all.length; next += 20)
      done.push(...(await Promise.all(all.slice(next, next + 20).map(act))))
    return done
  }

  const enter = () =>
    openHouse(server, () => {
      throw new Error('the people of a storm have names')
    })

  test('three hundred sessions are resumed at once, each with what waited for it', async () => {
    const house = enter()
    try {
      const sender = await house.online(romeo)
      const seats = resuming.flatMap(who => numbers(each).map(seat => ({ who, seat })))
      const former = await forAll(seats, ({ who, seat }) => house.managed(who, `seat-${seat}`))
      // Those of one account saw each other come; from here on nothing but messages is new.
      await forAll(former, client => client.untilFence())
      for (const client of former) client.ack()
      await forAll(former, client => client.untilFence())
      for (const client of former) client.reset()
      for (const body of ['1', '2']) for (const { jid } of former) sender.message(jid, body)
      await sender.untilFence()

      const lines = await forAll(former, client => house.returning(client))
      const bodies = await Promise.all(
        lines.map(async (line, n) => {
          const old = former[n] as XmppClient
          const resumed = await line.resume(old)
          expect(resumed.attrs.h).toBe(String(old.sent))
          const before = await line.untilFence()
          return bodiesOf(before.filter(it => it.name === 'message'))
        }),
      )
      expect(bodies).toHaveLength(300)
      for (const one of bodies) expect(one).toEqual(['1', '2'])
      await sender.expectNothing()
    } finally {
      house.leave()
    }
  }, 60_000)

  test('a hundred sessions time out at once, and all their messages are stored', async () => {
    const house = enter()
    try {
      const sender = await house.online(romeo)
      const former = await forAll(expiring, who => house.managed(who, 'desk', "resume='true' max='1'"))
      for (const client of former) client.reset()
      for (const body of ['1', '2', '3']) for (const { jid } of former) sender.message(jid, body)
      await sender.untilFence()
      await moment(1_500)
      const bodies = await forAll(expiring, async who => bodiesOf(await comeBack(await house.bound(who))))
      expect(bodies).toHaveLength(100)
      for (const one of bodies) expect(one).toEqual(['1', '2', '3'])
      await sender.expectNothing()
    } finally {
      house.leave()
    }
  }, 60_000)
})
