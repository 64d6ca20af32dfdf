/** The rate at which a connection is read: what is sent faster waits at the sender, and nothing of it is dropped. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { nsSm3 } from '../support/xmpp-client.js'

describe('a rate of 50 kB a second after 40 kB', () => {
  const users: TestUser[] = [...makeUsers(20)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users, limits: { bytes_per_second: '50 kB', burst_size: '40 kB' } })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  /** Of what is sent `count` times at once, how much is read in the first second, a generous burst and a piece included. */
  const readInASecond = async (stanza: (to: string) => string, each: number, count: number, counted: RegExp) => {
    const friend = await house.online(house.person())
    const sender = await house.managed(house.person())
    const begin = performance.now()
    sender.sendRaw(stanza(friend.jid).repeat(count))
    await pause(1000)
    const seen = sender.chunks.join('').match(counted)?.length ?? 0
    const seconds = (performance.now() - begin) / 1000
    expect(seen).toBeLessThan((40_000 + 65_536 + 50_000 * seconds) / each + 65_536 / stanza(friend.jid).length)
    return { sender, friend, seen }
  }

  test('holds for messages, and all of them come in order', async () => {
    const friend = await house.online(house.person())
    const sender = await house.managed(house.person())
    const begin = performance.now()
    for (let n = 0; n < 60; n += 1)
      sender.send(`<message to='${friend.jid}' id='${n}'><body>${'x'.repeat(2_000)}</body></message>`)
    const ids = []
    while (ids.length < 60) ids.push((await friend.expect('message')).attrs.id)
    expect(ids).toEqual(ids.map((_, n) => String(n)))
    // 132 kB less 40, and what is read in one piece may be ahead.
    expect(performance.now() - begin).toBeGreaterThan(400)
  })

  test('holds for the number of elements too', async () => {
    const { sender, seen } = await readInASecond(() => `<r xmlns='${nsSm3}'/>`, 226, 8_000, /<a /g)
    expect(seen).toBeGreaterThan(100)
    expect(seen).toBeLessThan(8_000)
    sender.reset()
  })

  test('holds for work: rosters that are asked for again and again', async () => {
    const { sender, seen } = await readInASecond(
      () => "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>",
      4_000,
      2_000,
      /<iq [^>]*id=.r./g,
    )
    expect(seen).toBeGreaterThan(5)
    sender.reset()
  })

  test('costs nobody else anything, and the session is not silent meanwhile', async () => {
    const [one, other] = [await house.online(house.person()), await house.online(house.person())]
    const flooder = await house.managed(house.person())
    flooder.sendRaw(`<message to='${flooder.jid}'><body>${'x'.repeat(1_000)}</body></message>`.repeat(300))
    for (let n = 0; n < 20; n += 1) {
      one.message(other.jid, String(n))
      await other.expect('message')
    }
    expect(flooder.isThere).toBe(true)
    flooder.reset()
  })
})
