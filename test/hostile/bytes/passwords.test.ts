/** Wrong passwords from many addresses at once: each costs a key derivation, and none of them may hold up others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoundedServer, startBounded } from '../../support/bounded-server.js'
import { makeUsers } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'
import { missing, target } from '../../support/targets.js'
import { besideHonest } from './beside.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')

describe.skipIf(skipped !== undefined)('wrong passwords against a small server', () => {
  const users: TestUser[] = [...makeUsers(12)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let bounded: BoundedServer

  beforeAll(async () => {
    bounded = await startBounded({ users })
  })
  afterAll(() => bounded?.stop())

  test(
    'four hundred of PLAIN from a hundred addresses, at accounts that there are and are not',
    context =>
      besideHonest(bounded, next, context, async house => {
        const outcomes = new Set<string>()
        const strangers = await Promise.all(
          Array.from({ length: 100 }, (_, n) => house.encrypted({ from: `127.0.1.${n + 1}` })),
        )
        // What the handshakes of TLS cost is not the matter here.
        await bounded.inside()
        for (let round = 0; round < 4; round += 1)
          await Promise.all(
            strangers.map(async (stranger, n) => {
              const username = n % 2 === 0 ? `nobody${n}` : `user${1 + (n % 12)}`
              const answer = await stranger.sasl({ username, password: `wrong ${round}` }, 'PLAIN')
              outcomes.add(answer.children[0]?.name ?? answer.name)
            }),
          )
        expect([...outcomes].filter(it => it !== 'not-authorized' && it !== 'temporary-auth-failure')).toEqual([])
      }),
    60_000,
  )
})
