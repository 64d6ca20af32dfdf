/** More unacked stanzas than `smacks_max_queue_size`: nothing is dropped, but nothing is resumed until it is less. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import type { RunningServer } from '../support/server.js'
import { missing, startTarget, target } from '../support/targets.js'
import { at } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, moment, numbers } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const queueSize = 10

describe.skipIf(skipped !== undefined).concurrent('above smacks_max_queue_size', () => {
  const users = [...makeUsers(10)]
  let server: RunningServer
  beforeAll(async () => {
    server = await startTarget({ users, maxQueueSize: queueSize, hibernationTime: 600 })
  })
  afterAll(() => server?.stop())

  interface Scene {
    readonly house: House
    readonly receiver: XmppClient
    readonly who: Person
    readonly sender: XmppClient
  }

  /** Somebody who acked all so far, and somebody who writes to them. */
  const scene = (show: (scene: Scene) => Promise<void>, attributes?: string) => async (): Promise<void> => {
    const house = openHouse(server, () => {
      const user = users.pop()
      if (user === undefined) throw new Error('more people are needed')
      return user
    })
    try {
      const who = house.person()
      const receiver = await house.managed(who, 'desk', attributes)
      receiver.ack()
      await show({ house, receiver, who, sender: await house.online(house.person()) })
    } finally {
      house.leave()
    }
  }

  const say = async (sender: XmppClient, to: string, bodies: ReadonlyArray<string>): Promise<void> => {
    for (const body of bodies) sender.message(to, body)
    await sender.expectNothing()
  }

  const take = async (client: XmppClient, count: number): Promise<ReadonlyArray<string | undefined>> =>
    bodiesOf(await client.expectMany('message', count))

  const refused = async (house: House, former: XmppClient, h: number): Promise<XmppClient> => {
    const line = await house.returning(former)
    line.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${h}'/>`)
    const failed = await line.expect('failed')
    expect(at(failed, 'resource-constraint')).toBeDefined()
    // So the client need not say again in another session what arrived in this one.
    expect(failed.attrs.h).toBe(String(former.sent))
    return line
  }

  test(
    'the live stream goes on',
    scene(async ({ receiver, sender }) => {
      await say(sender, receiver.jid, numbers(200))
      expect(await take(receiver, 200)).toEqual(numbers(200))
      receiver.ack()
      await say(sender, receiver.jid, ['more'])
      expect(await take(receiver, 1)).toEqual(['more'])
    }),
  )

  test(
    'a session is not resumed, and is resumed all the same once h says that enough arrived',
    scene(async ({ house, receiver, sender }) => {
      await say(sender, receiver.jid, numbers(30))
      const before = receiver.handled
      expect(await take(receiver, 30)).toEqual(numbers(30))
      receiver.reset()
      const line = await refused(house, receiver, before)
      const again = await refused(house, receiver, before + 30 - queueSize - 1)
      again.destroy()
      // The line that was refused is still good for it.
      const resumed = await line.resume(receiver, before + 30 - queueSize)
      expect(resumed.attrs.h).toBe(String(receiver.sent))
      expect(await take(line, queueSize)).toEqual(numbers(queueSize, 30 - queueSize))
      await line.expectNothing()
    }),
  )

  test(
    'it is the same for what came while the session hibernated, and whoever is refused may bind',
    scene(async ({ house, receiver, who, sender }) => {
      receiver.reset()
      await say(sender, receiver.jid, numbers(queueSize))
      const line = await house.resumed(receiver)
      expect(await take(line, queueSize)).toEqual(numbers(queueSize))
      line.reset()
      await say(sender, receiver.jid, ['one more'])
      const refusedLine = await refused(house, receiver, receiver.handled)
      await refusedLine.bind('desk')
      expect(bodiesOf(await comeBack(refusedLine))).toEqual([...numbers(queueSize), 'one more'])
      await refusedLine.close()
      expect(await comeBack(await house.bound(who))).toEqual([])
      await sender.expectNothing()
    }),
  )

  test(
    'at the end of hibernation every message is in storage, once, and in order',
    scene(async ({ house, receiver, who, sender }) => {
      await say(sender, receiver.jid, numbers(50))
      receiver.reset()
      await say(sender, receiver.jid, numbers(50, 50))
      const refusedLine = await refused(house, receiver, receiver.handled)
      refusedLine.destroy()
      await moment(1_500)
      await sender.expectNothing()
      const later = await house.bound(who)
      expect(bodiesOf(await comeBack(later))).toEqual(numbers(100))
      await later.close()
      expect(await comeBack(await house.bound(who))).toEqual([])
    }, "resume='true' max='1'"),
  )
})
