/**
 * SASL2 with Bind 2 and stream management inside both (XEP-0388, XEP-0386, XEP-0198 §9), over TLS: section 9 of
 * XEP-0198 sentence by sentence, and what is counted and sent again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, openHouse, type Person } from '../support/house.js'
import { createScram } from '../support/scram.js'
import type { RunningServer } from '../support/server.js'
import { startSmacks } from '../support/start-smacks.js'
import { at, bodyOf, child, type Xml } from '../support/xml.js'
import { nsSm2, nsSm3, type XmppClient } from '../support/xmpp-client.js'

const nsSasl2 = 'urn:xmpp:sasl:2'
const nsBind2 = 'urn:xmpp:bind:0'
const nsStanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas'

const users = [...makeUsers(60)]
let server: RunningServer

beforeAll(async () => {
  server = await startSmacks({ users, limits: { auth_failures: 3 } })
})
afterAll(async () => {
  await server?.stop()
})

const scene = (play: (house: House) => Promise<void>) => async (): Promise<void> => {
  const house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  try {
    await play(house)
  } finally {
    house.leave()
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString()

const enable = `<enable xmlns='${nsSm3}' resume='true'/>`
const bind = (inside = ''): string => `<bind xmlns='${nsBind2}'><tag>test</tag>${inside}</bind>`
const resume = (previd: string, h = 0): string => `<resume xmlns='${nsSm3}' previd='${previd}' h='${h}'/>`
const request = (who: Person, inline: string, password = who.password): string =>
  `<authenticate xmlns='${nsSasl2}' mechanism='PLAIN'><initial-response>` +
  `${base64(`\0${who.username}\0${password}`)}</initial-response>${inline}</authenticate>`

/** Logs in on a new line with one `<authenticate/>`: the line, and the `<success/>`. */
const login = async (house: House, who: Person, inline = '') => {
  const client = await house.encrypted()
  client.send(request(who, inline))
  const success = await client.expect('success')
  client.jid = child(success, 'authorization-identifier')?.text ?? ''
  return { client, success }
}

/** A new session with stream management: the line, and what `<enabled/>` said. Features are taken. */
const begin = async (house: House, who: Person, wish = enable) => {
  const { client, success } = await login(house, who, bind(wish))
  await client.expect('features')
  const enabled = at(success, 'bound', 'enabled')
  client.smId = enabled?.attrs.id ?? ''
  return { client, enabled, success }
}

/** A session of which the line dropped while these messages were unseen. */
const lose = async (house: House, who: Person, ...bodies: ReadonlyArray<string>) => {
  const { client } = await begin(house, who)
  client.reset()
  // A line that was cut before the messages came is lost to the server at latest when it is resumed.
  const friend = await house.online(house.person(), 'friend')
  for (const body of bodies) friend.message(client.jid, body)
  await friend.untilFence()
  return client
}

const names = (element: Xml | undefined): ReadonlyArray<string> => element?.children.map(it => it.name) ?? []
const conditionOf = (failed: Xml | undefined): string | undefined =>
  failed?.children.find(it => it.ns === nsStanzas)?.name
const inlineOf = (features: Xml): Xml | undefined => child(child(features, 'authentication', nsSasl2), 'inline')

/** An ack on a line whose `h` the test knows. */
const acked = async (client: XmppClient): Promise<number> => {
  client.sendRaw(`<r xmlns='${nsSm3}'/>`)
  return Number((await client.until('a')).attrs.h)
}

