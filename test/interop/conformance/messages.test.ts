/** The routing of stanzas (RFC 6121 §8, RFC 6120 §§8, 10). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)
const errorOf = (stanza: Xml): string | undefined => child(stanza, 'error')?.children[0]?.name
const ping = "<ping xmlns='urn:xmpp:ping'/>"

rules('routing', { people: 90 }, rule => {
  for (const type of ['chat', 'normal', 'headline', 'error'])
    rule('RFC 6121 8.5.3.1', `a message of type ${type} to a full JID reaches that resource alone`, async house => {
      const who = house.person()
      const [one, two] = [await house.online(who, 'one'), await house.online(who, 'two')]
      await one.untilFence()
      const sender = await house.online(house.person())
      sender.message(one.jid, 'hello', type)
      await sender.untilFence()
      expect(bodies(await one.untilFence())).toEqual(['hello'])
      await two.expectNothing()
    })

  rule('RFC 6120 8.1.2.1', 'the server stamps the full JID of the sender', async house => {
    const [sender, reader] = [await house.online(house.person()), await house.online(house.person())]
    sender.message(reader.jid, 'who?')
    expect((await reader.expect('message')).attrs).toMatchObject({ from: sender.jid, to: reader.jid, id: 'who?' })
  })

  rule(
    'RFC 6121 8.5.2.1.1',
    'a chat message to a bare JID reaches at least the resource of highest priority',
    async house => {
      const who = house.person()
      const low = await house.online(who, 'low', '<presence><priority>1</priority></presence>')
      const high = await house.online(who, 'high', '<presence><priority>9</priority></presence>')
      await low.untilFence()
      const sender = await house.online(house.person())
      sender.message(who.jid, 'hello')
      await sender.untilFence()
      expect(bodies(await high.untilFence())).toEqual(['hello'])
    },
  )

  rule(
    'RFC 6121 8.5.2.1.1',
    'a resource of negative priority gets nothing that is sent to the bare JID',
    async house => {
      const who = house.person()
      const shy = await house.online(who, 'shy', '<presence><priority>-1</priority></presence>')
      const open = await house.online(who, 'open')
      await shy.untilFence()
      const sender = await house.online(house.person())
      for (const type of ['chat', 'normal', 'headline']) sender.message(who.jid, type, type)
      await sender.untilFence()
      await shy.expectNothing()
      expect(bodies(await open.untilFence())).toEqual(['chat', 'normal', 'headline'])
    },
  )

  rule(
    'RFC 6121 8.5.2.1.1',
    'a headline to a bare JID reaches all resources of non-negative priority',
    async house => {
      const who = house.person()
      const [one, two] = [await house.online(who, 'one'), await house.online(who, 'two')]
      await one.untilFence()
      const sender = await house.online(house.person())
      sender.message(who.jid, 'news', 'headline')
      await sender.untilFence()
      expect(bodies(await one.untilFence())).toEqual(['news'])
      expect(bodies(await two.untilFence())).toEqual(['news'])
    },
    { spares: { prosody: 'sends it to one', ejabberd: 'sends it to one' } },
  )

  rule('RFC 6121 8.5.2.1.1', 'a groupchat message to a bare JID is refused', async house => {
    const reader = await house.online(house.person())
    const sender = await house.online(house.person())
    sender.message(reader.jid.split('/')[0] ?? '', 'to all', 'groupchat')
    expect(errorOf(await sender.expect('message'))).toBe('service-unavailable')
    await reader.expectNothing()
  })

  rule(
    'RFC 6121 8.5.3.2.1',
    'a chat message to a resource that is not there is treated like one to the bare JID',
    async house => {
      const who = house.person()
      const reader = await house.online(who)
      const sender = await house.online(house.person())
      sender.message(`${who.jid}/elsewhere`, 'hello')
      await sender.untilFence()
      expect(bodies(await reader.untilFence())).toEqual(['hello'])
    },
  )

  rule(
    'RFC 6121 8.5.3.2.3',
    'an iq to a resource that is not there is answered with service-unavailable',
    async house => {
      const who = house.person()
      await house.online(who)
      const sender = await house.online(house.person())
      const answer = await sender.ask(`<iq type='get' id='i' to='${who.jid}/elsewhere'>${ping}</iq>`)
      expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'service-unavailable'])
      expect(answer.attrs.from).toBe(`${who.jid}/elsewhere`)
    },
  )

  rule('RFC 6121 8.5.3.1', 'an iq to a full JID reaches the client, and its answer comes back', async house => {
    const [sender, reader] = [await house.online(house.person()), await house.online(house.person())]
    sender.send(`<iq type='get' id='i' to='${reader.jid}'>${ping}</iq>`)
    const iq = await reader.expect('iq')
    expect(iq.attrs).toMatchObject({ type: 'get', id: 'i', from: sender.jid })
    reader.send(`<iq type='result' id='i' to='${sender.jid}'/>`)
    expect((await sender.expect('iq')).attrs).toMatchObject({ type: 'result', id: 'i', from: reader.jid })
  })

  rule(
    'RFC 6121 8.5.1',
    'an iq to an account that does not exist is answered with service-unavailable',
    async house => {
      const sender = await house.online(house.person())
      const answer = await sender.ask(
        "<iq type='get' id='i' to='nobody-at-all@localhost'><query xmlns='urn:example:unknown'/></iq>",
      )
      expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'service-unavailable'])
    },
  )

  rule(
    'RFC 6121 8.5.1',
    'a message to an account that does not exist is answered with service-unavailable or nothing',
    async house => {
      const sender = await house.online(house.person())
      sender.message('nobody-at-all@localhost', 'hello')
      for (const it of await sender.untilFence()) expect(errorOf(it)).toBe('service-unavailable')
    },
  )

  rule(
    'RFC 6120 10.4',
    'a stanza to a domain that cannot be reached is answered with remote-server-not-found or its like',
    async house => {
      const sender = await house.online(house.person())
      const answer = await sender.ask(`<iq type='get' id='i' to='someone@elsewhere.invalid'>${ping}</iq>`)
      expect(answer.attrs.type).toBe('error')
      expect(['remote-server-not-found', 'remote-server-timeout', 'service-unavailable', 'not-allowed']).toContain(
        errorOf(answer),
      )
    },
  )

  rule(
    'RFC 6120 8.3.1',
    'results and errors that nobody waits for are never answered',
    async house => {
      const sender = await house.online(house.person())
      for (const to of [
        'localhost',
        'nobody-at-all@localhost',
        `${sender.jid.split('/')[0]}`,
        `${sender.jid.split('/')[0]}/gone`,
      ])
        for (const type of ['result', 'error']) sender.send(`<iq type='${type}' id='x' to='${to}'/>`)
      await sender.expectNothing()
    },
    { spares: { ejabberd: 'answers some' } },
  )

  rule(
    'RFC 6120 8.2.3',
    'an iq without id is refused',
    async house => {
      const sender = await house.online(house.person())
      sender.sendRaw(`<iq type='get' to='localhost'>${ping}</iq>`)
      const answer = await sender.next()
      if (answer.kind === 'element') expect([answer.element.attrs.type, answer.element.name]).toContain('error')
    },
    { spares: { ejabberd: 'answers it' } },
  )

  rule(
    'RFC 6120 8.2.3',
    'an iq of no known type is refused with bad-request',
    async house => {
      const sender = await house.online(house.person())
      sender.send(`<iq type='ask' id='x' to='localhost'>${ping}</iq>`)
      const answer = await sender.expect('iq')
      expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'bad-request'])
    },
    { spares: { ejabberd: 'ends the stream' } },
  )

  rule(
    'RFC 6120 8.2.3',
    'a question with two children is refused with bad-request',
    async house => {
      const sender = await house.online(house.person())
      sender.send(`<iq type='get' id='x' to='localhost'>${ping}${ping}</iq>`)
      const answer = await sender.expect('iq')
      expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'bad-request'])
    },
    { spares: { ejabberd: 'answers the first' } },
  )

  rule(
    'RFC 6120 8.3.3.8',
    'a stanza to a JID that is none is answered with jid-malformed',
    async house => {
      const sender = await house.online(house.person())
      sender.send(`<iq type='get' id='x' to='@@'>${ping}</iq>`)
      const answer = await sender.expect('iq')
      expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'jid-malformed'])
    },
    { spares: { ejabberd: 'ends the stream' } },
  )

  rule('RFC 6120 10.3.1', 'a message without to is one to oneself', async house => {
    const client = await house.online(house.person())
    client.send("<message type='chat' id='m'><body>note</body></message>")
    expect(bodies(await client.untilFence())).toEqual(['note'])
  })

  rule('RFC 6121 8.5.2.1.1', 'a message of type error to a bare JID is not answered', async house => {
    const who = house.person()
    await house.online(who)
    const sender = await house.online(house.person())
    sender.message(who.jid, 'oops', 'error')
    await sender.expectNothing()
  })

  rule('RFC 6120 10.1', 'five hundred messages arrive in the order in which they were sent', async house => {
    const [sender, reader] = [await house.online(house.person()), await house.online(house.person())]
    const sent = Array.from({ length: 500 }, (_, n) => String(n))
    for (const body of sent) sender.message(reader.jid, body)
    await sender.untilFence()
    expect(bodies(await reader.untilFence())).toEqual(sent)
  })

  rule('RFC 6120 8.4', 'unknown children and foreign namespaces of a message arrive untouched', async house => {
    const [sender, reader] = [await house.online(house.person()), await house.online(house.person())]
    sender.send(
      `<message to='${reader.jid}' type='chat'><body>b</body>` +
        "<x:thing xmlns:x='urn:example:x' x:how='so'><inner xmlns='urn:example:y'>&lt;&amp;</inner></x:thing></message>",
    )
    const message = await reader.expect('message')
    const thing = child(message, 'thing', 'urn:example:x')
    expect(child(thing, 'inner', 'urn:example:y')?.text).toBe('<&')
    expect(Object.values(thing?.attrs ?? {})).toContain('so')
  })

  rule('RFC 6122', 'domain and localpart are compared without case', async house => {
    const reader = await house.online(house.person())
    const sender = await house.online(house.person())
    const [bare, resource] = reader.jid.split('/')
    sender.message(`${bare?.toUpperCase()}/${resource}`, 'LOUD')
    expect(bodyOf(await reader.expect('message'))).toBe('LOUD')
  })

  rule('XEP-0280', 'who enabled carbons gets copies of what the other resource receives and sends', async house => {
    const who = house.person()
    const [one, two] = [await house.online(who, 'one'), await house.online(who, 'two')]
    await one.untilFence()
    expect((await one.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")).attrs.type).toBe('result')
    const friend = await house.online(house.person())
    friend.message(two.jid, 'to two')
    await two.expect('message')
    const received = await one.expect('message')
    expect(received.attrs.from).toBe(who.jid)
    expect(
      bodyOf(child(child(child(received, 'received', 'urn:xmpp:carbons:2'), 'forwarded'), 'message') ?? received),
    ).toBe('to two')
    two.message(friend.jid, 'from two')
    await friend.expect('message')
    const sent = await one.expect('message')
    expect(bodyOf(child(child(child(sent, 'sent', 'urn:xmpp:carbons:2'), 'forwarded'), 'message') ?? sent)).toBe(
      'from two',
    )
  })
})
