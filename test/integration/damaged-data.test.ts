/** Damage of what is stored, under the built server: it says which file, what is wrong and what to do, and ends. */
import { cpSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import { launch, type RunningServer, run } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { missing, target } from '../support/targets.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
const romeo = { username: 'romeo', password: 'montague' }

const folder = temporaryFolder('damaged')
const data = join(folder.path, 'data')
const [journal, accounts] = [join(data, 'data.mdb'), join(data, 'accounts', 'data.mdb')]
const whole = join(folder.path, 'whole')
afterAll(folder.remove)

/** Behind the two pages that LMDB looks at first. */
const cut = (path: string): void => truncateSync(path, 2 * 4_096)

const start = (users: ReadonlyArray<typeof romeo> = []): Promise<RunningServer> =>
  startSmacks({ users, folder: folder.path })

const logIn = async (server: RunningServer): Promise<void> => {
  const house = openHouse(server, () => romeo)
  await house.managed(house.person())
  house.leave()
}

describe.skipIf(skipped !== undefined)('what is stored', () => {
  beforeAll(async () => {
    const server = await start([romeo])
    const house = openHouse(server, () => romeo)
    const client = await house.managed(house.person())
    for (let n = 0; n < 200; n += 1) client.message('romeo@localhost/nowhere', `${n} ${'x'.repeat(3_000)}`)
    await client.untilFence()
    house.leave()
    expect(await server.terminate()).toBe(0)
    cpSync(data, whole, { recursive: true })
  }, 60_000)

  test.each([
    ['a journal that is cut off', () => cut(journal), [journal, 'is damaged', 'no accounts']],
    ['a journal that is empty', () => truncateSync(journal, 0), [journal, 'it is empty', 'no accounts']],
    ['something else', () => writeFileSync(journal, 'x'.repeat(100_000)), [journal, 'has no magic number']],
    ['accounts that are cut off', () => cut(accounts), [accounts, 'is damaged', 'Accounts are there and nowhere else']],
    ['accounts that are empty', () => truncateSync(accounts, 0), [accounts, 'it is empty']],
    ['accounts that are gone', () => rmSync(join(data, 'accounts'), { recursive: true }), ['the accounts are missing']],
  ])(
    'is damaged: %s; the server names it and ends',
    async (_, damage, said) => {
      damage()
      const { exited, output } = launch(process.execPath, [
        command,
        'serve',
        '--config',
        join(folder.path, 'smacks.toml'),
      ])
      expect(await exited).toBe(1)
      for (const text of said) expect(output()).toContain(text)
      expect(output()).toMatch(/backup/)
      rmSync(data, { recursive: true })
      cpSync(whole, data, { recursive: true, preserveTimestamps: true })
    },
    60_000,
  )

  test('is as it was where it is restored, and without the journal the accounts are there', async () => {
    const server = await start()
    await logIn(server)
    expect(await server.terminate()).toBe(0)
    renameSync(journal, join(folder.path, 'away'))
    renameSync(join(data, 'journal'), join(folder.path, 'log-away'))
    rmSync(join(data, 'lock.mdb'))
    expect(
      await run(process.execPath, [command, 'user', 'list', '--config', join(folder.path, 'smacks.toml')]),
    ).toContain('romeo@localhost')
    const again = await start()
    await logIn(again)
    expect(await again.terminate()).toBe(0)
  }, 60_000)
})
