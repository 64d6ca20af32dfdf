/** What waits for a phone that is away: presence as its contacts are now, and as much as there is, a page at a time. */
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { escapeXml, type Xml } from '../support/xml.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, killAtOnce, numbers, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(5)
const [phoneUser = { username: '', password: '' }, ...others] = users
const jidOf = (username: string) => `${username}@localhost`
const phone = { ...phoneUser, jid: jidOf(phoneUser.username) }
const { play, strike } = stages(users)
afterAll(strike)

const resourcesEach = 20
const limit = 100

describe.skipIf(skipped !== undefined)('a phone that was away', () => {
  /** Eighty contacts that see each other, as far as the phone is concerned. */
  const contactsIn = async (house: House): Promise<ReadonlyArray<XmppClient>> => {
    const contacts: Array<XmppClient> = []
    for (const user of others)
      for (let resource = 0; resource < resourcesEach; resource += 1) {
        const contact = await house.bound({ ...user, jid: jidOf(user.username) }, `desk${resource}`)
        // So that it outlives the server, and is not gone for the phone.
        await contact.enable()
        contacts.push(contact)
      }
    return contacts
  }

  /** Each contact changes its presence three times, and messages come in between: far more than a queue may hold. */
  const changeThrice = async (contacts: ReadonlyArray<XmppClient>): Promise<void> => {
    for (const change of [1, 2, 3]) {
      for (const contact of contacts)
        contact.send(
          change === 3 && isLeaving(contact)
            ? `<presence to='${phone.jid}' type='unavailable'/>`
            : `<presence to='${phone.jid}'><status>${change}</status></presence>`,
        )
      // What one sends goes before what another sends after that.
      for (const contact of contacts) await contact.expectNothing()
      contacts[0]?.message(phone.jid, `after ${change}`)
      await contacts[0]?.expectNothing()
    }
  }

  const isLeaving = ({ jid }: XmppClient): boolean => jid.endsWith('7')

  const expectLastStates = (came: ReadonlyArray<Xml>, contacts: ReadonlyArray<XmppClient>): void => {
    const presences = came.filter(({ name }) => name === 'presence')
    const said = presences.map(it => [
      it.attrs.from,
      it.attrs.type ?? it.children.find(one => one.name === 'status')?.text,
    ])
    const last = contacts.map(contact => [contact.jid, isLeaving(contact) ? 'unavailable' : '3'])
    expect(said.sort()).toEqual(last.sort())
    const messages = came.filter(({ name }) => name === 'message')
    expect(bodiesOf(messages)).toEqual(['after 1', 'after 2', 'after 3'])
    // The last states come after what was said before them.
    expect(came.map(({ name }) => name).slice(0, 2)).toEqual(['message', 'message'])
    expect(came.at(-1)?.name).toBe('message')
  }

  const options = {
    config: { smacks_max_queue_size: limit },
    limits: { hibernating_sessions_per_user: resourcesEach },
  }

  test(
    'gets the last presence of each contact and every message, in order, also from a server that was killed meanwhile',
    play(async ({ serve }) => {
      const house = await serve(options)
      const before = await house.managed(phone, 'phone')
      before.ack()
      const contacts = await contactsIn(house)
      expect(contacts.length * 3).toBeGreaterThan(2 * limit)
      await before.finish()
      await changeThrice(contacts)
      await killAtOnce(house.server)
      const later = await serve(options)
      const line = await later.resumed(before)
      const came = await line.untilFence()
      expectLastStates(came, contacts)
      // Both count the same, so the stream goes on.
      line.ack()
      await line.expectNothing()
      line.ack(line.handled)
      await line.expectNothing()
    }),
    120_000,
  )

  test(
    'has seen what it has seen: a presence that was sent comes again, and only later ones give way',
    play(async ({ serve }) => {
      const house = await serve()
      const before = await house.managed(phone, 'phone')
      const [user = phoneUser] = others
      const contact = await house.bound({ ...user, jid: jidOf(user.username) })
      const say = (status: string) => contact.send(`<presence to='${phone.jid}'><status>${status}</status></presence>`)
      const had = before.handled
      say('seen')
      await before.expect('presence')
      await before.finish()
      for (const status of ['one', 'two', 'three']) say(status)
      await contact.expectNothing()
      const line = await house.resumed(before, had)
      const came = (await line.untilFence()).map(it => it.children.find(({ name }) => name === 'status')?.text)
      expect(came).toEqual(['seen', 'three'])
      line.ack()
      await line.expectNothing()
    }),
    60_000,
  )

  test(
    'gets a hundred megabytes a page at a time, while others are served and memory stays bounded',
    play(async ({ serve }) => {
      const house = await serve({ limits: { queue_bytes_per_session: '200 MiB', queue_bytes_per_user: '200 MiB' } })
      const before = await house.managed(phone, 'phone')
      before.ack()
      const [first = phoneUser, second = phoneUser] = others
      const sender = await house.bound({ ...first, jid: jidOf(first.username) })
      const bystander = await house.bound({ ...second, jid: jidOf(second.username) })
      await before.finish()
      const count = 400
      const filler = 'x'.repeat(250_000)
      for (const number of numbers(count)) {
        sender.send(
          `<message to='${escapeXml(phone.jid)}' type='chat' id='${number}'><body>${number}</body><x xmlns='test'>${filler}</x></message>`,
        )
        // So that neither this process nor the server has to hold what was not taken in.
        if (Number(number) % 8 === 7) await sender.expectNothing()
      }
      const resting = house.server.memory()
      const line = await house.returning(before)
      line.answersRequests = true
      let peak = resting
      let pings = 0
      let isOver = false
      const pinging = (async () => {
        while (!isOver) {
          await bystander.expectNothing()
          pings += 1
          peak = Math.max(peak, house.server.memory())
        }
      })()
      const began = Date.now()
      await line.resume(before)
      // The phone takes nothing for a while: no more than a page and what the system holds can be on its way.
      line.pauseReading()
      const atFirst = pings
      while (pings < atFirst + 50) await new Promise(resolve => setTimeout(resolve, 5))
      line.resumeReading()
      const bodies = bodiesOf(await line.expectMany('message', count))
      isOver = true
      await pinging
      console.log(
        `resumed with 100 MB in ${Date.now() - began} ms; ${pings} pings of another were answered meanwhile; ` +
          `memory rose from ${Math.round(resting / 1e6)} to ${Math.round(peak / 1e6)} MB`,
      )
      expect(bodies).toEqual(numbers(count))
      // One answer for each few pages at least; in one piece there was none between the first stanza and the last.
      expect(pings - atFirst).toBeGreaterThan(50 + count / 10)
      expect(peak - resting).toBeLessThan(300e6)
      line.ack()
      await line.expectNothing()
    }),
    180_000,
  )
})