describe.concurrent('XEP-0198 §9, sentence by sentence', () => {
  test(
    '"the server adds a <feature/> element with var attribute set to urn:xmpp:sm:3 in the <inline/> element of BIND2"',
    scene(async house => {
      const features = await (await house.connect()).reachSasl()
      const bind2 = child(inlineOf(features), 'bind', nsBind2)
      expect(child(bind2, 'inline')?.children.map(it => it.attrs.var)).toContain(nsSm3)
    }),
  )

  test(
    '"it simply includes the <enable/> element in its <bind/> request": <enabled/> comes inside <bound/>, with the attributes it has outside',
    scene(async house => {
      const { success, enabled } = await begin(house, house.person())
      expect(success.ns).toBe(nsSasl2)
      expect(child(success, 'bound', nsBind2)).toBeDefined()
      const outside = await (await house.bound(house.person())).enable()
      expect(Object.keys(enabled?.attrs ?? {})).toEqual(Object.keys(outside.attrs))
      expect({ ...enabled?.attrs, id: '' }).toEqual({ ...outside.attrs, id: '' })
      expect(enabled?.attrs.id).toMatch(/^.{22,}$/)
    }),
  )

  test(
    '"able to bind a resource for the client, but unable to enable stream management, it will include a <failed/> element within the <bound/> response"',
    scene(async house => {
      const { client, success } = await login(house, house.person(), bind(`<enable xmlns='${nsSm3}' max='soon'/>`))
      expect(conditionOf(at(success, 'bound', 'failed'))).toBe('bad-request')
      expect(names(await client.expect('features'))).toContain('sm')
      await client.expectNothing()
      await client.enable()
    }),
  )

  test(
    '"the server adds an <sm/> element in the namespace urn:xmpp:sm:3 to the <inline/> element of SASL2"',
    scene(async house => {
      const features = await (await house.connect()).reachSasl()
      expect(child(inlineOf(features), 'sm', nsSm3)).toBeDefined()
    }),
  )

  test(
    '"it simply includes the <resume/> element in the SASL2 <authenticate/> element": <success/> has <resumed/> and the full JID',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who)
      const { success } = await login(house, who, resume(former.smId))
      expect(child(success, 'resumed', nsSm3)?.attrs).toMatchObject({ previd: former.smId, h: '0' })
      expect(child(success, 'authorization-identifier')?.text).toBe(former.jid)
    }),
  )

  test(
    '"that MUST be processed first by the server": the place of <resume/> does not matter',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who)
      const { success } = await login(house, who, bind(enable) + resume(former.smId))
      expect(names(success)).toEqual(['authorization-identifier', 'resumed'])
    }),
  )

  test(
    '"the server MUST skip resource binding and MUST entirely ignore the <bind/> request": no <bound/>, and the old full JID',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who)
      const { client, success } = await login(house, who, resume(former.smId) + bind(enable))
      expect(child(success, 'bound')).toBeUndefined()
      client.message(client.jid, 'to myself')
      expect((await client.until('message')).attrs).toMatchObject({ from: former.jid, to: former.jid })
      expect(await acked(client)).toBe(1)
    }),
  )

  test(
    '"the stream is considered re-established immediately after the <success/> element and stream features MUST NOT be sent": the unacked stanzas follow, in order',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who, 'one', 'two', 'three')
      const { client } = await login(house, who, resume(former.smId))
      const came = await client.expectMany('message', 3)
      expect(came.map(bodyOf)).toEqual(['one', 'two', 'three'])
      await client.expectNothing()
    }),
  )

  test(
    '"the server MUST include the <failed/> element in its <success/> response, but also MUST continue to process the <bind/>": item-not-found, and a new session',
    scene(async house => {
      const { client, success } = await login(house, house.person(), resume('never-was') + bind(enable))
      expect(names(success)).toEqual(['authorization-identifier', 'failed', 'bound'])
      const failed = child(success, 'failed', nsSm3)
      expect([conditionOf(failed), failed?.attrs.h]).toEqual(['item-not-found', undefined])
      expect(at(success, 'bound', 'enabled')?.attrs.id).toBeDefined()
      expect(client.jid).toMatch(/\/test\/./)
      await client.expect('features')
      client.message(client.jid, 'to myself')
      expect((await client.expect('message')).attrs.to).toBe(client.jid)
    }),
  )

  test(
    '"the session has been disconnected longer than the server\'s resumption timeout": <failed/> says what was handled',
    scene(async house => {
      const who = house.person()
      const { client: former } = await begin(house, who, `<enable xmlns='${nsSm3}' resume='true' max='1'/>`)
      former.sendRaw(`<presence to='${who.jid}'/><presence to='${who.jid}'/>`)
      expect(await acked(former)).toBe(2)
      former.reset()
      await new Promise(resolve => setTimeout(resolve, 1_500))
      const { success } = await login(house, who, resume(former.smId) + bind(enable))
      const failed = child(success, 'failed', nsSm3)
      expect([conditionOf(failed), failed?.attrs.h]).toEqual(['item-not-found', '2'])
    }),
  )

  test(
    '"The client can find details about its new session in the <bound/> response"',
    scene(async house => {
      const who = house.person()
      const { client: former, enabled: old } = await begin(house, who)
      const { client, success } = await login(house, who, resume('never-was') + bind(enable))
      const enabled = at(success, 'bound', 'enabled')
      expect(enabled?.attrs.id).not.toBe(old?.attrs.id)
      expect(client.jid).not.toBe(former.jid)
    }),
  )
})

