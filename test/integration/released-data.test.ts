/** Today's server on what servers of released versions left: their clients come back, and nothing is lost. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Left } from '../fixtures/left.js'
import { openHouse } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import { missing, target } from '../support/targets.js'
import { at, child, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, startOn } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url))
const folders = readdirSync(fixtures).filter(name => name.startsWith('data-'))

test('there are folders of version 0.1.0', () => {
  expect(folders).toEqual(expect.arrayContaining(['data-0.1.0-killed', 'data-0.1.0-stopped']))
})

describe.skipIf(skipped !== undefined).each(folders)('%s', name => {
  const left = JSON.parse(readFileSync(join(fixtures, name, 'clients.json'), 'utf8')) as Left

  test.each([
    ['as it was configured', {}],
    ['with other options', { smacks_max_queue_size: 5, smacks_max_old_sessions: 1 }],
  ])(
    'all come back, %s',
    async (_, changed) => {
      const { path, remove } = temporaryFolder('released')
      mkdirSync(join(path, 'data'), { mode: 0o700 })
      writeFileSync(join(path, 'data', 'data.mdb'), gunzipSync(readFileSync(join(fixtures, name, 'data.mdb.gz'))))
      const server = await startOn({
        folder: path,
        config: { smacks_hibernation_time: '315360000 seconds', ...changed },
      })
      const house = openHouse(server, () => {
        throw new Error('these people have names')
      })
      const lineOf = async ({ jid, password }: Left['mercutio']): Promise<XmppClient> =>
        house.authenticated({ username: jid.split('@')[0] ?? '', password, jid })
      const resume = async (session: Left['phone'], h = session.handled): Promise<[XmppClient, Xml]> => {
        const line = await lineOf(session)
        line.send(`<resume xmlns='${nsSm3}' previd='${session.smId}' h='${h}'/>`)
        return [line, await line.element()]
      }
      const messages = async (line: XmppClient) =>
        bodiesOf((await line.untilFence()).filter(it => it.name === 'message' && child(it, 'body') !== undefined))
      try {
        const [home, resumed] = await resume(left.home)
        expect([resumed.name, resumed.attrs.h]).toEqual(['resumed', String(left.home.sent)])
        expect(await messages(home)).toEqual([])
        const [old, failed] = await resume(left.old)
        expect([failed.name, failed.attrs.h, at(failed, 'item-not-found') !== undefined]).toEqual([
          'failed',
          String(left.old.sent),
          true,
        ])
        old.destroy()
        for (const session of [left.phone, left.desk]) {
          const [line, answer] = await resume(session)
          expect(answer.name).toBe('resumed')
          expect(await messages(line)).toEqual(session.bodies)
        }
        const mercutio = await lineOf(left.mercutio)
        await mercutio.bind('here')
        expect(bodiesOf(await comeBack(mercutio))).toEqual(left.mercutio.bodies)
        expect(server.output()).not.toMatch(/"level":"(error|fatal)"/)
      } finally {
        house.leave()
        await server.terminate()
        remove()
      }
    },
    60_000,
  )
})
