/** What is written to the disk is in proportion to what changes: nothing is written again because somebody asks for it. */
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeServerConfig, startServer } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../apps/server/src/log.js'
import { type House, makeUsers, openHouse } from '../support/house.js'
import { freePort, temporaryFolder } from '../support/places.js'
import { run } from '../support/server.js'
import type { XmppClient } from '../support/xmpp-client.js'

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
const folder = temporaryFolder('written')
const users = [...makeUsers(2)]
let house: House
let stop: () => Promise<void>
/** Bytes that were put into any database so far. */
let put = 0
/** Has all in the databases that the journal's log says of them. */
let settle: () => void

beforeAll(async () => {
  const [toml, list] = [join(folder.path, 'smacks.toml'), join(folder.path, 'users')]
  writeFileSync(toml, `data = ${JSON.stringify(join(folder.path, 'data'))}\n`)
  writeFileSync(list, users.map(({ username, password }) => `${username}@localhost ${password}\n`).join(''))
  await run(process.execPath, [command, 'user', 'import', list, '--config', toml])
  const port = await freePort()
  const decoded = decodeServerConfig({
    data: join(folder.path, 'data'),
    c2s: { listen: `127.0.0.1:${port}` },
    // Questions are asked as fast as they can be.
    limits: { bytes_per_second: 0 },
  })
  if (isLeft(decoded)) throw new Error(decoded.left.join('\n'))
  const server = await startServer({
    config: decoded.right,
    log: createLog({ level: 'fatal', out: { write: () => true } }),
    standBetween: (journal, env) => {
      countPuts(env)
      settle = () => void journal.records('tests')
      return journal
    },
  })
  stop = server.stop
  house = openHouse(
    { port, domain: 'localhost' } as House['server'],
    () => users.shift() ?? { username: '', password: '' },
  )
})
afterAll(async () => {
  house.leave()
  await stop()
  folder.remove()
})

const countPuts = (env: object): void => {
  let prototype: object = env
  while (!Object.hasOwn(prototype, 'putSync')) prototype = Object.getPrototypeOf(prototype)
  const patched = prototype as { putSync: (key: unknown, value: unknown) => unknown }
  const { putSync } = patched
  patched.putSync = function (this: unknown, key, value) {
    put += typeof value === 'string' ? value.length : 0
    return putSync.call(this, key, value)
  }
}

/** Bytes of the log and of all databases; the log has one file here, which only grows. */
const written = (): number => {
  settle()
  const log = join(folder.path, 'data', 'journal')
  return put + readdirSync(log).reduce((sum, name) => sum + statSync(join(log, name)).size, 0)
}

const during = async (act: () => Promise<void>): Promise<number> => {
  const before = written()
  await act()
  return written() - before
}

const ask = async (client: XmppClient, iq: string): Promise<string> => {
  client.send(iq)
  return JSON.stringify(await client.until(it => it.name === 'iq' && it.attrs.id === 'q'))
}

const rosterSet = (contact: number): string =>
  `<iq type='set' id='q'><query xmlns='jabber:iq:roster'><item jid='contact-${contact}@example.org' name='${'n'.repeat(60)}'/></query></iq>`

describe('bytes written', () => {
  test('by questions: none, however much the answers and the presence of the session have', async () => {
    const client = await house.online(
      house.person(),
      'desk',
      `<presence><status>${'p'.repeat(8_000)}</status></presence>`,
    )
    const contacts = 800
    for (let n = 0; n < contacts; n += 1) client.send(rosterSet(n))
    await client.untilFence()
    const questions = [
      "<iq type='get' id='q'><query xmlns='jabber:iq:roster'/></iq>",
      "<iq type='get' id='q'><blocklist xmlns='urn:xmpp:blocking'/></iq>",
      "<iq type='set' id='q'><enable xmlns='urn:xmpp:carbons:2'/></iq>",
    ]
    let answered = 0
    for (const question of questions) answered += (await ask(client, question)).length
    expect(answered).toBeGreaterThan(80_000)
    const bytes = await during(async () => {
      for (let n = 0; n < 30; n += 1) for (const question of questions) await ask(client, question)
    })
    expect(bytes).toBeLessThan(1_000)
  })

  test('by changes that change nothing: none', async () => {
    const client = await house.online(house.person())
    await ask(client, rosterSet(1))
    const block = "<iq type='set' id='q'><block xmlns='urn:xmpp:blocking'><item jid='a@example.org'/></block></iq>"
    await ask(client, block)
    const bytes = await during(async () => {
      for (let n = 0; n < 50; n += 1) {
        await ask(client, rosterSet(1))
        await ask(client, block)
      }
    })
    expect(bytes).toBeLessThan(10_000)
  })

  test('by a contact, with a long block list: those of the contact', async () => {
    const client = await house.online({ username: 'user2', password: 'secret 2', jid: 'user2@localhost' }, 'other')
    const items = Array.from({ length: 900 }, (_, n) => `<item jid='blocked-somebody-${n}@example.org'/>`).join('')
    await ask(client, `<iq type='set' id='q'><block xmlns='urn:xmpp:blocking'>${items}</block></iq>`)
    const bytes = await during(async () => {
      for (let n = 0; n < 100; n += 1) await ask(client, rosterSet(1_000 + n))
    })
    expect(bytes).toBeLessThan(100 * 1_000)
  })
})
