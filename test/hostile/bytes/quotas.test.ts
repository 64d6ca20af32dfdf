/** Whoever fills up all that may be kept for people who are away, over and over. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoundedServer, startBounded } from '../../support/bounded-server.js'
import { type House, makeUsers, type Person } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'
import { child, type Xml } from '../../support/xml.js'
import { besideHonest } from './beside.js'

const large = 'x'.repeat(90_000)

const resources = ['one', 'two', 'three']

const conditionsIn = (heard: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  heard.flatMap(one => (one.attrs.type === 'error' ? [child(one, 'error')?.children[0]?.name ?? 'none'] : []))

describe('quotas of a small server with the default limits', () => {
  const users: TestUser[] = [...makeUsers(40)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let bounded: BoundedServer

  beforeAll(async () => {
    bounded = await startBounded({ users, hibernationTime: 600 })
  })
  afterAll(() => bounded?.stop())

  /** Sends so many large messages, as fast as they are taken; the errors that come of it. */
  const flood = async (house: House, to: string, count: number): Promise<ReadonlyArray<string>> => {
    const flooder = await house.online(house.person())
    const errors: string[] = []
    for (let n = 0; n < count; n += 1) {
      flooder.send(`<message to='${to}' type='chat' id='${n}'><body>${n} ${large}</body></message>`)
      if (n % 20 === 19) errors.push(...conditionsIn(await flooder.untilFence()))
    }
    return errors
  }

  test(
    'offline stores of three people are filled by three others',
    context =>
      besideHonest(bounded, next, context, async house => {
        const away: ReadonlyArray<Person> = [house.person(), house.person(), house.person()]
        for (const person of away) {
          const errors = await flood(house, person.jid, 120)
          expect(errors.length).toBeGreaterThan(20)
          expect(new Set(errors)).toEqual(new Set(['resource-constraint']))
        }
      }),
    60_000,
  )

  test(
    'the queues of somebody who is away are filled, more of them than an account may have',
    context =>
      besideHonest(bounded, next, context, async house => {
        const sleeper = house.person()
        for (const resource of resources) {
          const session = await house.managed(sleeper, resource)
          session.destroy()
        }
        for (const resource of resources) await flood(house, `${sleeper.jid}/${resource}`, 150)
        // They can log in as ever.
        const back = await house.bound(sleeper, 'four')
        await back.untilFence()
      }),
    120_000,
  )
})
