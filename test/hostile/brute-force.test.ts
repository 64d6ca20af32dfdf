/** Somebody guesses passwords, over as many connections as it takes; users and their neighbours hardly notice. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { missing, startTarget, target } from '../support/targets.js'
import { base64, type Mechanism, type XmppClient } from '../support/xmpp-client.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'these limits are ours')

/** On this machine all of 127.0.0.0/8 is loopback. */
const home = '127.0.0.1'

const nsSasl2 = 'urn:xmpp:sasl:2'

/** One attempt over SASL2; the condition of the failure, or `success`. */
const overSasl2 = async (client: XmppClient, user: TestUser, password: string): Promise<string> => {
  const initial = base64(`\0${user.username}\0${password}`)
  client.send(
    `<authenticate xmlns='${nsSasl2}' mechanism='PLAIN'><initial-response>${initial}</initial-response></authenticate>`,
  )
  return conditionOf(await client.until(it => it.name === 'failure' || it.name === 'success'))
}

const conditionOf = (answer: { readonly name: string; readonly children: ReadonlyArray<{ readonly name: string }> }) =>
  answer.name === 'success' ? 'success' : (answer.children.find(it => it.name !== 'text')?.name ?? 'none')

/** What a count of attempts came to, each over a connection of its own. */
const guess = async (
  house: House,
  victim: Person,
  from: string,
  count: number,
  how: Mechanism | 'SASL2',
): Promise<ReadonlyMap<string, number>> => {
  const outcomes = new Map<string, number>()
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const client = await house.encrypted({ from })
      const password = `guess ${n}`
      const outcome =
        how === 'SASL2'
          ? await overSasl2(client, victim, password)
          : conditionOf(await client.sasl({ username: victim.username, password }, how))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      client.destroy()
    }),
  )
  return outcomes
}

describe.skipIf(skipped !== undefined)(`brute force against ${target}`, () => {
  const users: TestUser[] = [...makeUsers(20)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startTarget({
      users,
      limits: { auth_failures_per_address: 10, auth_failures_per_account: 10 },
    })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  const enters = async (person: Person, from: string): Promise<void> => {
    const client = await house.encrypted({ from })
    await client.authenticate(person, 'SCRAM-SHA-1')
    client.destroy()
  }

  test.each([
    ['PLAIN', '127.0.0.61'],
    ['SCRAM-SHA-256', '127.0.0.62'],
    ['SASL2', '127.0.0.63'],
  ] as const)(
    'with %s: few of many guesses are judged, and the user gets in from where it was before',
    async (how, from) => {
      const victim = house.person()
      await enters(victim, home)
      const outcomes = await guess(house, victim, from, 60, how)
      const judged = outcomes.get('not-authorized') ?? 0
      expect(judged).toBeGreaterThanOrEqual(10)
      // Those that are free, the one after them, and one each for the waits of 1 and 2 seconds, should this take so long.
      expect(judged).toBeLessThanOrEqual(14)
      expect(outcomes.get('temporary-auth-failure')).toBe(60 - judged)
      await enters(victim, home)
      await enters(victim, '127.0.0.77')
    },
  )

  test('a wrong guess at many accounts counts for the address, whether there are such accounts or not', async () => {
    const from = '127.0.0.80'
    const outcomes = new Map<string, number>()
    for (let n = 0; n < 20; n += 1) {
      const name = n % 2 === 0 ? `nobody${n}` : `user${(n % 9) + 1}`
      for (const [outcome, times] of await guess(house, { username: name, password: '', jid: '' }, from, 1, 'PLAIN'))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times)
    }
    expect(outcomes.get('not-authorized')).toBeLessThanOrEqual(14)
    expect(outcomes.get('temporary-auth-failure')).toBeGreaterThanOrEqual(6)
  })

  test('is in the log, in the form that the documentation gives a filter for', async () => {
    const { username } = house.person()
    await guess(
      house,
      { username: `${username}"},"address":"192.0.2.1`, password: '', jid: '' },
      '127.0.0.90',
      1,
      'PLAIN',
    )
    const found = server
      .output()
      .split('\n')
      .flatMap(line => documentedFilter().exec(line)?.groups?.host ?? [])
    expect(found.filter(host => host === '127.0.0.90')).toHaveLength(1)
    expect(found).not.toContain('192.0.2.1')
    expect(found.every(host => host.startsWith('127.0.0.'))).toBe(true)
    expect(server.output()).not.toContain('guess')
  })

  test('by many at once does not keep the server from answering others', async () => {
    const honest = await house.online(house.person())
    const victim = house.person()
    const storm = guess(house, victim, '127.0.0.91', 100, 'PLAIN')
    for (let n = 0; n < 20; n += 1) await honest.expectNothing()
    await storm
    await honest.expectNothing()
  })
})

describe.skipIf(skipped !== undefined)('passwords that wait to be checked', () => {
  test('are bounded: one more is told to come again, and all who come again get in', async () => {
    const users = makeUsers(12)
    const server = await startTarget({ users, limits: { auth_waiting: 2 } })
    const house = openHouse(server, () => ({ username: 'nobody', password: '' }))
    try {
      const clients = await Promise.all(users.map(() => house.encrypted()))
      const attempt = async (client: XmppClient, user: TestUser): Promise<string> =>
        conditionOf(await client.sasl(user, 'PLAIN'))
      const first = await Promise.all(
        clients.map((client, n) => attempt(client, users[n] ?? { username: '', password: '' })),
      )
      expect(new Set(first)).toEqual(new Set(['success', 'temporary-auth-failure']))
      for (const [n, client] of clients.entries()) {
        const user = users[n]
        if (first[n] === 'temporary-auth-failure' && user !== undefined)
          expect(await attempt(client, user)).toBe('success')
      }
    } finally {
      house.leave()
      await server.stop()
    }
  })
})

/** The filter for fail2ban in the server's README, as this language writes it. */
const documentedFilter = (): RegExp => {
  const readme = readFileSync(fileURLToPath(new URL('../../apps/server/README.md', import.meta.url)), 'utf8')
  const [, filter] = /^failregex = (.+)$/m.exec(readme) ?? []
  if (filter === undefined) throw new Error('the README has no failregex')
  return new RegExp(filter.replace('<HOST>', '(?<host>[0-9a-f.:]+)'))
}
