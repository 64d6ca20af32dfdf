/** Resource binding (RFC 6120 §7). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { at, child } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

const ns = 'urn:ietf:params:xml:ns:xmpp-bind'
const binding = (client: XmppClient, inside: string, id = 'b1') =>
  client.ask(`<iq type='set' id='${id}'><bind xmlns='${ns}'>${inside}</bind></iq>`)

rules('binding', { people: 40, limits: { resources_per_user: 5 } }, rule => {
  rule('RFC 6120 7.4', 'bind is offered after authentication, and only then', async house => {
    const client = await house.connect()
    expect(child(await client.reachSasl(), 'bind', ns)).toBeUndefined()
    expect(child(await client.authenticate(house.person()), 'bind', ns)).toBeDefined()
  })

  rule('RFC 6120 7.6', 'without a resource the server makes one, each time another', async house => {
    const who = house.person()
    const jids = [await (await house.authenticated(who)).bind(), await (await house.authenticated(who)).bind()]
    expect(new Set(jids).size).toBe(2)
    for (const jid of jids) expect(jid.startsWith(`${who.jid}/`)).toBe(true)
  })

  rule('RFC 6120 7.7', 'a resource the client asks for is granted', async house => {
    const who = house.person()
    expect(await (await house.authenticated(who)).bind('balcony')).toBe(`${who.jid}/balcony`)
  })

  rule('RFC 6120 7.7', 'a resource of several scripts and signs comes back as it is', async house => {
    const who = house.person()
    const resource = "O'Brien & söhne <2> 漢字"
    expect(await (await house.authenticated(who)).bind(resource)).toBe(`${who.jid}/${resource}`)
  })

  rule(
    'clients 6',
    'an empty <resource/> is like none',
    async house => {
      const who = house.person()
      const answer = await binding(await house.authenticated(who), '<resource/>')
      expect(at(answer, 'bind', 'jid')?.text).toMatch(new RegExp(`^${who.jid}/.+`))
    },
    { spares: { ejabberd: 'refuses it' } },
  )

  rule('clients 6', 'children such as <required/> in <bind/> are tolerated', async house => {
    const who = house.person()
    const answer = await binding(await house.authenticated(who), '<required/><resource>x</resource>')
    expect(at(answer, 'bind', 'jid')?.text).toBe(`${who.jid}/x`)
  })

  rule('RFC 6120 7.7.2.1', 'a resource above 1023 bytes is refused with bad-request or replaced', async house => {
    const client = await house.authenticated(house.person())
    const answer = await binding(client, `<resource>${'x'.repeat(1_024)}</resource>`)
    if (answer.attrs.type === 'error') expect(child(child(answer, 'error'), 'bad-request')).toBeDefined()
    else expect(Buffer.byteLength(at(answer, 'bind', 'jid')?.text ?? '')).toBeLessThanOrEqual(1_100)
    if (answer.attrs.type === 'error') await client.bind('shorter')
  })

  rule('RFC 6120 7.1', 'a second bind is refused, and the first resource stays', async house => {
    const client = await house.bound(house.person(), 'first')
    client.send(`<iq type='set' id='again'><bind xmlns='${ns}'><resource>second</resource></bind></iq>`)
    const answer = await client.element()
    expect([answer.name, answer.attrs.type]).toEqual(['iq', 'error'])
    client.message(client.jid, 'still first')
    expect((await client.expect('message')).attrs.to).toBe(client.jid)
  })

  rule(
    'RFC 6120 7.7',
    'a bind of type get is refused',
    async house => {
      const client = await house.authenticated(house.person())
      client.send(`<iq type='get' id='g'><bind xmlns='${ns}'/></iq>`)
      const answer = await client.element()
      expect(['error', undefined]).toContain(answer.attrs.type)
      expect(child(answer, 'bind')?.children.length ?? 0).toBe(0)
    },
    { spares: { prosody: 'binds all the same', ejabberd: 'closes the stream' } },
  )

  rule('clients 7', 'a session iq is answered with a result', async house => {
    const client = await house.bound(house.person())
    const answer = await client.ask("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
    expect(answer.attrs.type).toBe('result')
  })

  rule(
    'RFC 6120 7.6.2.1',
    'more resources than allowed are refused with resource-constraint',
    async house => {
      const who = house.person()
      for (let n = 0; n < 5; n += 1) await house.bound(who, `r${n}`)
      const sixth = await house.authenticated(who)
      const answer = await binding(sixth, '<resource>r5</resource>')
      expect(answer.attrs.type).toBe('error')
      expect(child(child(answer, 'error'), 'resource-constraint')).toBeDefined()
    },
    { spares: { prosody: 'has no such limit', ejabberd: 'replaces the oldest' } },
  )

  rule('RFC 6120 7.6', 'two resources of one user are two sessions', async house => {
    const who = house.person()
    const [one, two] = [await house.online(who, 'one'), await house.online(who, 'two')]
    await one.untilFence()
    two.message(one.jid, 'over here')
    expect((await one.expect('message')).attrs.from).toBe(two.jid)
    await two.expectNothing()
  })
})
