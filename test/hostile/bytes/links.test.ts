/** A user who writes to ever more servers that do not answer, as much and as fast as can be. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoundedServer, bounded } from '../../support/bounded-server.js'
import { startOurs } from '../../support/federation/neighbour.js'
import { makeUsers } from '../../support/house.js'
import { freePort, temporaryFolder } from '../../support/places.js'
import type { TestUser } from '../../support/server.js'
import { type Elsewhere, startElsewhere } from '../federation/elsewhere.js'
import { besideHonest } from './beside.js'

const silent = Array.from({ length: 400 }, (_, index) => `n${index}.silent.example`)

describe('links to other servers against a small server', () => {
  const folder = temporaryFolder('bytes-links')
  const users: TestUser[] = [...makeUsers(12)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let elsewhere: Elsewhere
  let small: BoundedServer

  beforeAll(async () => {
    elsewhere = await startElsewhere()
    for (const domain of silent) elsewhere.plays(domain, () => new Promise(() => {}))
    const serverPort = await freePort()
    small = await bounded(bounds =>
      startOurs({
        domain: 'ours.example',
        users: [...users],
        folder: join(folder.path, 'ours'),
        serverPort,
        hosts: Object.fromEntries(silent.map(domain => [domain, elsewhere.port])),
        ...bounds,
      }),
    )
  })

  afterAll(async () => {
    await small.stop()
    await elsewhere.stop()
    folder.remove()
  })

  test(
    'stanzas for 400 servers that do not answer',
    context =>
      besideHonest(small, next, context, async house => {
        const [mallory, witness] = [await house.online(house.person()), await house.online(house.person())]
        const body = 'x'.repeat(40_000)
        let refused = 0
        for (let n = 0; n < 2_000; n += 1) {
          mallory.send(`<message to='x@${silent[n % silent.length]}' id='${n}'><body>${body}</body></message>`)
          if (n % 20 !== 19) continue
          for (const { attrs } of await mallory.untilFence()) if (attrs.type === 'error') refused += 1
        }
        // 2 MiB wait, of 80 MB.
        expect(refused).toBeGreaterThan(1_900)
        // Another has a share of their own.
        witness.message(`x@${silent[300]}`, 'hello')
        expect((await witness.untilFence()).filter(({ attrs }) => attrs.type === 'error')).toEqual([])
      }),
    60_000,
  )
})
