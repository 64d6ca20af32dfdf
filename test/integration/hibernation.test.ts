/**
 * Hibernation of a real client that does not come back ends in offline storage, in errors, or in the next login.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeUsers, openHouse } from '../support/house.js'
import { startLineProxy } from '../support/line-proxy.js'
import type { RunningServer, ServerOptions } from '../support/server.js'
import { missing, startTarget } from '../support/targets.js'
import { bodyOf, child } from '../support/xml.js'
import { startXmppJs } from './xmpp-js.js'

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const moment = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** A real client that vanished with unacked messages, and the friend who sent them. */
const vanished = async (server: RunningServer, next: () => { username: string; password: string }) => {
  const house = openHouse(server, next)
  const who = house.person()
  const friend = await house.online(house.person())
  const proxy = await startLineProxy(server)
  const peer = await startXmppJs({ ...who, domain: 'localhost', port: proxy.port })
  proxy.admit(false)
  proxy.reset()
  for (const body of ['1', '2', '3']) friend.message(peer.jid, body)
  await friend.untilFence()
  const leave = async (): Promise<void> => {
    await peer.stop()
    await proxy.stop()
    house.leave()
  }
  return { house, who, friend, peer, leave }
}

const onServer = (
  title: string,
  options: Omit<ServerOptions, 'users'>,
  define: (server: () => RunningServer, next: () => { username: string; password: string }) => void,
): void => {
  describe.skipIf(missing !== undefined).concurrent(title, () => {
    const users = [...makeUsers(10)]
    let server: RunningServer | undefined
    let starting: Promise<RunningServer> | undefined
    beforeAll(async () => {
      starting = startTarget({ ...options, users })
      server = await starting
    })
    afterAll(async () => (await starting)?.stop())
    define(
      () => {
        if (server === undefined) throw new Error('the server did not start')
        return server
      },
      () => users.pop() ?? { username: 'nobody', password: '' },
    )
  })
}

onServer('with offline storage', { hibernationTime: 1 }, (server, next) => {
  test('after the time is over, messages wait in storage for the next login', async () => {
    const { house, who, friend, leave } = await vanished(server(), next)
    await moment(2_500)
    await friend.expectNothing()
    const later = await house.bound(who, 'later')
    later.send('<presence/>')
    const came = (await later.untilFence()).filter(it => it.name === 'message')
    expect(came.map(bodyOf)).toEqual(['1', '2', '3'])
    expect(came.every(it => child(it, 'delay', 'urn:xmpp:delay') !== undefined)).toBe(true)
    await leave()
  })

  test('a login with the same resource before that gets them at once', async () => {
    const { house, who, friend, peer, leave } = await vanished(server(), next)
    const later = await house.bound(who, peer.jid.slice(peer.jid.indexOf('/') + 1))
    later.send('<presence/>')
    const bodies: Array<string | undefined> = []
    while (bodies.length < 3) bodies.push(bodyOf(await later.until('message')))
    expect(bodies).toEqual(['1', '2', '3'])
    await friend.expectNothing()
    await leave()
  })
})

onServer('without offline storage', { hibernationTime: 1, offlineStorage: false }, (server, next) => {
  test('after the time is over, messages go back to their sender with recipient-unavailable', async () => {
    const { friend, leave } = await vanished(server(), next)
    await friend.expectNothing()
    await moment(2_500)
    const back = (await friend.untilFence()).filter(it => it.name === 'message')
    expect(back.map(it => [it.attrs.id, it.attrs.type, child(it, 'error')?.children[0]?.name])).toEqual(
      ['1', '2', '3'].map(id => [id, 'error', 'recipient-unavailable']),
    )
    await leave()
  })
})
