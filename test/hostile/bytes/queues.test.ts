/** Large stanzas for somebody who is away, as fast as they can be sent. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type BoundedServer, startBounded } from '../../support/bounded-server.js'
import { makeUsers } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'
import { besideHonest } from './beside.js'

describe('large stanzas against a small server', () => {
  const users: TestUser[] = [...makeUsers(12)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let bounded: BoundedServer

  beforeAll(async () => {
    bounded = await startBounded({ users, hibernationTime: 3 })
  })
  afterAll(() => bounded?.stop())

  test(
    'a queue of large stanzas whose session ends',
    context =>
      besideHonest(bounded, next, context, async house => {
        const sleeper = await house.managed(house.person())
        const flooder = await house.online(house.person())
        sleeper.reset()
        const body = 'x'.repeat(95_000)
        for (let n = 0; n < 800; n += 1) {
          flooder.send(`<message to='${sleeper.jid}' type='chat' id='${n}'><body>${body}</body></message>`)
          if (n % 20 === 19) await flooder.untilFence()
        }
        // Its resource is taken, so it ends now.
        const successor = await house.online({ ...(sleeper.credentials ?? next()), jid: sleeper.jid })
        await successor.untilFence()
        await flooder.untilFence()
      }),
    60_000,
  )
})