describe.concurrent('SASL2 alone', () => {
  test(
    'logs in with the bare JID, and bind follows on the same stream',
    scene(async house => {
      const who = house.person()
      const { client, success } = await login(house, who)
      expect(names(success)).toEqual(['authorization-identifier'])
      expect(client.jid).toBe(who.jid)
      expect(names(await client.expect('features'))).toContain('bind')
      expect(await client.bind('desk')).toBe(`${who.jid}/desk`)
      await client.enable()
      await client.expectNothing()
    }),
  )

  test(
    'with SCRAM-SHA-256 the server proves itself in <additional-data/>',
    scene(async house => {
      const who = house.person()
      const client = await house.encrypted()
      const scram = createScram({ ...who, hash: 'SHA-256' })
      const first = `<initial-response>${base64(scram.first)}</initial-response>`
      client.send(`<authenticate xmlns='${nsSasl2}' mechanism='SCRAM-SHA-256'>${first}${bind(enable)}</authenticate>`)
      const challenge = await client.expect('challenge')
      client.send(`<response xmlns='${nsSasl2}'>${base64(scram.final(fromBase64(challenge.text)))}</response>`)
      const success = await client.expect('success')
      expect(scram.proves(fromBase64(child(success, 'additional-data')?.text ?? ''))).toBe(true)
      expect(names(success)).toEqual(['additional-data', 'authorization-identifier', 'bound'])
    }),
  )

  test(
    'a wrong password fails, does nothing of what was inlined, and may be tried again',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who, 'one')
      const client = await house.encrypted()
      client.send(request(who, resume(former.smId) + bind(enable), 'wrong'))
      expect(names(await client.expect('failure'))).toContain('not-authorized')
      client.send(request(who, resume(former.smId)))
      expect(names(await client.expect('success'))).toContain('resumed')
      expect(bodyOf(await client.expect('message'))).toBe('one')
    }),
  )

  test(
    'three failures end the stream',
    scene(async house => {
      const who = house.person()
      const client = await house.encrypted()
      for (let n = 0; n < 3; n += 1) client.send(request(who, '', 'wrong'))
      await client.expectMany('failure', 3)
      await client.expectStreamError('policy-violation')
    }),
  )

  test(
    'the username is normalised: its session is that of the account',
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who, 'one')
      const { success } = await login(house, { ...who, username: who.username.toUpperCase() }, resume(former.smId))
      expect(names(success)).toContain('resumed')
    }),
  )
})

