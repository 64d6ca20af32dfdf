/** Binding, and what a stream does for its session (RFC 6120 §7, XEP-0198 §§3-5, XEP-0352). */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { bind, bound, openStage, sm3 } from './stage.js'

const me = 'romeo@a.example'

describe('binding', () => {
  const bindTo = (resource?: string) => openStage().connect().authenticates().says(bind(resource)).hears()

  test('without a resource, or with an empty one, makes one up', () => {
    for (const said of [bindTo(), bindTo(''), bindTo('  ')])
      expect(said).toMatch(/<jid>romeo@a\.example\/[\w-]{22,}<\/jid>/)
  })

  test('takes the resource as it is compared (RFC 7622 §3.4)', () => {
    // A no-break space is a space, and e with an acute accent is one letter.
    expect(bindTo('a\u00a0b')).toBe(bound(`${me}/a b`))
    expect(bindTo('cafe\u0301')).toBe(bound(`${me}/caf\u00e9`))
    expect(bindTo('Balcony/2')).toBe(bound(`${me}/Balcony/2`))
  })

  test('escapes the resource', () => {
    expect(bindTo('&lt;a&amp;b>')).toContain('/&lt;a&amp;b')
  })

  test('refuses what can be no resource with bad-request, and may be asked again', () => {
    const client = openStage().connect().authenticates()
    for (const resource of ['x'.repeat(1_024), 'a&#10;b', 'ä'.repeat(512)]) {
      const said = client.says(bind(resource)).hears()
      expect(said).toContain('bad-request')
      expect(said.length).toBeLessThan(600)
    }
    expect(outcome(client.says(bind('phone')).hears())).toEqual(['iq(bind)'])
  })

  test('begins a session, and tells the transport that negotiation is over', () => {
    const stage = openStage()
    const client = stage.connect().authenticates()
    expect(client.line.isEstablished()).toBe(false)
    client.says(bind('phone'))
    expect([stage.sessions, client.line.isEstablished()]).toEqual([[`${me}/phone`], true])
  })

  test('replaces the session of the same resource with conflict', () => {
    const stage = openStage()
    const former = stage.connect().binds('phone')
    stage.connect().binds('phone')
    expect(outcome(former.hears())).toEqual(['stream:error(conflict)', 'end'])
  })

  test('again is an iq like any other', () => {
    const stage = openStage()
    stage.connect().binds('phone').says(bind('desk'))
    expect(stage.delivered).toHaveLength(1)
  })
})

describe('a stanza', () => {
  for (const from of [undefined, me, `${me}/phone`, 'ROMEO@a.example', 'Romeo@A.example/phone'])
    test(`from ${from ?? 'nobody'} is the own one`, () => {
      const stage = openStage()
      const client = stage.connect().binds('phone')
      client.says(`<message${from === undefined ? '' : ` from='${from}'`}/>`)
      expect(stage.delivered).toHaveLength(1)
    })

  for (const from of ['juliet@a.example', `${me}/desk`, 'a.example', '@@', `${me}/Phone`])
    test(`from ${from} is somebody else's: invalid-from, neither delivered nor counted`, () => {
      const stage = openStage()
      const client = stage.connect().binds('phone')
      client.enables()
      client.says('<message/>', `<message from='${from}'/>`, '<message/>')
      const said = client.hears()
      expect(outcome(said).slice(-2)).toEqual(['stream:error(invalid-from)', 'end'])
      expect(stage.delivered).toHaveLength(1)
      expect(stage.runtime.account(me).sessions).toEqual([])
    })
})

describe('after its stream was refused', () => {
  test('nothing that comes in the same packet is answered or delivered', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    client.enables()
    const enable = `<enable xmlns='${sm3}' max='soon'/>`
    client.says("<x xmlns='urn:example:x'/>", '<message/>', enable, `<r xmlns='${sm3}'/>`, "<y xmlns='urn:example:y'/>")
    const answers = outcome(client.hears())
    expect(answers.filter(it => it !== 'a')).toEqual(['stream:error(unsupported-stanza-type)', 'end'])
    expect(stage.delivered).toEqual([])
  })

  test('also where what led there takes time to be durable', async () => {
    const stage = openStage({ slowCommits: true })
    const client = stage.connect().binds()
    client.says("<x xmlns='urn:example:x'/>")
    client.line.drain()
    client.line.beSilent()
    client.line.lose()
    await stage.commit()
    expect(stage.runtime.account(me).sessions).toEqual([])
  })
})

