/** A session is resumed (XEP-0198 §5). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'
import { base64, nsSm2, nsSm3 } from '../../support/xmpp-client.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)
const delayOf = (stanza: Xml): Xml | undefined => child(stanza, 'delay', 'urn:xmpp:delay')
const resumeOf = (smId: string, h: number | string): string => `<resume xmlns='${nsSm3}' previd='${smId}' h='${h}'/>`

rules('resumption', { domains: ['localhost', 'second.localhost'] }, rule => {
  rule('XEP-0198 §5', '<resumed/> carries the previd and the h of the former stream', async house => {
    const client = await house.managed(house.person())
    client.reset()
    const again = await house.returning(client)
    const resumed = await again.resume(client)
    expect(resumed.attrs).toMatchObject({ previd: client.smId, h: String(client.sent) })
    expect(resumed.ns).toBe(nsSm3)
  })

  for (const seen of [0, 1, 3, 5])
    rule(
      'edge 49',
      `of five stanzas, a resume with ${seen} of them acked brings exactly the others, in order`,
      async house => {
        const client = await house.managed(house.person())
        const sender = await house.online(house.person())
        const before = client.handled
        for (const body of ['1', '2', '3', '4', '5']) sender.message(client.jid, body)
        await client.expectMany('message', 5)
        client.reset()
        const again = await house.resumed(client, before + seen)
        expect(bodies(await again.untilFence())).toEqual(['1', '2', '3', '4', '5'].slice(seen))
      },
    )

  rule(
    'edge 59',
    'after <resumed/> come the unacked stanzas, then those that came meanwhile, then live ones',
    async house => {
      const client = await house.managed(house.person())
      const sender = await house.online(house.person())
      const h = client.handled
      sender.message(client.jid, '1')
      sender.message(client.jid, '2')
      await client.expectMany('message', 2)
      client.reset()
      sender.message(client.jid, '3')
      sender.message(client.jid, '4')
      await sender.untilFence()
      const again = await house.resumed(client, h)
      sender.message(client.jid, '5')
      await sender.untilFence()
      expect(bodies(await again.untilFence())).toEqual(['1', '2', '3', '4', '5'])
    },
  )

  rule('XEP-0198 §4', 'a message that is sent again says since when it waits, and who says so', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    const from = Date.now()
    sender.message(client.jid, 'late')
    await sender.untilFence()
    const until = Date.now()
    const again = await house.resumed(client)
    const late = await again.until(it => bodyOf(it) === 'late')
    const stamp = Date.parse(delayOf(late)?.attrs.stamp ?? '')
    expect(stamp).toBeGreaterThanOrEqual(from - 1_000)
    expect(stamp).toBeLessThanOrEqual(until + 1_000)
  })

  rule(
    'smacks',
    "the <delay/> is from the server's domain",
    async house => {
      const client = await house.managed(house.person())
      const sender = await house.online(house.person())
      client.reset()
      sender.message(client.jid, 'late')
      await sender.untilFence()
      const again = await house.resumed(client)
      const late = await again.until(it => bodyOf(it) === 'late')
      expect(delayOf(late)?.attrs.from).toBe('localhost')
    },
    { differs: { prosody: "says the user's own JID" } },
  )

  rule('edge 82', 'a stanza that carries a <delay/> gets no second one', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    sender.send(
      `<message to='${client.jid}' type='chat'><body>old</body>` +
        "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/></message>",
    )
    await sender.untilFence()
    const again = await house.resumed(client)
    const old = await again.until(it => bodyOf(it) === 'old')
    expect(old.children.filter(it => it.name === 'delay').map(it => it.attrs.stamp)).toEqual(['2020-01-01T00:00:00Z'])
  })

  rule('edge 82', 'an iq is sent again without <delay/>', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    sender.send(`<iq to='${client.jid}' type='get' id='q1'><query xmlns='urn:example:question'/></iq>`)
    await sender.untilFence()
    const again = await house.resumed(client)
    const iq = await again.until(it => it.name === 'iq' && it.attrs.id === 'q1')
    expect(delayOf(iq)).toBeUndefined()
    again.send(`<iq to='${sender.jid}' type='result' id='q1'/>`)
    expect((await sender.expect('iq')).attrs).toMatchObject({ type: 'result', id: 'q1', from: client.jid })
  })

  rule('edge 82', 'a presence that is sent again says since when it waits', async house => {
    const [one, other] = [house.person(), house.person()]
    await house.befriend(one, other)
    const client = await house.managed(one)
    client.reset()
    const friend = await house.online(other)
    friend.send('<presence><show>away</show></presence>')
    await friend.untilFence()
    const again = await house.resumed(client)
    const away = await again.until(it => child(it, 'show')?.text === 'away')
    expect(delayOf(away)?.attrs.stamp).toBeDefined()
  })

  rule('XEP-0198 §5', 'resumption on a live line does not mark new stanzas as delayed', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    const again = await house.resumed(client)
    sender.message(client.jid, 'now')
    expect(delayOf(await again.until(it => bodyOf(it) === 'now'))).toBeUndefined()
  })

  rule('edge 60', 'a resumed session is resumed again, twenty times', async house => {
    let client = await house.managed(house.person())
    const sender = await house.online(house.person())
    for (let n = 0; n < 20; n += 1) {
      client.reset()
      sender.message(client.jid, String(n))
      await sender.untilFence()
      client = await house.resumed(client)
      expect(bodies(await client.untilFence())).toEqual([String(n)])
    }
  })

  rule('edge 61', 'a line that drops while stanzas are sent again loses none of them', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    const sent = Array.from({ length: 50 }, (_, n) => String(n))
    for (const body of sent) sender.message(client.jid, body)
    await sender.untilFence()
    const second = await house.resumed(client)
    await second.expectMany('message', 20)
    second.reset()
    const third = await house.resumed(second)
    expect(bodies(await third.untilFence())).toEqual(sent.slice(20))
  })

  rule(
    'edge 51',
    'an unknown previd fails with item-not-found, and the client binds on the same stream',
    async house => {
      const client = await house.authenticated(house.person())
      client.send(resumeOf('no-such-session', 0))
      const failed = await client.expect('failed')
      expect(child(failed, 'item-not-found', 'urn:ietf:params:xml:ns:xmpp-stanzas')).toBeDefined()
      await client.bind()
      expect((await client.enable()).attrs.id).toBeDefined()
    },
  )

  rule(
    'edge 52',
    "another user's SM-ID looks exactly like an unknown one, and its session is untouched",
    async house => {
      const victim = await house.managed(house.person())
      const sender = await house.online(house.person())
      victim.reset()
      sender.message(victim.jid, 'secret')
      await sender.untilFence()
      const thief = await house.authenticated(house.person())
      thief.send(resumeOf('no-such-session', 0))
      const unknown = await thief.expect('failed')
      thief.send(resumeOf(victim.smId, 0))
      expect(await thief.expect('failed')).toEqual(unknown)
      const again = await house.resumed(victim)
      expect(bodies(await again.untilFence())).toEqual(['secret'])
    },
  )

  rule('edge 53', 'an SM-ID of the same name on another virtual host is unknown', async house => {
    const who = house.person()
    const client = await house.managed(who)
    client.reset()
    const elsewhere = await house.authenticated(who, { domain: 'second.localhost' })
    elsewhere.send(resumeOf(client.smId, 0))
    expect(child(await elsewhere.expect('failed'), 'item-not-found')).toBeDefined()
    await house.resumed(client)
  })

  for (const [what, xml] of [
    ['without h', (id: string) => `<resume xmlns='${nsSm3}' previd='${id}'/>`],
    ['without previd', () => `<resume xmlns='${nsSm3}' h='0'/>`],
    ['with an empty previd', () => `<resume xmlns='${nsSm3}' previd='' h='0'/>`],
    ["with h='-1'", (id: string) => resumeOf(id, -1)],
    ["with h='many'", (id: string) => resumeOf(id, 'many')],
    ["with h='4294967296'", (id: string) => resumeOf(id, '4294967296')],
  ] as const)
    rule(
      'edge 50',
      `a <resume/> ${what} fails, the client may bind, and the old session can still be resumed`,
      async house => {
        const client = await house.managed(house.person())
        client.reset()
        const again = await house.returning(client)
        again.send(xml(client.smId))
        await again.expect('failed')
        await again.bind('elsewhere')
        await house.resumed(client)
      },
      what.includes('h') && !what.includes('previd')
        ? {
            differs: {
              prosody: 'h is not checked before the session is taken over',
              ejabberd: 'h is not checked before the session is taken over',
            },
          }
        : {},
    )

  rule(
    'edge 49',
    'a <resume/> with an h above what was sent is refused, and the old session is as before',
    async house => {
      const client = await house.managed(house.person())
      const sender = await house.online(house.person())
      client.reset()
      sender.message(client.jid, 'precious')
      await sender.untilFence()
      const again = await house.returning(client)
      again.send(resumeOf(client.smId, client.handled + 10))
      const refusal = await again.element()
      expect(['failed', 'error']).toContain(refusal.name)
      const third = await house.resumed(client)
      expect(bodies(await third.untilFence())).toEqual(['precious'])
    },
    { differs: { prosody: 'ends the old session', ejabberd: 'takes the session over first' } },
  )

  rule('XEP-0198 §10', 'a <resume/> before authentication fails, and the session is untouched', async house => {
    const client = await house.managed(house.person())
    client.reset()
    const thief = await house.encrypted()
    thief.send(resumeOf(client.smId, 0))
    const answer = await thief.element()
    expect(['failed', 'error']).toContain(answer.name)
    await house.resumed(client)
  })

  rule('edge 4', 'a <resume/> after bind fails with unexpected-request, and the session is untouched', async house => {
    const client = await house.managed(house.person())
    client.reset()
    const bound = await house.returning(client)
    await bound.bind('elsewhere')
    bound.send(resumeOf(client.smId, 0))
    expect(child(await bound.expect('failed'), 'unexpected-request')).toBeDefined()
    await bound.expectNothing()
    await house.resumed(client)
  })

  rule('edge 5', 'a <resume/> on a managed stream fails, and both sessions are untouched', async house => {
    const who = house.person()
    const [client, other] = [await house.managed(who), await house.managed(who, 'elsewhere')]
    client.reset()
    const h = await other.acked()
    other.send(resumeOf(client.smId, 0))
    await other.expect('failed')
    expect(await other.acked()).toBe(h)
    await house.resumed(client)
  })

  rule('edge 12', 'a <resume/> in an unknown namespace touches no session', async house => {
    const client = await house.managed(house.person())
    client.reset()
    const again = await house.returning(client)
    again.send(`<resume xmlns='urn:xmpp:sm:99' previd='${client.smId}' h='0'/>`)
    await again.next()
    await house.resumed(client)
  })

  rule('edge 11', 'a session of sm:2 is resumed in sm:2', async house => {
    const client = await house.bound(house.person())
    client.send(`<enable xmlns='${nsSm2}' resume='true'/>`)
    const smId = (await client.expect('enabled')).attrs.id ?? ''
    client.reset()
    const again = await house.returning(client)
    again.send(`<resume xmlns='${nsSm2}' previd='${smId}' h='0'/>`)
    const resumed = await again.expect('resumed')
    expect([resumed.ns, resumed.attrs.previd, resumed.attrs.h]).toEqual([nsSm2, smId, '0'])
  })

  rule('edge 72', 'the bound JID comes back: what is sent is from the same full JID', async house => {
    const client = await house.managed(house.person())
    const reader = await house.online(house.person())
    client.reset()
    const again = await house.resumed(client)
    again.message(reader.jid, 'it is me')
    expect((await reader.expect('message')).attrs.from).toBe(client.jid)
  })

  rule('edge 73', 'contacts see nothing of a cut and a resumption', async house => {
    const [one, other] = [house.person(), house.person()]
    await house.befriend(one, other)
    const friend = await house.online(other)
    const client = await house.managed(one)
    await friend.until('presence')
    client.reset()
    await friend.expectNothing()
    await house.resumed(client)
    await friend.expectNothing()
  })

  rule('XEP-0198 §5', 'a contact that comes online meanwhile sees the hibernating user available', async house => {
    const [one, other] = [house.person(), house.person()]
    await house.befriend(one, other)
    const client = await house.managed(one)
    client.reset()
    const friend = await house.bound(other)
    friend.send('<presence/>')
    const came = await friend.untilFence()
    expect(came.some(it => it.name === 'presence' && it.attrs.from === client.jid && it.attrs.type === undefined)).toBe(
      true,
    )
  })

  rule('XEP-0198 §5', 'roster changes made meanwhile come after the resumption', async house => {
    const who = house.person()
    const client = await house.managed(who)
    await client.ask("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>")
    client.reset()
    const other = await house.bound(who, 'other')
    other.send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost'/></query></iq>")
    await other.until(it => it.attrs.id === 's')
    const again = await house.resumed(client)
    const push = await again.until(it => it.name === 'iq' && it.attrs.type === 'set')
    expect(push.children[0]?.children[0]?.attrs.jid).toBe('juliet@localhost')
  })

  rule('edge 72', 'carbons stay enabled', async house => {
    const who = house.person()
    const client = await house.managed(who)
    await client.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
    const other = await house.online(who, 'other')
    await client.untilFence()
    const sender = await house.online(house.person())
    client.reset()
    const again = await house.resumed(client)
    await again.untilFence()
    sender.message(other.jid, 'for the other')
    const copy = await again.until('message')
    expect(child(copy, 'received', 'urn:xmpp:carbons:2')).toBeDefined()
  })

  rule(
    'edge 62',
    'stream header, authentication, stream header and <resume/> may come in one write',
    async house => {
      const client = await house.managed(house.person())
      const sender = await house.online(house.person())
      client.reset()
      sender.message(client.jid, 'waiting')
      await sender.untilFence()
      const { username, password } = client.credentials ?? { username: '', password: '' }
      const again = await house.connect()
      await again.open()
      await again.startTls()
      again.restart()
      const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${base64(`\0${username}\0${password}`)}</auth>`
      again.sendRaw(again.header() + auth + again.header() + resumeOf(client.smId, client.handled))
      await again.opened()
      await again.expect('features')
      await again.expect('success')
      await again.opened()
      await again.expect('features')
      expect((await again.expect('resumed')).attrs.previd).toBe(client.smId)
      expect(bodyOf(await again.expect('message'))).toBe('waiting')
    },
    { spares: { prosody: 'forgets what follows <auth/>', ejabberd: 'forgets what follows <auth/>' } },
  )

  rule('edge 9', 'a session that was not granted resumption cannot be resumed', async house => {
    const client = await house.bound(house.person())
    await client.enable('')
    client.reset()
    const again = await house.returning(client)
    again.send(resumeOf(client.smId === '' ? 'made-up' : client.smId, 0))
    expect(child(await again.expect('failed'), 'item-not-found')).toBeDefined()
  })

  rule('edge 54', 'a failed resume with somebody else’s id leaves the own session resumable', async house => {
    const client = await house.managed(house.person())
    client.reset()
    const again = await house.returning(client)
    for (let n = 0; n < 5; n += 1) {
      again.send(resumeOf(`made-up-${n}`, 0))
      await again.expect('failed')
    }
    await again.resume(client)
  })
})
