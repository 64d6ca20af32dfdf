/**
 * A mailbox of several pages is emptied while more comes, at rate, to two devices that want carbon copies: each of them gets
 * each message once, as it is or as a copy, whatever happens to lines and to the server in between (XEP-0280 §7).
 */
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { at, type Xml } from '../support/xml.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { killAtOnce, moment, numbers, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(2)
const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
const { play, strike } = stages(users)
afterAll(strike)

/** A page has a million characters, so these are several. */
const stored = { count: 40, length: 100_000 }
const live = { count: 450, inOnePacket: 15 }
const all = numbers(stored.count + live.count)

const chat = (to: string, id: string, length = 1): string =>
  `<message to='${to}' type='chat' id='${id}'><body>${'x'.repeat(length)}</body></message>`

/** A device with stream management and carbons, and the ids of the messages that it read, in order. */
class Device {
  readonly read: string[] = []

  constructor(private client: XmppClient) {
    client.answersRequests = true
  }

  static async of(house: House, who: Person, resource: string): Promise<Device> {
    const client = await house.bound(who, resource)
    await client.enable()
    await client.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
    return new Device(client)
  }

  get line(): XmppClient {
    return this.client
  }

  become(priority: number): void {
    this.client.send(`<presence><priority>${priority}</priority></presence>`)
  }

  /** Reads on until it has so many different messages. */
  async until(count: number): Promise<void> {
    while (new Set(this.read).size < count) this.take(await this.client.until('message'))
  }

  /** Takes what is still on its way, and returns all, as numbers in order. */
  async last(): Promise<ReadonlyArray<string>> {
    for (const _ of [1, 2])
      for (const seen of await this.client.untilFence()) if (seen.name === 'message') this.take(seen)
    return [...this.read].sort((one, other) => Number(one) - Number(other))
  }

  async resumeIn(house: House): Promise<void> {
    this.client = await house.resumed(this.client)
    this.client.answersRequests = true
  }

  private take(message: Xml): void {
    this.read.push((at(message, 'received', 'forwarded', 'message') ?? message).attrs.id ?? '')
  }
}

/** Fills the mailbox of somebody who is away. */
const fill = async (house: House): Promise<XmppClient> => {
  const sender = await house.managed(romeo)
  sender.answersRequests = true
  for (const id of all.slice(0, stored.count)) sender.send(chat(juliet.jid, id, stored.length))
  await sender.untilFence()
  return sender
}

/** Writes the rest, packet by packet; half of it to one of the devices. */
const write = async (sender: XmppClient, ids: ReadonlyArray<string>): Promise<void> => {
  for (let first = 0; first < ids.length; first += live.inOnePacket) {
    const packet = ids.slice(first, first + live.inOnePacket)
    sender.send(packet.map(id => chat(isForAnyDevice(id) ? juliet.jid : `${juliet.jid}/phone`, id)).join(''))
    await moment(2)
  }
  await sender.untilFence()
}

const isForAnyDevice = (id: string): boolean => Number(id) < stored.count || Number(id) % 2 === 0

/** A device that is away holds what others read meanwhile. */
const config = { smacks_max_queue_size: 5_000 }

const liveIds = all.slice(stored.count)

describe.skipIf(skipped !== undefined)('while a mailbox is emptied and more comes', () => {
  test(
    'two devices read each message once',
    play(async ({ serve }) => {
      const house = await serve({ config })
      const sender = await fill(house)
      const [phone, laptop] = [await Device.of(house, juliet, 'phone'), await Device.of(house, juliet, 'laptop')]
      const writing = write(sender, liveIds)
      phone.become(5)
      laptop.become(1)
      await Promise.all([writing, phone.until(all.length), laptop.until(all.length)])
      expect(await phone.last()).toEqual(all)
      expect(await laptop.last()).toEqual(all)
      // What is for a full JID may come before what waits for whoever is available.
      expect(phone.read.filter(isForAnyDevice)).toEqual(all.filter(isForAnyDevice))
    }),
  )

  test(
    'a device that hibernates between two pages, while the other changes its priority',
    play(async ({ serve }) => {
      const house = await serve({ config })
      const sender = await fill(house)
      const [phone, laptop] = [await Device.of(house, juliet, 'phone'), await Device.of(house, juliet, 'laptop')]
      laptop.become(-1)
      phone.become(5)
      phone.line.pauseReading()
      await write(sender, liveIds.slice(0, 150))
      phone.line.reset()
      await write(sender, liveIds.slice(150, 300))
      laptop.become(5)
      await write(sender, liveIds.slice(300))
      await phone.resumeIn(house)
      laptop.become(-1)
      await Promise.all([phone.until(all.length), laptop.until(all.length)])
      expect(await phone.last()).toEqual(all)
      expect(await laptop.last()).toEqual(all)
    }),
  )

  test(
    'two devices that go on after the server was killed between two pages',
    play(async ({ serve }) => {
      const house = await serve({ config })
      const sender = await fill(house)
      const [phone, laptop] = [await Device.of(house, juliet, 'phone'), await Device.of(house, juliet, 'laptop')]
      laptop.become(-1)
      await laptop.line.untilFence()
      phone.become(5)
      phone.line.pauseReading()
      await write(sender, liveIds.slice(0, 150))
      await killAtOnce(house.server)

      const later = await serve({ config })
      const again = await later.resumed(sender)
      again.answersRequests = true
      await write(again, liveIds.slice(150, 300))
      await laptop.resumeIn(later)
      await write(again, liveIds.slice(300))
      await phone.resumeIn(later)
      await Promise.all([phone.until(all.length), laptop.until(all.length)])
      expect(await phone.last()).toEqual(all)
      expect(await laptop.last()).toEqual(all)
    }),
  )
})
