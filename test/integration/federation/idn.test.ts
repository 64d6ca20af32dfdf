/**
 * A domain in another script, in A-labels and in U-labels: one domain for clients, for other servers, in certificates, in
 * dialback and in rosters. One server is told its domain in A-labels, the other where it is in U-labels.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOurs } from '../../support/federation/neighbour.js'
import { makeUsers } from '../../support/house.js'
import { freePort, temporaryFolder } from '../../support/places.js'
import type { RunningServer } from '../../support/server.js'
import { bodyOf, child } from '../../support/xml.js'
import { XmppClient } from '../../support/xmpp-client.js'

const inA = 'xn--bcher-kva.example'
const inU = 'b\u00fccher.example'
const remote = 'remote.example'
const [user = { username: '', password: '' }] = makeUsers(1)

describe.each(['external', 'dialback'])('with %s', authentication => {
  const folder = temporaryFolder('idn')
  const lines: Array<XmppClient> = []
  let here: RunningServer
  let there: RunningServer

  beforeAll(async () => {
    const [herePort, therePort] = await Promise.all([freePort(), freePort()])
    const users = [user]
    const s2s = { authentication }
    here = await startOurs({
      domain: inA,
      users,
      folder: join(folder.path, 'here'),
      serverPort: herePort,
      hosts: { [remote]: therePort },
      s2s,
    })
    there = await startOurs({
      domain: remote,
      users,
      folder: join(folder.path, 'there'),
      serverPort: therePort,
      hosts: { [inU]: herePort },
      s2s,
    })
  })

  afterAll(async () => {
    for (const line of lines) line.destroy()
    await Promise.all([here.stop(), there.stop()])
    folder.remove()
  })

  const login = async ({ port }: RunningServer, domain: string): Promise<XmppClient> => {
    const client = await XmppClient.connect({ port, domain })
    lines.push(client)
    await client.reachSasl()
    await client.authenticate(user)
    await client.bind()
    client.send('<presence/>')
    await client.untilFence()
    return client
  }

  test('clients are one account in both forms, and others reach it in both', async () => {
    const [one, other] = await Promise.all([login(here, inA), login(here, inU)])
    expect([one, other].map(({ jid }) => jid.split('/')[0])).toEqual([`user1@${inU}`, `user1@${inU}`])
    await one.untilFence()
    const sender = await login(there, remote)
    for (const domain of [inU, inA, 'B\u00dcCHER.example', 'XN--BCHER-KVA.example']) {
      sender.message(`user1@${domain}/${other.jid.split('/')[1]}`, `to ${domain}`)
      const message = await other.until('message')
      expect(bodyOf(message)).toBe(`to ${domain}`)
      expect(message.attrs.from).toBe(sender.jid)
    }
    one.message(`user1@${inA}/${other.jid.split('/')[1]}`, 'from next door')
    expect((await other.until('message')).attrs.from).toBe(one.jid)
    other.message(sender.jid, 'an answer')
    expect((await sender.until('message')).attrs.from).toBe(other.jid)
  })

  test('a contact is one in both forms', async () => {
    const sender = await login(there, remote)
    for (const domain of [inA, inU])
      await sender.ask(
        `<iq type='set' id='${domain}'><query xmlns='jabber:iq:roster'><item jid='user1@${domain}'/></query></iq>`,
      )
    const roster = await sender.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    expect(child(roster, 'query')?.children.map(({ attrs }) => attrs.jid)).toEqual([`user1@${inU}`])
  })

  test.each(['xn--bcher-kv.example', 'xn--n3h.net', '\u2603.net', 'a\u05d0.com'])('%s is malformed', async domain => {
    const sender = await login(there, remote)
    sender.message(`user1@${domain}`, 'nobody')
    const error = await sender.until('message')
    expect(child(error, 'error')?.children[0]?.name).toBe('jid-malformed')
  })

  test.each(['\u2764\ufe0f', 'a\u200bb', '\u0378', '\ue000'])('the resource %j is none', async resource => {
    const sender = await login(there, remote)
    sender.message(`user1@${remote}/${resource}`, 'nobody')
    expect(child(await sender.until('message'), 'error')?.children[0]?.name).toBe('jid-malformed')
    const client = await XmppClient.connect({ port: there.port, domain: remote })
    lines.push(client)
    await client.reachSasl()
    await client.authenticate(user)
    const bound = await client.ask(
      `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    )
    expect(child(bound, 'error')?.children[0]?.name).toBe('bad-request')
  })
})