describe.concurrent('a session that began inline', () => {
  test(
    'counts from <authenticate/> on, also what is in the same packet, and answers <r/>',
    scene(async house => {
      const who = house.person()
      const client = await house.encrypted()
      const stanzas = `<presence to='${who.jid}'/>`.repeat(3)
      client.send(`${request(who, bind(enable))}${stanzas}<r xmlns='${nsSm3}'/>`)
      await client.expect('success')
      await client.expect('features')
      expect((await client.until('a')).attrs.h).toBe('3')
      client.sendRaw(stanzas)
      expect(await acked(client)).toBe(6)
    }),
  )

  test(
    'gets its <enabled/> in a write of its own',
    scene(async house => {
      const who = house.person()
      const client = await house.encrypted()
      client.send(
        `${request(who, bind(enable))}<presence/><iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`,
      )
      await client.until('iq')
      const chunk = client.chunks.find(text => text.includes('<enabled')) ?? ''
      expect(chunk).toMatch(/^<success.*<\/stream:features>$/s)
    }),
  )

  test(
    'is resumed again and again, inline and not, and loses nothing',
    scene(async house => {
      const who = house.person()
      const friend = await house.online(house.person(), 'friend')
      let { client } = await begin(house, who)
      const { smId, jid } = client
      let seen = 0
      for (let round = 0; round < 6; round += 1) {
        // One is seen, one gets lost on the line.
        friend.message(jid, `seen ${round}`)
        expect(bodyOf(await client.until('message'))).toBe(`seen ${round}`)
        seen += 1
        client.reset()
        friend.message(jid, `lost ${round}`)
        await friend.untilFence()
        if (round % 2 === 0) client = (await login(house, who, resume(smId, seen))).client
        else {
          client = await house.authenticated(who)
          client.sendRaw(resume(smId, seen))
          await client.expect('resumed')
        }
        expect(bodyOf(await client.expect('message'))).toBe(`lost ${round}`)
        seen += 1
      }
      await client.expectNothing()
    }),
  )

  test(
    'is taken over inline while its line still stands: the old one ends with conflict',
    scene(async house => {
      const who = house.person()
      const { client: former } = await begin(house, who)
      const { success } = await login(house, who, resume(former.smId))
      expect(names(success)).toContain('resumed')
      await former.expectStreamError('conflict')
    }),
  )

  test(
    'of the same installation takes the place of the former one',
    scene(async house => {
      const who = house.person()
      const agent = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>"
      const { client: former } = await login(house, who, agent + bind())
      await former.expect('features')
      const { client } = await login(house, who, agent + bind())
      expect(client.jid).toBe(former.jid)
      await former.expectStreamError('conflict')
    }),
  )
})

describe.concurrent('what cannot be resumed inline leaves the old session as it was', () => {
  const attempts: ReadonlyArray<readonly [string, (id: string) => string, string]> = [
    ['with an h above what was sent', id => resume(id, 99), 'undefined-condition'],
    ['without h', id => `<resume xmlns='${nsSm3}' previd='${id}'/>`, 'bad-request'],
    ['in the other version', id => `<resume xmlns='${nsSm2}' previd='${id}' h='0'/>`, 'unexpected-request'],
  ]
  for (const [what, attempt, condition] of attempts)
    test(
      what,
      scene(async house => {
        const who = house.person()
        const former = await lose(house, who, 'one')
        const { success } = await login(house, who, attempt(former.smId) + bind())
        expect(conditionOf(child(success, 'failed'))).toBe(condition)
        expect(child(success, 'bound')).toBeDefined()
        const { client, success: second } = await login(house, who, resume(former.smId))
        expect(names(second)).toContain('resumed')
        expect(bodyOf(await client.expect('message'))).toBe('one')
      }),
    )

  test(
    "another user's SM-ID looks like an unknown one",
    scene(async house => {
      const who = house.person()
      const former = await lose(house, who, 'one')
      const thief = await login(house, house.person(), resume(former.smId))
      const failed = child(thief.success, 'failed')
      expect([conditionOf(failed), failed?.attrs.h]).toEqual(['item-not-found', undefined])
      expect(names((await login(house, who, resume(former.smId))).success)).toContain('resumed')
    }),
  )
})