test('a stream that is closed while it is refused gets the error first', async () => {
  const stage = openStage({ slowCommits: true })
  const client = stage.connect().binds()
  client.says("<x xmlns='urn:example:x'/>")
  client.line.closeStream()
  await stage.commit()
  expect(outcome(client.hears())).toEqual(['stream:error(unsupported-stanza-type)', 'end'])
})

describe('a stream error of the client (RFC 6120 §4.9.1.1)', () => {
  const streamErrorNs = 'urn:ietf:params:xml:ns:xmpp-streams'
  const conditions = ['undefined-condition', 'not-well-formed', 'connection-timeout', 'unsupported-stanza-type']
  const erring = (inside: string): string => `<error xmlns='http://etherx.jabber.org/streams'>${inside}</error>`
  const error = (condition: string): string => erring(`<${condition} xmlns='${streamErrorNs}'/>`)

  test.each(conditions)(
    '%s ends its session, as </stream:stream> does, and is not answered with an error',
    condition => {
      const stage = openStage()
      const client = stage.connect().binds('phone')
      client.enables()
      client.says('<message/>', error(condition))
      expect(outcome(client.hears()).slice(-2)).toEqual(['a', 'end'])
      expect(stage.runtime.account(me)).toMatchObject({ sessions: [], oldSessions: [] })
    },
  )

  test('ends a stream without a session in silence, before and after it has shown who it is', () => {
    for (const client of [openStage().connect().opens(), openStage().connect().authenticates()]) {
      client.hears()
      client.says(error('reset'))
      expect(outcome(client.hears())).toEqual(['end'])
    }
  })

  test('lets nothing behind it count', () => {
    const stage = openStage()
    const client = stage.connect().binds('phone')
    client.says(error('reset'), '<message/>', error('reset'), "<x xmlns='urn:example:x'/>")
    client.line.closeStream()
    expect(outcome(client.hears())).toEqual(['end'])
    expect(stage.delivered).toEqual([])
  })

  test('that is malformed is one all the same', () => {
    for (const inside of ['', `<text xmlns='${streamErrorNs}'>why</text>`, 'text'])
      expect(outcome(openStage().connect().binds().says(erring(inside)).hears())).toEqual(['end'])
  })
})

describe('the client state', () => {
  test('becomes that of the session', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    client.enables()
    const state = () => stage.runtime.account(me).sessions[0]
    client.says("<inactive xmlns='urn:xmpp:csi:0'/>")
    expect(state()).toMatchObject({ client: 'inactive' })
    client.says("<active xmlns='urn:xmpp:csi:0'/>")
    expect(state()).toMatchObject({ client: 'active' })
  })
})

describe('the line', () => {
  test('that drops lets a session that can be resumed hibernate', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    client.enables()
    client.drops()
    expect(stage.runtime.account(me).sessions).toMatchObject([{ _tag: 'Hibernating' }])
  })

  test('that drops ends a session that cannot', () => {
    const stage = openStage()
    stage.connect().binds().drops()
    expect(stage.runtime.account(me).sessions).toEqual([])
  })

  test('of a superseded connection says nothing that counts', () => {
    const stage = openStage()
    const former = stage.connect().binds()
    const id = former.enables()
    const handler = former.line
    stage.connect().authenticates().says(`<resume xmlns='${sm3}' previd='${id}' h='0'/>`)
    handler.lose()
    stage.host.settle()
    expect(stage.runtime.account(me).sessions).toMatchObject([{ _tag: 'Active' }])
  })

  test('that is silent is asked for an ack, or sent white space', () => {
    const stage = openStage()
    const plain = stage.connect().binds('plain')
    plain.line.beSilent()
    stage.host.settle()
    expect(plain.hears()).toBe(' ')
    const managed = stage.connect().binds('managed')
    managed.enables()
    // Right after <enabled/> no ack is asked for.
    stage.host.advance(1_000)
    managed.line.beSilent()
    stage.host.settle()
    expect(managed.hears().trim()).toBe(`<r xmlns='${sm3}'/>`)
  })

  test('that is silent before a resource is bound has its deadline', () => {
    const client = openStage().connect().authenticates()
    client.line.beSilent()
    expect(client.hears()).toBe('')
  })
})
