/**
 * Stops, crashes and starts on the same data: what was acked is there afterwards, once, in order, with the time it
 * was sent.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { at, child, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, eventually, giveSpace, killAtOnce, moment, numbers, smacks, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(4)
const [romeo, juliet, friar, nurse] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
  Person,
]

const { play, strike } = stages(users)
afterAll(strike)

/** What comes of trying to resume the session of a former life. */
const tryToResume = async (house: House, former: XmppClient): Promise<Xml> => {
  const again = await house.returning(former)
  again.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${former.handled}'/>`)
  const failed = await again.expect('failed')
  await again.bind()
  again.destroy()
  return failed
}

describe.skipIf(skipped !== undefined).concurrent('after a SIGTERM', () => {
  test(
    'a client that can resume is told its last count, and sees its line end with the stream unfinished',
    play(async ({ serve }) => {
      const house = await serve()
      const { server } = house
      const receiver = await house.managed(romeo, 'desk')
      const sender = await house.managed(juliet, 'desk')
      sender.message(receiver.jid, 'read')
      await receiver.until('message')
      const stopped = server.terminate()
      expect(await receiver.expectDropped()).toBe(receiver.sent)
      expect(await sender.expectDropped()).toBe(sender.sent)
      expect(await stopped).toBe(0)
    }),
  )

  test(
    'a client that cannot is told system-shutdown, and its stream is closed',
    play(async ({ serve }) => {
      const { server, ...house } = await serve()
      const counting = await house.managed(romeo, 'desk', '')
      const bare = await house.online(juliet)
      const stopped = server.terminate()
      expect(Number((await counting.until('a')).attrs.h)).toBe(counting.sent)
      await counting.expectStreamError('system-shutdown')
      await bare.expectStreamError('system-shutdown')
      expect(await stopped).toBe(0)
    }),
  )

  test(
    'whoever negotiates sees no more than the end of the line, since it may be about to resume',
    play(async ({ serve }) => {
      const house = await serve()
      const client = await house.managed(romeo, 'desk')
      client.reset()
      const line = await house.returning(client)
      const stopped = house.server.terminate()
      expect(await line.expectLost()).toEqual([])
      expect(await stopped).toBe(0)
      const later = await serve()
      await (await later.resumed(client)).expectNothing()
    }),
  )

  test(
    'a client that comes back at once, into the middle of the stop, loses nothing',
    play(async ({ serve }) => {
      const house = await serve({ config: { durability: 'disk' } })
      const { server } = house
      const sender = await house.online(juliet)
      const hibernating = await house.managed(romeo, 'desk')
      hibernating.reset()
      for (const body of numbers(200)) sender.message(hibernating.jid, body)
      await sender.untilFence()
      // Authenticated before the stop, they bind while it goes on.
      const lines = await Promise.all(Array.from({ length: 5 }, () => house.authenticated(romeo)))
      const stopped = server.terminate()
      await sender.until('error')
      for (const line of lines)
        line.sendRaw(
          "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>" +
            `<enable xmlns='${nsSm3}' resume='true'/><presence/>`,
        )
      expect(await stopped).toBe(0)
      const later = await serve()
      const again = await later.resumed(hibernating)
      expect(bodiesOf(await again.untilFence())).toEqual(numbers(200))
    }),
  )

  test(
    'so many counts of old sessions are kept as configured, the newest',
    play(async ({ serve }) => {
      const config = { smacks_hibernation_time: 1, smacks_max_old_sessions: 2 }
      const house = await serve({ config })
      const { server } = house
      const sessions: Array<XmppClient> = []
      for (const resource of ['first', 'second', 'third']) {
        const client = await house.managed(romeo, resource)
        client.reset()
        await moment(50)
        sessions.push(client)
      }
      await moment(1_500)
      expect(await server.terminate()).toBe(0)
      const later = await serve({ config })
      const kept: Array<string | undefined> = []
      for (const session of sessions) kept.push((await tryToResume(later, session)).attrs.h)
      expect(kept).toEqual([undefined, ...sessions.slice(1).map(({ sent }) => String(sent))])
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('of a server that keeps all in memory', () => {
  test(
    'nothing is there after a SIGTERM, as it said',
    play(async ({ serve }) => {
      const house = await serve({ config: { durability: 'memory' } })
      const lost = await house.managed(romeo, 'desk')
      expect(await house.server.terminate()).toBe(0)
      const later = await serve({ config: { durability: 'memory' } })
      expect(at(await tryToResume(later, lost), 'item-not-found')).toBeDefined()
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent.each(['process', 'disk'])(
  'after a kill -9, with durability %s',
  durability => {
    const config = { durability, smacks_hibernation_time: 1 }

    test(
      'every message in storage is there, and the counts of old sessions',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const { server } = house
        const expired = await house.managed(friar, 'cell')
        expired.reset()
        const sender = await house.managed(juliet, 'desk')
        for (const body of numbers(20)) sender.message(expired.jid, body)
        for (const body of numbers(100)) sender.message(romeo.jid, body)
        expect(await sender.acked()).toBe(sender.sent)
        await moment(1_500)
        await sender.untilFence()
        await killAtOnce(server)

        const later = await serve({ config })
        const failed = await tryToResume(later, expired)
        expect(failed.attrs.h).toBe(String(expired.sent))
        expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual(numbers(100))
        expect(bodiesOf(await comeBack(await later.bound(friar)))).toEqual(numbers(20))
      }),
    )

    test(
      'in the middle of a stream of messages, all that was acked is there, once, and in order',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const { server } = house
        const sender = await house.managed(juliet, 'desk')
        const before = sender.sent
        for (const body of numbers(400)) {
          sender.message(nurse.jid, body)
          sender.send(`<r xmlns='${nsSm3}'/>`)
        }
        let acked = before
        while (acked - before < 50) acked = Number((await sender.until('a')).attrs.h)
        await killAtOnce(server)
        for (const item of await sender.expectLost())
          if (item.kind === 'element' && item.element.name === 'a') acked = Number(item.element.attrs.h)

        const later = await serve({ config })
        const bodies = bodiesOf(await comeBack(await later.bound(nurse)))
        expect(bodies).toEqual(numbers(bodies.length))
        expect(bodies.length).toBeGreaterThanOrEqual(acked - before)
      }),
    )
  },
)

describe.skipIf(skipped !== undefined).concurrent('a server that runs', () => {
  test(
    'lets an account in at once that is added beside it',
    play(async ({ folder, serve }) => {
      const house = await serve()
      await smacks(folder, 'user', 'add', 'paris@localhost', 'county')
      const paris = await house.online({ username: 'paris', password: 'county', jid: 'paris@localhost' })
      const sender = await house.online(juliet)
      sender.message('paris@localhost', 'good morrow')
      expect(bodiesOf([await paris.expect('message')])).toEqual(['good morrow'])
    }),
  )

  test.skipIf(process.platform !== 'linux')(
    'takes nothing in when the disk is full, says so, and goes on when there is space: nothing is lost',
    play(async ({ serve }) => {
      const limits = { offline_bytes_per_sender: '64 MiB', offline_bytes_per_user: '64 MiB' }
      const house = await serve({ fileKilobytes: 1_500, config: { log_level: 'info' }, limits })
      const { server } = house
      const sender = await house.managed(juliet, 'desk')
      const receiver = await house.managed(romeo, 'desk')
      const before = sender.sent
      const body = 'x'.repeat(10_000)
      for (let n = 0; n < 400; n += 1) sender.message(nurse.jid, `${n} ${body}`)
      sender.send(`<r xmlns='${nsSm3}'/>`)
      await eventually(
        () => server.output().includes('the journal cannot be written'),
        () => server.output(),
      )
      await moment(1_500)
      expect(server.output()).not.toContain('the journal can be written again')
      await giveSpace(server)
      await eventually(
        () => server.output().includes('the journal can be written again'),
        () => server.output(),
      )
      expect(Number((await sender.until('a')).attrs.h)).toBe(before + 400)
      sender.message(receiver.jid, 'and on')
      expect(bodiesOf([await receiver.until('message')])).toEqual(['and on'])
      const stored: Array<string | undefined> = []
      const reader = await house.bound(nurse)
      reader.send('<presence/>')
      while (stored.length < 400) stored.push(child(await reader.until('message'), 'body')?.text.split(' ')[0])
      expect(stored).toEqual(numbers(400))
      expect(await server.terminate()).toBe(0)
    }),
    60_000,
  )

  test(
    'that is stopped while the disk is full fails, and acked nothing that is not stored',
    play(async ({ serve }) => {
      const limits = { offline_bytes_per_sender: '64 MiB', offline_bytes_per_user: '64 MiB' }
      const house = await serve({ fileKilobytes: 1_500, limits })
      const { server } = house
      const sender = await house.managed(juliet, 'desk')
      const before = sender.sent
      const body = 'x'.repeat(10_000)
      for (let n = 0; n < 400; n += 1) {
        sender.message(nurse.jid, `${n} ${body}`)
        sender.send(`<r xmlns='${nsSm3}'/>`)
      }
      await eventually(
        () => server.output().includes('the journal cannot be written'),
        () => server.output(),
      )
      expect(await server.terminate()).toBe(1)
      let acked = before
      for (const item of await sender.expectLost())
        if (item.kind === 'element' && item.element.name === 'a') acked = Number(item.element.attrs.h)
      expect(acked - before).toBeLessThan(400)

      const later = await serve()
      const stored = (await comeBack(await later.bound(nurse))).map(it => child(it, 'body')?.text.split(' ')[0])
      expect(stored).toEqual(numbers(stored.length))
      expect(stored.length).toBeGreaterThanOrEqual(acked - before)
    }),
    60_000,
  )
})
