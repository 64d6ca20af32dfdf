/** Whoever has the server keep too much is told, by the error that says so; nobody else notices, and nothing acked is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { bodyOf, child, type Xml } from '../support/xml.js'

const limits = {
  max_stanza_bytes: 20_000,
  queue_bytes_per_session: 100_000,
  queue_bytes_per_user: 150_000,
  offline_bytes_per_sender: 60_000,
  offline_bytes_per_user: 100_000,
  contact_bytes_per_user: 20_000,
}

const long = 'x'.repeat(9_000)

const conditionOf = (error: Xml): string => child(error, 'error')?.children[0]?.name ?? 'no error'

describe('beyond a quota', () => {
  const users: TestUser[] = [...makeUsers(40)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users, limits, hibernationTime: 600 })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  const flood = (from: Awaited<ReturnType<House['online']>>, to: string, count: number): void => {
    for (let n = 0; n < count; n += 1)
      from.send(`<message to='${to}' type='chat' id='${n}'><body>${n} ${long}</body></message>`)
  }
  /** All messages that come when somebody appears. */
  const readingOf = async (who: Person): Promise<ReadonlyArray<Xml>> => {
    const back = await house.bound(who, 'elsewhere')
    back.send('<presence/>')
    return [...(await back.untilFence()), ...(await back.untilFence())].filter(({ name }) => name === 'message')
  }
  const errorsIn = (heard: ReadonlyArray<Xml>): ReadonlyArray<string> =>
    heard.filter(one => one.attrs.type === 'error').map(conditionOf)

  test('a sender fills its share of an offline store, and others have theirs', async () => {
    const away = house.person()
    const flooder = await house.managed(house.person())
    const friend = await house.online(house.person())
    flood(flooder, away.jid, 10)
    const heard = errorsIn(await flooder.untilFence())
    expect(new Set(heard)).toEqual(new Set(['resource-constraint']))
    friend.message(away.jid, 'from a friend')
    expect(await friend.untilFence()).toEqual([])
    const bodies = (await readingOf(away)).map(bodyOf)
    // What was not refused is there, in order, and so is what a friend said.
    expect(bodies).toEqual([...Array.from({ length: 10 - heard.length }, (_, n) => `${n} ${long}`), 'from a friend'])
  })

  test('an offline store that is full has the error of one that is not there', async () => {
    const away = house.person()
    const flooders = [await house.online(house.person()), await house.online(house.person())]
    for (const flooder of flooders) {
      flood(flooder, away.jid, 6)
      await flooder.untilFence()
    }
    const last = await house.online(house.person())
    flood(last, away.jid, 3)
    expect(new Set(errorsIn(await last.untilFence()))).toEqual(new Set(['service-unavailable']))
  })

  test('a client that never acks is told why its session ends, and its messages are stored or come back', async () => {
    const user = house.person()
    const silent = await house.managed(user)
    const sender = await house.online(house.person())
    flood(sender, silent.jid, 13)
    expect(child(await silent.until('error'), 'resource-constraint')).toBeDefined()
    const returned = errorsIn(await sender.untilFence())
    const stored = (await readingOf(user)).map(bodyOf)
    expect(new Set(returned).size).toBeLessThanOrEqual(1)
    expect(stored.length + returned.length).toBeGreaterThanOrEqual(13)
    expect(stored).toEqual(Array.from({ length: stored.length }, (_, n) => `${n} ${long}`))
  })

  test('of the sessions of a user that hibernate the one that does so longest ends, and the other resumes', async () => {
    const user = house.person()
    const [first, second] = [await house.managed(user, 'first'), await house.managed(user, 'second')]
    const sender = await house.online(house.person())
    first.destroy()
    second.destroy()
    flood(sender, first.jid, 9)
    flood(sender, second.jid, 9)
    await sender.untilFence()
    const resumed = await house.resumed(second)
    const heard = (await resumed.untilFence()).filter(({ name }) => name === 'message')
    expect(heard.map(bodyOf)).toEqual(Array.from({ length: 9 }, (_, n) => `${n} ${long}`))
    const late = await house.returning(first)
    late.send(`<resume xmlns='urn:xmpp:sm:3' previd='${first.smId}' h='0'/>`)
    expect((await late.expect('failed')).attrs.h).toBeDefined()
  })

  test('a roster takes so many bytes, and goes on to be of use', async () => {
    const client = await house.managed(house.person())
    const put = async (n: number): Promise<string> => {
      const groups = Array.from({ length: 5 }, (_, group) => `<group>${group}${'g'.repeat(900)}</group>`).join('')
      client.send(
        `<iq type='set' id='r${n}'><query xmlns='jabber:iq:roster'><item jid='u${n}@localhost'>${groups}</item></query></iq>`,
      )
      const answer = (await client.untilFence()).find(({ attrs }) => attrs.id === `r${n}`)
      return answer?.attrs.type === 'error' ? conditionOf(answer) : 'taken'
    }
    const answers: string[] = []
    for (let n = 0; n < 6; n += 1) answers.push(await put(n))
    expect(answers.slice(0, 3)).toEqual(['taken', 'taken', 'taken'])
    expect(answers.at(-1)).toBe('resource-constraint')
    client.send(
      "<iq type='set' id='gone'><query xmlns='jabber:iq:roster'><item jid='u0@localhost' subscription='remove'/></query></iq>",
    )
    await client.untilFence()
    expect(await put(7)).toBe('taken')
  })

  test('a presence and a block list have few bytes', async () => {
    const client = await house.managed(house.person())
    client.send(`<presence id='p'><status>${'x'.repeat(17_000)}</status></presence>`)
    expect(errorsIn(await client.untilFence())).toEqual(['policy-violation'])
    const items = Array.from({ length: 18 }, (_, n) => `<item jid='${n}${'b'.repeat(900)}@a.example'/>`).join('')
    for (const id of ['b1', 'b2'])
      client.send(
        `<iq type='set' id='${id}'><block xmlns='urn:xmpp:blocking'>${items.replaceAll("jid='", `jid='${id}`)}</block></iq>`,
      )
    expect(errorsIn(await client.untilFence())).toEqual(['resource-constraint'])
  })
})
