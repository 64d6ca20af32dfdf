/** Two servers of ours, as processes of their own, and people on both. */
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startOurs } from '../../support/federation/neighbour.js'
import { makeUsers, openHouse } from '../../support/house.js'
import { freePort, temporaryFolder } from '../../support/places.js'
import { bodyOf } from '../../support/xml.js'

const folder = temporaryFolder('federation')
afterAll(folder.remove)
const users = makeUsers(2)

test('messages go both ways', async () => {
  const [one, other] = await Promise.all([freePort(), freePort()])
  const hosts = { 'one.example': one, 'other.example': other }
  const servers = await Promise.all([
    startOurs({ domain: 'one.example', users, folder: join(folder.path, 'one'), serverPort: one, hosts }),
    startOurs({ domain: 'other.example', users, folder: join(folder.path, 'other'), serverPort: other, hosts }),
  ])
  try {
    const [left, right] = servers.map(server => {
      const people = [...users]
      return openHouse(server, () => people.shift() ?? { username: '', password: '' })
    })
    if (left === undefined || right === undefined) throw new Error('two were started')
    const romeo = await left.managed(left.person())
    const juliet = await right.managed(right.person())
    romeo.message(juliet.jid, 'over there')
    expect(bodyOf(await juliet.until('message'))).toBe('over there')
    juliet.message(romeo.jid, 'and back')
    expect(bodyOf(await romeo.until('message'))).toBe('and back')
  } catch (error) {
    throw new Error(`${error}\n${servers.map(server => server.output()).join('\n----\n')}`)
  } finally {
    await Promise.all(servers.map(server => server.stop()))
  }
})
