/**
 * One message, one fate: what any device of a user has is neither returned nor stored again when another device's session
 * is over; what none has is stored or returned once. The same across a crash. And who asked gets one answer.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import { type RunningServer, run } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { bodyOf, child } from '../support/xml.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, killAtOnce, moment, type Stage, smacks, stages, startOn } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')

const config = { smacks_hibernation_time: 4 }
/** Until what hibernates is over. */
const expiry = (): Promise<void> => moment(6_000)

// Those that crash have a server of their own, all others share one.
const pair = makeUsers(2)
const { play, strike } = stages(pair)
const crowd = makeUsers(40)
const ground = temporaryFolder('fates')
let shared: Promise<RunningServer> | undefined
let met = 0
afterAll(async () => {
  await (await shared)?.terminate()
  ground.remove()
  strike()
})

/** Two people on a server. */
interface Scene {
  readonly house: House
  readonly romeo: Person
  readonly juliet: Person
}

const scene = (show: (scene: Scene) => Promise<void>) => async (): Promise<void> => {
  shared ??= startOn({ folder: ground.path, users: crowd, config })
  const house = openHouse(await shared, () => {
    met += 1
    return crowd[met - 1] ?? { username: 'nobody', password: '' }
  })
  try {
    await show({ house, romeo: house.person(), juliet: house.person() })
  } finally {
    house.leave()
  }
}

/** The same on a server of their own, which can be killed and started again. */
const crash = (show: (scene: Scene, serve: () => Promise<House>) => Promise<void>) =>
  play(async (stage: Stage) => {
    const serve = () => stage.serve({ config })
    const [romeo, juliet] = pair.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
    await show({ house: await serve(), romeo, juliet }, serve)
  })

/** A desk and a phone of one user, and somebody who writes to them. */
const together = async ({ house, romeo, juliet }: Scene) => {
  const desk = await house.managed(romeo, 'desk')
  const phone = await house.managed(romeo, 'phone')
  await desk.untilFence()
  const sender = await house.online(juliet)
  return { desk, phone, sender }
}

const carbons = (client: XmppClient) => client.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")

/** The message in a carbon copy. */
const copied = async (client: XmppClient): Promise<string | undefined> => {
  const copy = await client.until('message')
  const message = child(child(child(copy, 'received'), 'forwarded'), 'message')
  return message === undefined ? undefined : bodyOf(message)
}

/** What a new login of the user finds. */
const mailbox = async (house: House, who: Person): Promise<ReadonlyArray<string | undefined>> =>
  bodiesOf(await comeBack(await house.bound(who, 'later')))

const ack = async (client: XmppClient): Promise<void> => {
  client.ack()
  await client.untilFence()
}

