/** What the server itself answers (XEP-0030, -0092, -0199, -0280, -0352, and everything it does not know). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { child, type Xml } from '../../support/xml.js'

const info = 'http://jabber.org/protocol/disco#info'
const features = (answer: Xml): ReadonlyArray<string> =>
  child(answer, 'query', info)
    ?.children.filter(it => it.name === 'feature')
    .map(it => it.attrs.var ?? '') ?? []
const errorOf = (stanza: Xml): string | undefined => child(stanza, 'error')?.children[0]?.name
const get = (to: string | undefined, child: string): string =>
  `<iq type='get' id='q'${to === undefined ? '' : ` to='${to}'`}>${child}</iq>`

rules('services', { people: 40 }, rule => {
  rule('XEP-0030', 'the domain tells that it is a server, and what it can do', async house => {
    const client = await house.bound(house.person())
    const answer = await client.ask(get('localhost', `<query xmlns='${info}'/>`))
    const identity = child(child(answer, 'query', info), 'identity')
    expect(identity?.attrs).toMatchObject({ category: 'server', type: 'im' })
    expect(features(answer)).toEqual(
      expect.arrayContaining([
        info,
        'http://jabber.org/protocol/disco#items',
        'urn:xmpp:ping',
        'urn:xmpp:carbons:2',
        'jabber:iq:version',
      ]),
    )
  })

  rule('clients 20', 'the domain lists urn:xmpp:blocking, or Converse 14 hangs', async house => {
    const client = await house.bound(house.person())
    expect(features(await client.ask(get('localhost', `<query xmlns='${info}'/>`)))).toContain('urn:xmpp:blocking')
  })

  rule('XEP-0160', 'the domain lists msgoffline', async house => {
    const client = await house.bound(house.person())
    expect(features(await client.ask(get('localhost', `<query xmlns='${info}'/>`)))).toContain('msgoffline')
  })

  rule('XEP-0030', 'disco#items of the domain is answered', async house => {
    const client = await house.bound(house.person())
    const answer = await client.ask(get('localhost', "<query xmlns='http://jabber.org/protocol/disco#items'/>"))
    expect(answer.attrs.type).toBe('result')
  })

  for (const ns of [info, 'http://jabber.org/protocol/disco#items'])
    rule('clients 19', `${ns} of the own bare JID is answered`, async house => {
      const who = house.person()
      const client = await house.bound(who)
      const answer = await client.ask(get(who.jid, `<query xmlns='${ns}'/>`))
      expect(answer.attrs).toMatchObject({ type: 'result', from: who.jid })
    })

  rule('XEP-0030', "a stranger's bare JID tells nothing", async house => {
    const client = await house.bound(house.person())
    const answer = await client.ask(get(house.person().jid, `<query xmlns='${info}'/>`))
    expect(answer.attrs.type).toBe('error')
  })

  rule('XEP-0199', 'the server answers pings, with or without to', async house => {
    const client = await house.bound(house.person())
    for (const to of ['localhost', undefined]) {
      const answer = await client.ask(get(to, "<ping xmlns='urn:xmpp:ping'/>"))
      expect(answer.attrs.type).toBe('result')
    }
  })

  rule('XEP-0092', 'the server tells its name and version', async house => {
    const client = await house.bound(house.person())
    const answer = await client.ask(get('localhost', "<query xmlns='jabber:iq:version'/>"))
    expect(child(child(answer, 'query'), 'name')?.text).toMatch(/./)
    expect(child(child(answer, 'query'), 'version')?.text).toMatch(/./)
  })

  rule('XEP-0280', 'carbons are enabled and disabled', async house => {
    const client = await house.bound(house.person())
    for (const what of ['enable', 'disable']) {
      const answer = await client.ask(`<iq type='set' id='c'><${what} xmlns='urn:xmpp:carbons:2'/></iq>`)
      expect(answer.attrs.type).toBe('result')
    }
  })

  rule(
    'XEP-0352',
    'client state indication is offered and taken without a word',
    async house => {
      const client = await house.encrypted()
      const offered = await client.authenticate(house.person())
      expect(child(offered, 'csi', 'urn:xmpp:csi:0')).toBeDefined()
      await client.bind()
      client.send("<inactive xmlns='urn:xmpp:csi:0'/><active xmlns='urn:xmpp:csi:0'/>")
      await client.expectNothing()
    },
    { spares: { ejabberd: 'offers it after bind' } },
  )

  rule(
    'RFC 6120 8.4',
    'an unknown question is answered with service-unavailable and the same id',
    async house => {
      const who = house.person()
      const client = await house.bound(who)
      for (const to of ['localhost', who.jid, undefined])
        for (const type of ['get', 'set']) {
          const id = `unknown-${type}-${to ?? 'none'}`
          const answer = await client.ask(
            `<iq type='${type}' id='${id}'${to === undefined ? '' : ` to='${to}'`}><query xmlns='urn:example:unknown'/></iq>`,
          )
          expect([answer.attrs.type, errorOf(answer)]).toEqual(['error', 'service-unavailable'])
        }
    },
    { spares: { ejabberd: 'says feature-not-implemented too' } },
  )

  for (const [what, question] of [
    ['vcard-temp', "<vCard xmlns='vcard-temp'/>"],
    ['iq:private', "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>"],
    ['pubsub', "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:example:node'/></pubsub>"],
    ['external services', "<services xmlns='urn:xmpp:extdisco:2'/>"],
    ['the archive', "<query xmlns='urn:xmpp:mam:2'/>"],
    ['the block list', "<blocklist xmlns='urn:xmpp:blocking'/>"],
    ['the last activity', "<query xmlns='jabber:iq:last'/>"],
    ['the time', "<time xmlns='urn:xmpp:time'/>"],
  ] as const)
    rule('clients 20', `a question for ${what} is answered, be it with an error`, async house => {
      const client = await house.bound(house.person())
      const answer = await client.ask(get(undefined, question))
      expect(['result', 'error']).toContain(answer.attrs.type)
    })
})
