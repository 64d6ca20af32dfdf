/** Many who do not read what is sent to them: what waits for their sockets is bounded for all of them together. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoundedServer, startBounded } from '../../support/bounded-server.js'
import { makeUsers } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'
import { besideHonest } from './beside.js'

describe('readers that never read', () => {
  const users: TestUser[] = [...makeUsers(30)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let bounded: BoundedServer

  beforeAll(async () => {
    bounded = await startBounded({ users, limits: { max_unsent_size: '8 MiB' } })
  })
  afterAll(() => bounded?.stop())

  test(
    'six of them, with 9 MB for each',
    context =>
      besideHonest(bounded, next, context, async house => {
        const { server } = bounded
        const readers = []
        for (let n = 0; n < 6; n += 1) readers.push(await house.managed(house.person()))
        for (const reader of readers) reader.pauseReading()
        const flooder = await house.online(house.person())
        const before = server.memory()
        const body = 'x'.repeat(95_000)
        for (let n = 0; n < 90; n += 1) {
          for (const { jid } of readers) flooder.send(`<message to='${jid}' id='${n}'><body>${body}</body></message>`)
          await flooder.untilFence()
        }
        expect(server.output()).toContain('max_unsent_size allows 8388608')
        // The queues are bounded elsewhere; what is unsent is no more than a part of it.
        expect(server.memory() - before).toBeLessThan(200 * 1024 * 1024)
        // Whether a reader was dropped or not, its messages are there when it comes back.
        for (const reader of readers.slice(0, 3)) {
          reader.freeze()
          await pause(100)
          const back = await house.returning(reader)
          back.send(`<resume xmlns='urn:xmpp:sm:3' previd='${reader.smId}' h='${reader.handled}'/>`)
          await back.expect('resumed')
          const ids = []
          while (ids.length < 90) ids.push((await back.until('message')).attrs.id)
          expect(ids).toEqual(ids.map((_, n) => String(n)))
          back.destroy()
        }
      }),
    60_000,
  )
})