describe.skipIf(skipped !== undefined).concurrent('a message to the bare JID', () => {
  test(
    'that the desk acked is not returned when the time of the phone is over, and not stored',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'read at the desk')
      expect(bodyOf(await desk.until('message'))).toBe('read at the desk')
      await ack(desk)
      await expiry()
      expect(await sender.untilFence()).toEqual([])
      await desk.close()
      expect(await mailbox(house, romeo)).toEqual([])
    }),
  )

  test(
    'that the desk acked is not stored by the phone as the last session, long after the desk was closed',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'read at the desk')
      await desk.until('message')
      await ack(desk)
      await desk.close()
      await expiry()
      expect(await sender.untilFence()).toEqual([])
      expect(await mailbox(house, romeo)).toEqual([])
    }),
  )

  test(
    'that nobody acked is stored once, and nobody hears of it',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'for whoever comes')
      await desk.until('message')
      await moment(300)
      desk.reset()
      await expiry()
      await moment(500)
      expect(await sender.untilFence()).toEqual([])
      expect(await mailbox(house, romeo)).toEqual(['for whoever comes'])
    }),
  )

  test(
    'that the phone gets as it comes back in time is not stored by the desk that never acked it',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'on the way')
      await desk.until('message')
      desk.reset()
      const again = await house.resumed(phone)
      expect(bodyOf(await again.until('message'))).toBe('on the way')
      await ack(again)
      await expiry()
      expect(await sender.untilFence()).toEqual([])
      await again.close()
      expect(await mailbox(house, romeo)).toEqual([])
    }),
  )

  test(
    'that a desk without stream management got is delivered',
    scene(async stage => {
      const { house, romeo, juliet } = stage
      const phone = await house.managed(romeo, 'phone')
      const desk = await house.online(romeo, 'desk')
      const sender = await house.online(juliet)
      phone.reset()
      sender.message(romeo.jid, 'plain')
      expect(bodyOf(await desk.until('message'))).toBe('plain')
      await expiry()
      expect(await sender.untilFence()).toEqual([])
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('a carbon copy', () => {
  test(
    'that was acked delivers the message that its device never acked',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      await carbons(phone)
      desk.reset()
      sender.message(desk.jid, 'on the phone')
      expect(await copied(phone)).toBe('on the phone')
      await ack(phone)
      await expiry()
      expect(await sender.untilFence()).toEqual([])
      await phone.close()
      expect(await mailbox(house, romeo)).toEqual([])
    }),
  )

  test(
    'that nobody acked is not shown beside the message: once in the end, and to nobody as an error',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      await carbons(phone)
      desk.reset()
      sender.message(desk.jid, 'for either')
      expect(await copied(phone)).toBe('for either')
      await moment(300)
      phone.reset()
      await expiry()
      await moment(500)
      expect(await sender.untilFence()).toEqual([])
      expect(await mailbox(house, romeo)).toEqual(['for either'])
    }),
  )

  test(
    'whose session comes back in time is all there is, when the message itself found nobody',
    scene(async stage => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      await carbons(phone)
      desk.reset()
      sender.message(desk.jid, 'once')
      expect(await copied(phone)).toBe('once')
      await expiry()
      phone.reset()
      const again = await house.resumed(phone, phone.handled - 1)
      expect(await copied(again)).toBe('once')
      await ack(again)
      await again.close()
      expect(await sender.untilFence()).toEqual([])
      expect(await mailbox(house, romeo)).toEqual([])
    }),
  )
})

