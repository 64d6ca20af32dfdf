/** A folder of a released version, with names that are written otherwise now, or would not be allowed: nothing of it is lost. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, openHouse } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import type { RunningServer } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { child } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, startOn } from './ground.js'

interface Left {
  readonly jid: string
  readonly smId: string
  readonly handled: number
  readonly sent: number
}

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const fixture = fileURLToPath(new URL('../fixtures/names-0.1.0/', import.meta.url))
const [book, heart] = JSON.parse(readFileSync(join(fixture, 'clients.json'), 'utf8')) as [Left, Left]
const romeo = { username: 'romeo', password: 'secret of romeo', jid: 'romeo@localhost' }
const inA = 'xn--bcher-kva.example'
const inU = 'b\u00fccher.example'

describe.skipIf(skipped !== undefined)('what 0.1.0 left', () => {
  const { path, remove } = temporaryFolder('released-names')
  const ground = { folder: path, config: { domains: ['localhost', inA], smacks_hibernation_time: 315_360_000 } }
  let server: RunningServer
  let house: House

  const start = async (): Promise<void> => {
    server = await startOn(ground)
    house = openHouse(server, () => {
      throw new Error('these people have names')
    })
  }

  beforeAll(async () => {
    mkdirSync(join(path, 'data'), { mode: 0o700 })
    writeFileSync(join(path, 'data', 'data.mdb'), gunzipSync(readFileSync(join(fixture, 'data.mdb.gz'))))
    await start()
  })

  afterAll(async () => {
    await server.terminate()
    remove()
  })

  const resumed = async (domain: string, { smId, handled, sent }: Left): Promise<XmppClient> => {
    const line = await house.authenticated(romeo, { domain })
    line.send(`<resume xmlns='${nsSm3}' previd='${smId}' h='${handled}'/>`)
    const answer = await line.element()
    expect([answer.name, answer.attrs.h]).toEqual(['resumed', String(sent)])
    return line
  }

  const bodies = async (line: XmppClient) =>
    bodiesOf((await line.untilFence()).filter(it => it.name === 'message' && child(it, 'body') !== undefined))

  test('of an account in A-labels is that of the same account in U-labels', async () => {
    expect(server.output()).toContain(`"before":"romeo@${inA}","now":"romeo@${inU}"`)
    const line = await resumed(inU, book)
    expect(await bodies(line)).toEqual(['to the book'])
    const roster = await line.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    expect(roster.attrs.to).toBe(`romeo@${inU}/book`)
    expect(child(roster, 'query')?.children.map(({ attrs }) => attrs.jid)).toEqual(['juliet@localhost'])
  })

  test('of a session whose resource is none any more goes on until it ends', async () => {
    const line = await resumed('localhost', heart)
    expect(await bodies(line)).toEqual(['to the heart'])
    const other = await house.authenticated(romeo)
    await other.bind('other')
    other.message(heart.jid, 'and back')
    const message = await line.until('message')
    expect(bodiesOf([message])).toEqual(['and back'])
    line.message(other.jid, 'here I am')
    expect((await other.until('message')).attrs.from).toBe(heart.jid)
  })

  test('is renamed once', async () => {
    house.leave()
    await server.terminate()
    await start()
    expect(server.output()).not.toContain('"before"')
    const line = await house.authenticated(romeo, { domain: inA })
    expect(await line.bind('again')).toBe(`romeo@${inU}/again`)
  })
})
