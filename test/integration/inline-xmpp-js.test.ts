/** `@xmpp/client` does SASL2, Bind 2 and the stream management inside both by itself, and so it does with us. */
import { type EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeUsers, openHouse } from '../support/house.js'
import { startLineProxy } from '../support/line-proxy.js'
import type { RunningServer } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'

const users = [...makeUsers(2)]
let server: RunningServer

beforeAll(async () => {
  server = await startSmacks({ users })
})
afterAll(async () => {
  await server?.stop()
})

/** The part of `@xmpp/client` that is used; it has no types of its own. */
interface Library {
  readonly client: (options: Readonly<Record<string, string>>) => XmppJs
}

interface XmppJsElement {
  readonly name: string
  readonly attrs: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmppJsElement | string>
  readonly toString: () => string
}

interface XmppJs extends EventEmitter {
  readonly reconnect: { delay: number; stop: () => void }
  readonly streamManagement: EventEmitter
  readonly start: () => Promise<unknown>
  readonly stop: () => Promise<unknown>
}

test('@xmpp/client binds, enables and resumes inline, by itself', async () => {
  // The certificate of the test signs itself, and the library has no option to trust it.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  const house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  const proxy = await startLineProxy(server)
  const name: string = '@xmpp/client'
  const { client } = (await import(name)) as Library
  const { username, password } = house.person()
  const xmpp = client({
    service: `xmpp://127.0.0.1:${proxy.port}`,
    domain: 'localhost',
    username,
    password,
    resource: 'x',
  })
  const came: string[] = []
  const bodies: string[] = []
  xmpp.reconnect.delay = 50
  xmpp.on('error', () => undefined)
  xmpp.on('element', (element: XmppJsElement) => {
    const inside = element.children.map(it => (typeof it === 'string' ? '' : it.name))
    came.push(`${element.name}(${inside.join(' ')})`)
    const body = /<body>(.*?)<\/body>/.exec(String(element))?.[1]
    if (body !== undefined) bodies.push(body)
  })
  try {
    const jid = String(await xmpp.start())
    expect(jid).toMatch(/^user\d+@localhost\/x\/[\w-]{16}$/)
    const resumed = once(xmpp.streamManagement, 'resumed')
    const friend = await house.online(house.person(), 'friend')
    proxy.reset()
    friend.message(jid, 'while you were away')
    await resumed
    const seen = new Promise<void>(resolve => {
      const look = (): void => (bodies.length > 1 ? resolve() : void setTimeout(look, 20))
      look()
    })
    friend.message(jid, 'and now')
    await seen
    expect(bodies).toEqual(['while you were away', 'and now'])
    const successes = came.filter(it => it.startsWith('success'))
    expect(successes).toEqual([
      'success(additional-data authorization-identifier bound)',
      'success(additional-data authorization-identifier resumed)',
    ])
  } finally {
    xmpp.reconnect.stop()
    await xmpp.stop().catch(() => undefined)
    house.leave()
    await proxy.stop()
  }
})
