/**
 * What one message costs the whole server, counted. Nothing here is a time, so nothing depends on the machine; whoever makes a
 * message dearer sees it here, and says why when a bound is raised.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { costs, lookAt, watchedEnvironment } from './costs.js'
import { stages } from './ground.js'

const [juliet, romeo] = ['juliet', 'romeo'].map(username => ({
  username,
  password: 'a password',
  jid: `${username}@localhost`,
})) as [Person, Person]

interface Person {
  readonly username: string
  readonly password: string
  readonly jid: string
}

const { play, strike } = stages([juliet, romeo])
afterAll(strike)

/** Messages that are measured together, so few that most such rounds see no collection of the heap. */
const messages = 20

const rounds = 15

describe.skipIf(process.platform !== 'linux')(
  'a message of 100 characters, one at a time, between two clients that ack',
  () => {
    test(
      'costs no more calls and no more bytes than it did',
      play(async ({ folder, serve }) => {
        const house = await serve({ env: watchedEnvironment(folder) })
        const [sender, receiver] = [await house.managed(juliet), await house.managed(romeo)]
        const body = 'x'.repeat(100)
        const relay = async (count: number): Promise<void> => {
          for (let n = 0; n < count; n += 1) {
            sender.message(receiver.jid, body)
            await receiver.until('message')
          }
          await sender.untilFence()
          await receiver.untilFence()
        }
        await relay(400)
        const seen = [await lookAt(house.server, folder)]
        for (let round = 0; round < rounds; round += 1) {
          await relay(messages)
          seen.push(await lookAt(house.server, folder))
        }
        const each = costs(seen, messages)
        // Over TLS: a read of each message, a write to its recipient, and one to the journal; the fences add theirs.
        expect(each.reads).toBeLessThanOrEqual(1.3)
        expect(each.writes).toBeLessThanOrEqual(2.4)
        expect(each.journal).toBeLessThanOrEqual(850)
        expect(each.heap).toBeLessThanOrEqual(28_000)
        // It is measured at all.
        expect(each.heap).toBeGreaterThan(1_000)
      }),
      60_000,
    )
  },
)
