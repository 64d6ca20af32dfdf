/**
 * Sessions outlive the process: whether it was killed or stopped, its clients resume as if only their lines had dropped,
 * and nobody else sees that anything happened.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { startLineProxy } from '../support/line-proxy.js'
import type { RunningServer } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { at, bodyOf, child, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, eventually, killAtOnce, moment, numbers, smacks, stages } from './ground.js'
import { slixmppPython, startSlixmpp } from './slixmpp.js'
import { startXmppJs } from './xmpp-js.js'

// The certificate of the test signs itself; slixmpp verifies it, @xmpp/client has no option to.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(3)
const [romeo, juliet, nurse] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]

const { play, strike } = stages(users)
afterAll(strike)

const stop = async (server: RunningServer): Promise<void> => expect(await server.terminate()).toBe(0)

const endings: ReadonlyArray<readonly [string, string, (server: RunningServer) => Promise<void>]> = [
  ['a kill -9', 'process', killAtOnce],
  ['a kill -9', 'disk', killAtOnce],
  ['a SIGTERM', 'process', stop],
  ['a SIGTERM', 'disk', stop],
]

const presences = (seen: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  seen.filter(it => it.name === 'presence').map(it => `${it.attrs.from} ${it.attrs.type ?? 'available'}`)

const failedResumption = async (house: House, former: XmppClient): Promise<Xml> => {
  const again = await house.returning(former)
  again.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${former.handled}'/>`)
  const failed = await again.expect('failed')
  again.destroy()
  return failed
}

describe.skipIf(skipped !== undefined).concurrent.each(endings)(
  'after %s, with durability %s',
  (_, durability, end) => {
    const config = { durability }

    test(
      'connected sessions resume with their SM-IDs and counts, and what was not acked comes again, once, in order',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const receiver = await house.managed(romeo)
        const sender = await house.managed(juliet)
        const began = Date.now()
        for (const body of numbers(5)) sender.message(receiver.jid, body)
        for (const body of numbers(2)) expect(bodyOf(await receiver.expect('message'))).toBe(body)
        receiver.ack()
        const { handled } = receiver
        for (const body of numbers(3, 2)) expect(bodyOf(await receiver.expect('message'))).toBe(body)
        await sender.untilFence()
        await end(house.server)

        const later = await serve({ config })
        const sent = receiver.sent
        const again = await later.returning(receiver)
        const resumed = await again.resume(receiver, handled)
        expect(resumed.attrs).toMatchObject({ previd: receiver.smId, h: String(sent) })
        const messages = await again.expectMany('message', 3)
        expect(bodiesOf(messages)).toEqual(numbers(3, 2))
        for (const message of messages) {
          const stamp = Date.parse(child(message, 'delay', 'urn:xmpp:delay')?.attrs.stamp ?? '')
          expect(stamp).toBeGreaterThanOrEqual(began)
          expect(stamp).toBeLessThanOrEqual(Date.now())
        }
        const senderAgain = await later.resumed(sender)
        senderAgain.message(again.jid, 'and on')
        expect(bodyOf(await again.expect('message'))).toBe('and on')
        again.ack()
        await again.expectNothing()
        await senderAgain.expectNothing()
      }),
    )

    test(
      'contacts see no coming and going, and what a session asked for goes on',
      play(async ({ serve }) => {
        const house = await serve({ config })
        await house.befriend(romeo, juliet)
        const watcher = await house.managed(romeo)
        const stranger = await house.managed(nurse)
        const watched = await house.bound(juliet)
        await watched.enable()
        await watched.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
        await watched.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        watched.send('<presence><priority>5</priority><status>here</status></presence>')
        watched.send(`<presence to='${stranger.jid}'/>`)
        await watched.untilFence()
        expect(presences(await watcher.untilFence())).toEqual([`${watched.jid} available`])
        expect(presences(await stranger.untilFence())).toEqual([`${watched.jid} available`])
        for (const client of [watcher, stranger, watched]) client.ack()
        for (const client of [watcher, stranger, watched]) await client.untilFence()
        await end(house.server)

        const later = await serve({ config })
        const [watcherAgain, strangerAgain, watchedAgain] = [
          await later.resumed(watcher),
          await later.resumed(stranger),
          await later.resumed(watched),
        ]
        for (const client of [watcherAgain, strangerAgain, watchedAgain])
          expect(presences(await client.untilFence())).toEqual([])

        // The roster and its pushes.
        const phone = await later.online(juliet, 'phone')
        phone.send(`<iq type='set' id='i'><query xmlns='jabber:iq:roster'><item jid='tybalt@localhost'/></query></iq>`)
        const push = await watchedAgain.until('iq')
        expect(at(push, 'query', 'item')?.attrs.jid).toBe('tybalt@localhost')
        // The priority: the other session has less.
        watcherAgain.message(juliet.jid, 'to the bare JID')
        expect(bodyOf(await watchedAgain.until('message'))).toBe('to the bare JID')
        // Carbons.
        phone.message(watcherAgain.jid, 'from the phone')
        expect(at(await watchedAgain.until('message'), 'sent')).toBeDefined()
        // A newcomer is told of it as before.
        const newcomer = await later.bound(romeo, 'newcomer')
        newcomer.send('<presence/>')
        const told = (await newcomer.untilFence()).find(it => it.attrs.from === watched.jid)
        expect(told && child(told, 'status')?.text).toBe('here')
        // Directed presence ends with the session.
        await watchedAgain.close()
        expect(presences(await strangerAgain.untilFence())).toEqual([`${watched.jid} unavailable`])
      }),
    )

    test(
      'a session that its client does not come back to has its whole time from the restart on, and then ends',
      play(async ({ serve }) => {
        const short = { ...config, smacks_hibernation_time: 2 }
        const house = await serve({ config: short })
        await house.befriend(romeo, juliet)
        const lost = await house.managed(romeo)
        const kept = await house.managed(nurse)
        const sender = await house.online(juliet, 'sender')
        lost.reset()
        for (const body of numbers(3)) sender.message(lost.jid, body)
        await sender.untilFence()
        await end(house.server)
        // Longer than they may hibernate: the time that nobody could resume in does not count.
        await moment(2_500)

        const later = await serve({ config: short })
        await later.resumed(kept)
        const watcher = await later.online(juliet, 'watcher')
        const gone = await watcher.until('presence')
        expect(presences([gone])).toEqual([`${lost.jid} unavailable`])
        expect((await failedResumption(later, lost)).attrs.h).toBe(String(lost.sent))
        expect(bodiesOf(await comeBack(await later.bound(romeo, 'elsewhere')))).toEqual(numbers(3))
      }),
    )

    test(
      'a session that cannot be resumed is over, and its contacts are told',
      play(async ({ serve }) => {
        const house = await serve({ config })
        await house.befriend(romeo, juliet)
        const watcher = await house.managed(juliet)
        const plain = await house.online(romeo)
        expect(presences(await watcher.untilFence())).toEqual([`${plain.jid} available`])
        await end(house.server)
        const later = await serve({ config })
        const again = await later.resumed(watcher)
        expect(presences(await again.untilFence())).toEqual([`${plain.jid} unavailable`])
      }),
    )

    test(
      'the delivery of what waited in storage goes on where it stood',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const sender = await house.online(juliet)
        for (const body of numbers(600)) sender.message(romeo.jid, `${body} ${'x'.repeat(2_000)}`)
        await sender.untilFence()
        const receiver = await house.bound(romeo)
        await receiver.enable()
        receiver.send('<presence/>')
        const first: Array<Xml> = []
        while (first.length < 50) first.push(await receiver.until('message'))
        receiver.ack()
        const { handled } = receiver
        await end(house.server)

        const later = await serve({ config })
        const again = await later.resumed(receiver, handled)
        const rest: Array<Xml> = []
        while (rest.length < 550) {
          rest.push(await again.until('message'))
          again.ack()
        }
        expect([...first, ...rest].map(it => bodyOf(it)?.split(' ')[0])).toEqual(numbers(600))
        await again.expectNothing()
      }),
    )

    test(
      'the roster is as the client was last told',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const client = await house.bound(romeo)
        for (const contact of ['tybalt', 'benvolio'])
          await client.ask(
            `<iq type='set' id='${contact}'><query xmlns='jabber:iq:roster'><item jid='${contact}@localhost' name='${contact}'/></query></iq>`,
          )
        await client.ask(
          "<iq type='set' id='drop'><query xmlns='jabber:iq:roster'><item jid='tybalt@localhost' subscription='remove'/></query></iq>",
        )
        await end(house.server)
        const later = await (await serve({ config })).bound(romeo)
        const roster = await later.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
        expect(at(roster, 'query')?.children.map(it => it.attrs)).toMatchObject([
          { jid: 'benvolio@localhost', name: 'benvolio' },
        ])
      }),
    )

    test(
      'the sessions of an account that was removed meanwhile are gone, also if it is added again',
      play(async ({ folder, serve }) => {
        const house = await serve({ config })
        const lost = await house.managed(romeo)
        await end(house.server)
        await smacks(folder, 'user', 'remove', romeo.jid)
        const between = await serve({ config })
        await end(between.server)
        await smacks(folder, 'user', 'add', romeo.jid, romeo.password)
        const later = await serve({ config })
        expect(at(await failedResumption(later, lost), 'item-not-found')).toBeDefined()
      }),
      60_000,
    )

    test(
      '@xmpp/client resumes by itself and loses nothing',
      play(async ({ serve }) => {
        const house = await serve({ config })
        const address = { port: house.server.port }
        const proxy = await startLineProxy(address)
        const peer = await startXmppJs({ ...romeo, domain: 'localhost', port: proxy.port })
        try {
          const sender = await house.managed(juliet)
          for (const body of numbers(20)) sender.message(peer.jid, body)
          await sender.untilFence()
          await end(house.server)
          const later = await serve({ config })
          address.port = later.server.port
          const again = await later.resumed(sender)
          for (const body of numbers(20, 20)) again.message(peer.jid, body)
          await eventually(
            () => peer.bodies.length >= 40,
            () => `${peer.bodies.length} of 40`,
          )
          expect(peer.bodies).toEqual(numbers(40))
          expect(peer.resumptions()).toBe(1)
        } finally {
          await peer.stop()
          await proxy.stop()
        }
      }),
      60_000,
    )

    const python = slixmppPython()
    test.skipIf(python === undefined)(
      `slixmpp resumes and loses nothing${python === undefined ? ' (not installed)' : ''}`,
      play(async ({ folder, serve }) => {
        const house = await serve({ config })
        const certificate = join(folder, 'trusted.pem')
        writeFileSync(certificate, house.server.certificate)
        const address = { port: house.server.port }
        const proxy = await startLineProxy(address)
        const jid = `${romeo.jid}/slix`
        const peer = startSlixmpp({
          python: python ?? '',
          jid,
          password: romeo.password,
          port: proxy.port,
          certificate,
        })
        try {
          await peer.until(events => events.some(it => it.event === 'enabled'), 'stream management')
          await peer.until(events => events.some(it => it.event === 'started'), 'session')
          const sender = await house.managed(juliet)
          for (const body of numbers(20)) sender.message(jid, body)
          await sender.untilFence()
          await end(house.server)
          const later = await serve({ config })
          address.port = later.server.port
          const again = await later.resumed(sender)
          for (const body of numbers(20, 20)) again.message(jid, body)
          await eventually(
            () => peer.bodies().length >= 40,
            () => `${peer.bodies().length} of 40: ${JSON.stringify(peer.events)}`,
          )
          expect(peer.bodies()).toEqual(numbers(40))
          expect(peer.events.filter(it => it.event === 'resumed')).toHaveLength(1)
        } finally {
          await peer.stop()
          await proxy.stop()
        }
      }),
      60_000,
    )
  },
)