describe.skipIf(skipped !== undefined)('across a crash', () => {
  test(
    'what the desk acked before is not returned after',
    crash(async (stage, serve) => {
      const { house, romeo, juliet } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'before the crash')
      await desk.until('message')
      await ack(desk)
      await killAtOnce(house.server)
      const later = await serve()
      const back = await later.resumed(desk)
      const writer = await later.online(juliet)
      await expiry()
      expect(await writer.untilFence()).toEqual([])
      await back.close()
      expect(await mailbox(later, romeo)).toEqual([])
    }),
  )

  test(
    'what nobody acked is stored once, whoever ends first',
    crash(async (stage, serve) => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      await carbons(phone)
      phone.reset()
      sender.message(romeo.jid, 'one')
      sender.message(desk.jid, 'two')
      expect(bodyOf(await desk.until('message'))).toBe('one')
      await desk.until('message')
      await killAtOnce(house.server)
      const later = await serve()
      await expiry()
      expect([...(await mailbox(later, romeo))].sort()).toEqual(['one', 'two'])
    }),
  )

  test(
    'what was acked by a desk that was closed before the crash is not stored by the phone after it',
    crash(async (stage, serve) => {
      const { house, romeo } = stage
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.message(romeo.jid, 'read')
      await desk.until('message')
      await ack(desk)
      await desk.close()
      await killAtOnce(house.server)
      const later = await serve()
      await expiry()
      expect(await mailbox(later, romeo)).toEqual([])
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('an iq', () => {
  const question = (to: string, id: string) =>
    `<iq to='${to}' type='get' id='${id}'><query xmlns='urn:example:question'/></iq>`

  test(
    'that was answered, and never acked, has one answer',
    scene(async stage => {
      const { house, romeo, juliet } = stage
      const client = await house.managed(romeo, 'desk')
      const asker = await house.online(juliet)
      asker.send(question(client.jid, 'q1') + question(client.jid, 'q2'))
      expect((await client.until('iq')).attrs.id).toBe('q1')
      await client.until('iq')
      client.send(`<iq to='${asker.jid}' type='result' id='q1'/>`)
      expect((await asker.until('iq')).attrs).toMatchObject({ type: 'result', id: 'q1' })
      client.reset()
      await expiry()
      const came = await asker.untilFence()
      expect(came.map(({ name, attrs }) => [name, attrs.type, attrs.id])).toEqual([['iq', 'error', 'q2']])
    }),
  )

  test(
    'the same with an error for an answer, and a crash before the session is over',
    crash(async (stage, serve) => {
      const { house, romeo, juliet } = stage
      const client = await house.managed(romeo, 'desk')
      const asker = await house.managed(juliet, 'desk')
      asker.send(question(client.jid, 'q1') + question(client.jid, 'q2'))
      await client.until('iq')
      await client.until('iq')
      client.send(
        `<iq to='${asker.jid}' type='error' id='q2'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
      )
      await asker.until('iq')
      await killAtOnce(house.server)
      const later = await serve()
      const again = await later.resumed(asker)
      await expiry()
      const came = await again.untilFence()
      expect(came.map(({ name, attrs }) => [name, attrs.type, attrs.id])).toEqual([['iq', 'error', 'q1']])
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('what nobody misses', () => {
  const composing = (to: string) =>
    `<message to='${to}' type='chat' id='s'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`
  const marker = (to: string) =>
    `<message to='${to}' type='chat' id='d'><displayed xmlns='urn:xmpp:chat-markers:0' id='x'/></message>`
  const receipt = (to: string) => `<message to='${to}' id='r'><received xmlns='urn:xmpp:receipts' id='x'/></message>`

  test(
    'is not returned when a session is over, whether or not another is left',
    scene(async stage => {
      const { desk, phone, sender } = await together(stage)
      phone.reset()
      sender.send(composing(phone.jid) + marker(phone.jid) + receipt(phone.jid))
      sender.message(phone.jid, 'news', 'headline')
      sender.message(phone.jid, 'missed')
      await expiry()
      const came = await sender.untilFence()
      expect(came.map(({ attrs }) => [attrs.type, attrs.id])).toEqual([['error', 'missed']])
      await desk.close()
    }),
  )

  test(
    'is not stored either if it is about the moment; a receipt is',
    scene(async stage => {
      const { house, romeo, juliet } = stage
      const phone = await house.managed(romeo, 'phone')
      const sender = await house.online(juliet)
      phone.reset()
      sender.send(composing(phone.jid) + marker(phone.jid) + receipt(phone.jid))
      await expiry()
      expect(await sender.untilFence()).toEqual([])
      const stored = await comeBack(await house.bound(romeo, 'later'))
      expect(stored.map(({ attrs }) => attrs.id)).toEqual(['d', 'r'])
    }),
  )
})

describe.skipIf(skipped !== undefined)('the story of a message', () => {
  test(
    'that was stored offline at expiry is the same by a recording and by the export of the journal',
    play(async ({ folder, serve }) => {
      const recordings = join(folder, 'recordings')
      const [romeo, juliet] = pair.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
      const house = await serve({ config, args: ['--record', recordings] })
      const { desk, phone, sender } = await together({ house, romeo, juliet })
      phone.reset()
      await moment(200)
      sender.message(phone.jid, 'returned')
      sender.message(romeo.jid, 'shared')
      await desk.until('message')
      await ack(desk)
      await desk.close()
      sender.message(phone.jid, 'stored')
      await sender.untilFence()
      await expiry()
      await sender.untilFence()
      await house.server.terminate()
      const exported = join(folder, 'exported.ndjson')
      writeFileSync(exported, await smacks(folder, 'journal', 'export'))
      const recorded = readdirSync(recordings).map(name => join(recordings, name))
      for (const [id, fate] of [
        ['stored', /^=> stored offline for user1@localhost/],
        ['shared', /^=> acked by user1@localhost\/desk/],
      ] as const) {
        const told = await explained(id, recorded)
        expect(told).toMatch(fate)
        expect(await explained(id, [exported])).toBe(told)
      }
    }),
    90_000,
  )
})

/** The verdict of `smacks replay --explain`. */
const explained = async (id: string, files: ReadonlyArray<string>): Promise<string> => {
  const story = await run(process.execPath, [command, 'replay', ...files, '--explain', id])
  return story.split('\n').find(line => line.startsWith('=> ')) ?? story
}

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
