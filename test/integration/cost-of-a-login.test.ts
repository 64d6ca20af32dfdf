/** What a login and a resumption cost the whole server, counted like a message: none of it is a time. */
import { afterAll, describe, expect, test } from 'vitest'
import { costs, type Look, lookAt, watchedEnvironment } from './costs.js'
import { stages } from './ground.js'

const juliet = { username: 'juliet', password: 'a password', jid: 'juliet@localhost' }

const { play, strike } = stages([juliet])
afterAll(strike)

const together = 4
const rounds = 12

describe.skipIf(process.platform !== 'linux')('over TLS', () => {
  const measure = async (look: () => Promise<Look>, once: () => Promise<unknown>) => {
    for (let n = 0; n < 40; n += 1) await once()
    const seen = [await look()]
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < together; n += 1) await once()
      seen.push(await look())
    }
    const each = costs(seen, together)
    // It is measured at all.
    expect(each.heap).toBeGreaterThan(1_000)
    return each
  }

  test(
    'a login, with its end, costs no more calls and no more bytes than it did',
    play(async ({ folder, serve }) => {
      const house = await serve({ env: watchedEnvironment(folder) })
      const each = await measure(
        () => lookAt(house.server, folder),
        async () => (await house.managed(juliet)).close(),
      )
      expect(each.reads).toBeLessThanOrEqual(13)
      expect(each.writes).toBeLessThanOrEqual(23)
      expect(each.journal).toBeLessThanOrEqual(2_600)
      expect(each.heap).toBeLessThanOrEqual(270_000)
    }),
    60_000,
  )

  test(
    'a resumption costs no more calls and no more bytes than it did',
    play(async ({ folder, serve }) => {
      const house = await serve({ env: watchedEnvironment(folder) })
      let client = await house.managed(juliet)
      const each = await measure(
        () => lookAt(house.server, folder),
        async () => {
          client.destroy()
          client = await house.resumed(client)
        },
      )
      expect(each.reads).toBeLessThanOrEqual(10)
      expect(each.writes).toBeLessThanOrEqual(11.5)
      expect(each.journal).toBeLessThanOrEqual(400)
      expect(each.heap).toBeLessThanOrEqual(135_000)
    }),
    60_000,
  )
})
