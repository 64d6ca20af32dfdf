/**
 * Real, unmodified clients over TLS, on a line that is cut in every way lines are cut: what they send and what is
 * sent to them arrives exactly once and in order.
 *
 * Known defects: xmpp.js loses its place in the XML if it writes while more than one TLS record is at hand, so what is
 * sent to it again stays within one (16 kB); slixmpp empties its queue of unacked stanzas when it sends `<resume/>`, so
 * what it says is judged on a standing line only.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse } from '../support/house.js'
import { type LineProxy, startLineProxy } from '../support/line-proxy.js'
import { temporaryFolder } from '../support/places.js'
import type { RunningServer } from '../support/server.js'
import { missing, startTarget } from '../support/targets.js'
import { bodyOf } from '../support/xml.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { slixmppPython, startSlixmpp } from './slixmpp.js'
import { startXmppJs } from './xmpp-js.js'

// The certificate of the test signs itself; slixmpp verifies it, @xmpp/client has no option to.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const users = [...makeUsers(60)]
const folder = temporaryFolder('clients')
const certificate = join(folder.path, 'cert.pem')
let server: RunningServer

beforeAll(async () => {
  server = await startTarget({ users })
  writeFileSync(certificate, server.certificate)
})
afterAll(async () => {
  await server?.stop()
  folder.remove()
})

const moment = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))
const numbers = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => String(n))

const eventually = async (condition: () => boolean, what: () => string): Promise<void> => {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what()}`)
    await moment(20)
  }
}

/** Takes what comes for a raw client, without end. */
const collect = (client: XmppClient): ReadonlyArray<string> => {
  const bodies: string[] = []
  const read = async (): Promise<void> => {
    for (;;) {
      const item = await client.next().catch(() => undefined)
      if (item?.kind === 'lost') return
      const body = item?.kind === 'element' ? bodyOf(item.element) : undefined
      if (body !== undefined) bodies.push(body)
    }
  }
  void read()
  return bodies
}

interface Scene {
  readonly house: House
  readonly proxy: LineProxy
}

const scene = (play: (scene: Scene) => Promise<void>) => async (): Promise<void> => {
  const house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  const proxy = await startLineProxy(server)
  try {
    await play({ house, proxy })
  } finally {
    house.leave()
    await proxy.stop()
  }
}

/** The ways to cut, and what each does to the line. */
const cuts: ReadonlyArray<readonly [string, (proxy: LineProxy) => unknown]> = [
  ['RST', proxy => proxy.reset()],
  ['a line that goes dead and stays open', proxy => proxy.blackhole()],
  ['a cut in the middle of what the server writes', proxy => proxy.resetAfter('toClient', 333)],
  ['a cut in the middle of what the client writes', proxy => proxy.resetAfter('toServer', 333)],
]

describe.skipIf(missing !== undefined).concurrent(`@xmpp/client${missing === undefined ? '' : ` (${missing})`}`, () => {
  for (const [what, cut] of cuts)
    test(
      `survives ${what}: both sides get everything once and in order`,
      scene(async ({ house, proxy }) => {
        const friend = await house.online(house.person())
        const heard = collect(friend)
        const peer = await startXmppJs({ ...house.person(), domain: 'localhost', port: proxy.port })
        const said = numbers(60)
        for (const [n, body] of said.entries()) {
          friend.message(peer.jid, body)
          peer.say(friend.jid, body)
          if (n === 20) cut(proxy)
          await moment(5)
        }
        await eventually(
          () => peer.bodies.length >= said.length && heard.length >= said.length,
          () => `${peer.bodies.length} and ${heard.length} of ${said.length}, ${peer.resumptions()} resumptions`,
        )
        expect(peer.resumptions()).toBeGreaterThanOrEqual(1)
        expect(peer.bodies).toEqual(said)
        expect(heard).toEqual(said)
        await peer.stop()
      }),
      60_000,
    )

  test(
    'survives five cuts in a row',
    scene(async ({ house, proxy }) => {
      const friend = await house.online(house.person())
      const heard = collect(friend)
      const peer = await startXmppJs({ ...house.person(), domain: 'localhost', port: proxy.port })
      const said = numbers(100)
      for (const [n, body] of said.entries()) {
        friend.message(peer.jid, body)
        peer.say(friend.jid, body)
        if (n % 20 === 10) {
          const before = peer.resumptions()
          proxy.reset()
          await eventually(
            () => peer.resumptions() > before,
            () => 'no resumption',
          )
        }
      }
      await eventually(
        () => peer.bodies.length >= said.length && heard.length >= said.length,
        () => `${peer.bodies.length} and ${heard.length} of ${said.length}, ${peer.unacked()} unacked`,
      )
      expect(peer.bodies).toEqual(said)
      expect(heard).toEqual(said)
      await peer.stop()
    }),
    60_000,
  )
})

const python = slixmppPython()

describe
  .skipIf(missing !== undefined || python === undefined)
  .concurrent(`slixmpp${python === undefined ? ' (not installed)' : ''}`, () => {
    for (const [what, cut] of cuts)
      test(
        `survives ${what}: it gets everything once and in order`,
        scene(async ({ house, proxy }) => {
          const friend = await house.online(house.person())
          const heard = collect(friend)
          const who = house.person()
          const peer = startSlixmpp({
            python: python ?? '',
            jid: `${who.jid}/slix`,
            password: who.password,
            port: proxy.port,
            certificate,
          })
          await peer.until(events => events.some(it => it.event === 'enabled'), 'stream management')
          await peer.until(events => events.some(it => it.event === 'started'), 'session')
          peer.say(friend.jid, 'before')
          await eventually(
            () => heard.length === 1,
            () => 'nothing said',
          )
          const said = numbers(80)
          for (const [n, body] of said.entries()) {
            friend.message(`${who.jid}/slix`, body)
            if (n === 30) {
              const done = cut(proxy)
              if (what.includes('client writes')) peer.say(`${who.jid}/nobody`, 'x'.repeat(400))
              if (what.includes('dead')) peer.abandon()
              void done
            }
            await moment(5)
          }
          await peer.until(events => events.some(it => it.event === 'resumed'), 'resumption')
          await eventually(
            () => peer.bodies().length >= said.length,
            () => `${peer.bodies().length} of ${said.length}`,
          )
          await moment(200)
          peer.say(friend.jid, 'after')
          await eventually(
            () => heard.length >= 2,
            () => 'nothing said after the resumption',
          )
          expect(peer.bodies()).toEqual(said)
          expect(heard).toEqual(['before', 'after'])
          await peer.stop()
        }),
        60_000,
      )
  })
