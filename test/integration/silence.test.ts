/** A line that is given up as silent: what its client sees of that, once it listens again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeUsers, openHouse } from '../support/house.js'
import type { RunningServer } from '../support/server.js'
import { missing, startTarget, target } from '../support/targets.js'
import { bodiesOf, moment } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')

/** Silence, the sweep that finds it, the time for the answer to `<r/>`, and some for a busy machine. */
const givenUp = 1_000 + 200 + 30_000 + 2_000

describe.skipIf(skipped !== undefined)('a device that slept', () => {
  const users = makeUsers(2)
  let server: RunningServer
  beforeAll(async () => {
    server = await startTarget({ users, silenceSeconds: 1, hibernationTime: 600 })
  })
  afterAll(() => server?.stop())

  test('finds a last <a/> and the end of its line, and resumes', async () => {
    const [one, other] = users
    if (one === undefined || other === undefined) throw new Error('two people are needed')
    const house = openHouse(server, () => one)
    try {
      const sleeper = await house.managed({ ...one, jid: `${one.username}@${server.domain}` })
      await moment(givenUp)
      expect(await sleeper.expectDropped()).toBe(sleeper.sent)
      const friend = await house.online({ ...other, jid: `${other.username}@${server.domain}` })
      friend.message(sleeper.jid, 'good morning')
      await friend.untilFence()
      const awake = await house.resumed(sleeper)
      expect(bodiesOf(await awake.untilFence())).toEqual(['good morning'])
    } finally {
      house.leave()
    }
  }, 60_000)
})
