/** A client's stanza beyond a limit costs that stanza alone: it counts, its sender is told, and the stream goes on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { bodyOf, child } from '../support/xml.js'

const nested = '<a>'.repeat(70) + '</a>'.repeat(70)
const attributes = Array.from({ length: 70 }, (_, i) => ` a${i}='${i}'`).join('')

const beyond: ReadonlyArray<readonly [what: string, inside: string, attributes: string]> = [
  ['nested 70 deep', nested, ''],
  ['of 70 attributes', '<body>x</body>', attributes],
  ['whose child has the namespace "urn:x y"', "<x xmlns='urn:x y'/>", ''],
  ['of 262,145 bytes', `<body>${'x'.repeat(262_145)}</body>`, ''],
]

describe('a stanza beyond a limit', () => {
  const users: TestUser[] = [...makeUsers(30)]
  let server: RunningServer
  let house: House

  beforeAll(async () => {
    server = await startSmacks({ users })
    house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  })
  afterAll(async () => {
    house?.leave()
    await server?.stop()
  })

  test.each(beyond)('a message %s', async (_, inside, more) => {
    const sender = await house.managed(house.person())
    const friend = await house.online(house.person())
    const before = await sender.acked()
    sender.message(friend.jid, 'before')
    sender.send(`<message to='${friend.jid}' type='chat' id='big'${more}>${inside}</message>`)
    sender.message(friend.jid, 'after')
    const error = await sender.expect('message')
    expect(error.attrs).toMatchObject({ type: 'error', id: 'big', from: friend.jid })
    expect(child(error, 'error')?.attrs.type).toBe('modify')
    expect(child(child(error, 'error'), 'policy-violation')).toBeDefined()
    expect(await sender.acked()).toBe(before + 3)
    expect((await friend.untilFence()).map(bodyOf)).toEqual(['before', 'after'])
  })

  test.each(beyond)('an iq %s is answered, a presence too, and an error never', async (_, inside, more) => {
    const sender = await house.managed(house.person())
    const before = await sender.acked()
    const jid = 'somebody@localhost/x'
    sender.send(`<iq to='${jid}' type='get' id='iq'${more}>${inside}</iq>`)
    expect((await sender.expect('iq')).attrs).toMatchObject({ type: 'error', id: 'iq', from: jid })
    sender.send(`<presence to='${jid}' id='p'${more}>${inside}</presence>`)
    expect((await sender.expect('presence')).attrs).toMatchObject({ type: 'error', id: 'p' })
    sender.send(`<message to='${jid}' type='error' id='e'${more}>${inside}</message>`)
    sender.send(`<iq to='${jid}' type='result' id='r'${more}>${inside}</iq>`)
    expect(await sender.acked()).toBe(before + 4)
  })

  test.each(beyond)('before authentication an element %s ends the stream', async (_, inside, more) => {
    const stranger = await house.connect()
    await stranger.open()
    stranger.sendRaw(`<message${more}>${inside}</message>`)
    await stranger.expectStreamError('policy-violation')
  })
})
