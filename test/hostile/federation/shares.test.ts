/** A user who writes to ever more domains, or ever more to domains that do not answer: it costs nobody else a link. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { chat, onGround } from './ground.js'

const limits = { links_per_account: 3, waiting_size_per_account: '300 kB', connect_timeout_seconds: 20 }

/** The id and the condition of each error that came. */
const errorsIn = (elements: ReadonlyArray<Xml>): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    elements
      .filter(({ attrs }) => attrs.type === 'error')
      .map(({ attrs, children }) => [attrs.id, children.find(({ name }) => name === 'error')?.children[0]?.name]),
  )

describe('a user who writes to many domains', () => {
  const ground = onGround(limits, { durability: 'memory' })
  let mallory: XmppClient
  let silent: ReadonlyArray<string>
  beforeAll(async () => {
    const { house, stranger, elsewhere } = ground()
    mallory = await house.online(house.person())
    silent = Array.from({ length: 8 }, stranger)
    // They take the line, and never say a word.
    for (const domain of silent) elsewhere.plays(domain, () => new Promise(() => {}))
  })

  test('gets so many links, and then resource-constraint at once', async () => {
    for (const [index, domain] of silent.entries()) mallory.send(chat(`somebody@${domain}`, `m${index}`))
    const refused = errorsIn(await mallory.untilFence())
    expect(refused).toEqual(Object.fromEntries([3, 4, 5, 6, 7].map(index => [`m${index}`, 'resource-constraint'])))
  })

  test('gets so many bytes to wait', async () => {
    const text = 'x'.repeat(100_000)
    for (const id of ['b1', 'b2', 'b3', 'b4'])
      mallory.send(`<message id='${id}' to='somebody@${silent[0]}'><body>${text}</body></message>`)
    expect(errorsIn(await mallory.untilFence())).toEqual({
      b3: 'resource-constraint',
      b4: 'resource-constraint',
    })
  })

  test('and is in nobody elses way', async () => {
    const { friend, elsewhere, stranger } = ground()
    const domain = stranger()
    const called = new Promise<void>(resolve => elsewhere.plays(domain, async () => resolve()))
    friend.send(chat(`somebody@${domain}`, 'hello'))
    friend.send(chat(`somebody@${silent[7]}`, 'hello to a domain that was refused to another'))
    await called
    expect(errorsIn(await friend.untilFence())).toEqual({})
  })
})

describe('an address as a domain', () => {
  const ground = onGround({ ...limits, authentication: 'external' })

  test.each([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '127.1',
    '2130706433',
    '0x7f000001',
    '192.168.0.1',
    '8.8.8.8',
  ])('%s is no server', async address => {
    const { friend } = ground()
    friend.send(chat(`somebody@${address}`, 'hello'))
    const error = await friend.expect('message')
    expect(errorsIn([error])).toEqual({ hello: 'remote-server-not-found' })
  })
})
