/** What is inlined into SASL2: resumption and Bind 2 with `<enable/>` (XEP-0198 §9, XEP-0386). */
import { Stanza } from '@smacks/codec'
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { authenticate, bind, type Client, openStage, type Stage, sm3 } from './stage.js'

const bind2 = (inside = ''): string => `<bind xmlns='urn:xmpp:bind:0'>${inside}</bind>`
const enable = `<enable xmlns='${sm3}' resume='true'/>`
const resume = (previd: string, h = 0): string => `<resume xmlns='${sm3}' previd='${previd}' h='${h}'/>`
const userAgent = (id: string): string => `<user-agent id='${id}'><software>x</software></user-agent>`
const message = (id: string): string => `<message to='juliet@a.example' id='${id}'/>`

const opened = (stage: Stage): Client => stage.connect().opens().ignores()
const login = (inline: string, stage = openStage()): Client => opened(stage).says(authenticate('user romeo', inline))
const identityIn = (said: string): string | undefined => /<authorization-identifier>(.*?)</.exec(said)?.[1]
const resourceIn = (said: string): string => identityIn(said)?.replace(/^[^/]*\//, '') ?? ''

/** A session that hibernates: its SM-ID, and what waits for it. */
const hibernating = (stage: Stage, ...waiting: ReadonlyArray<string>): string => {
  const client = stage.connect().binds('phone')
  const id = client.enables()
  client.drops()
  for (const stanza of waiting) submit(stage, stanza)
  return id
}

const submit = (stage: Stage, id: string, resource = 'phone'): void => {
  const stanza = Stanza.fromXml(`<message id='${id}'/>`)
  const at = stage.host.clock.now()
  stage.runtime.dispatch('romeo@a.example', {
    _tag: 'StanzaSubmitted',
    at,
    resource,
    stanza,
    facts: { name: 'message', type: 'chat', id },
  })
  stage.host.settle()
}

const waitingFor = (stage: Stage): number => {
  const [session] = stage.runtime.account('romeo@a.example').sessions
  return session?._tag === 'Hibernating' ? session.outbound.unacked.length : -1
}

describe('Bind 2', () => {
  test('binds, says the full JID, and features without bind follow', () => {
    const stage = openStage()
    const said = login(bind2(), stage).hears()
    expect(outcome(said)).toEqual(['success(authorization-identifier bound)', 'stream:features(sm sm csi ver sub)'])
    expect(stage.sessions).toEqual([identityIn(said)])
  })

  test('the session is there: stanzas in the same packet are its own', () => {
    const stage = openStage()
    opened(stage).says(authenticate('user romeo', bind2()), message('m1'))
    expect(stage.delivered.map(([account]) => account)).toEqual(['romeo@a.example'])
  })

  test('with <enable/>: <enabled/> inside <bound/>, with the attributes it has outside', () => {
    const inside = login(bind2(enable)).hears()
    expect(outcome(inside)).toEqual(['success(authorization-identifier bound)', 'stream:features(csi ver sub)'])
    expect(inside).toMatch(
      /<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' resume='true' id='[^']{22,}' max='600'\/><\/bound><\/success>/,
    )
    const outside = openStage().connect().binds().says(enable).hears()
    const attributes = (text: string) => /<enabled[^>]*>/.exec(text)?.[0].replace(/id='[^']*'/, '')
    expect(attributes(inside)).toBe(attributes(outside))
  })

  test('stanzas pipelined after <authenticate/> count, and <r/> is answered after <success/>', () => {
    const client = opened(openStage()).says(
      authenticate('user romeo', bind2(enable)),
      message('m1'),
      message('m2'),
      `<r xmlns='${sm3}'/>`,
    )
    const said = client.hears()
    expect(outcome(said)).toEqual(['success(authorization-identifier bound)', 'stream:features(csi ver sub)', 'a'])
    expect(said).toContain("h='2'")
  })

  test('<enable/> of sm:2 is answered in sm:2', () => {
    expect(login(bind2("<enable xmlns='urn:xmpp:sm:2'/>")).hears()).toContain("<enabled xmlns='urn:xmpp:sm:2'")
  })

  for (const garbage of [
    `<enable xmlns='${sm3}' max='soon'/>`,
    `<enable xmlns='${sm3}' resume='true' max='-1'><x/></enable>`,
  ])
    test(`${garbage} gives <failed/> inside <bound/>, and the session stands without stream management`, () => {
      const client = login(bind2(garbage))
      const said = client.hears()
      expect(outcome(said)).toEqual(['success(authorization-identifier bound)', 'stream:features(sm sm csi ver sub)'])
      expect(said).toMatch(/<bound [^>]*><failed [^>]*><bad-request [^>]*\/><\/failed><\/bound>/)
      expect(client.enables()).not.toBe('')
    })

  for (const garbage of [
    "<enable xmlns='urn:xmpp:sm:99'/>",
    `<resume xmlns='${sm3}'/>`,
    "<enable xmlns='urn:xmpp:carbons:2'/>",
    "<asleep xmlns='urn:xmpp:csi:0'/>",
    `<r xmlns='${sm3}'/>text<x xmlns='urn:example:x'><enable xmlns='${sm3}'/></x>`,
  ])
    test(`what is not known in <bind/> is ignored: ${garbage}`, () => {
      expect(login(bind2(garbage)).hears()).toContain("<bound xmlns='urn:xmpp:bind:0'></bound>")
    })

  test('the session begins inactive if the client says so (XEP-0386 §3.2)', () => {
    const stage = openStage()
    login(bind2(`<inactive xmlns='urn:xmpp:csi:0'/>${enable}`), stage)
    expect(stage.runtime.account('romeo@a.example').sessions[0]).toMatchObject({ client: 'inactive' })
  })
})

describe('the resource of Bind 2', () => {
  const phone = 'd4565fa7-4d72-4749-b3d3-740edbf87770'
  const tablet = '0e3b2c5a-9a77-4c43-8a5e-2f3a1e1f0b6d'
  const resourceOf = (id: string | undefined, tag: string, user = 'romeo', stage = openStage()): string =>
    resourceIn(
      opened(stage)
        .says(authenticate(`user ${user}`, (id === undefined ? '' : userAgent(id)) + bind2(`<tag>${tag}</tag>`)))
        .hears(),
    )

  test('begins with the tag, as it is', () => {
    expect(resourceOf(phone, 'Awesome XMPP 漢字')).toMatch(/^Awesome XMPP 漢字\/[\w-]{16}$/)
  })

  test('is the same for the same installation, however its id is written', () => {
    expect(resourceOf(phone, 'A')).toBe(resourceOf(phone.toUpperCase(), 'A'))
  })

  test('differs between installations with the same tag', () => {
    expect(resourceOf(phone, 'A')).not.toBe(resourceOf(tablet, 'A'))
  })

  test('does not tell which accounts share an installation, nor any part of its id', () => {
    expect(resourceOf(phone, 'A', 'romeo')).not.toBe(resourceOf(phone, 'A', 'juliet'))
    for (const part of phone.split('-')) expect(resourceOf(phone, '')).not.toContain(part)
  })

  test('is random without an id, and with one that is no UUID', () => {
    const stage = openStage({ limits: { resourcesPerUser: () => 10 } })
    const made = [undefined, undefined, 'me', 'me', `${'-'.repeat(36)}`, '-'.repeat(36)]
    expect(new Set(made.map(id => resourceOf(id, 'A', 'romeo', stage))).size).toBe(made.length)
  })

  for (const tag of ['', 'x'.repeat(2_000), 'a&#10;b', '\u2028'])
    test(`has no tag where the tag cannot be part of one: ${JSON.stringify(tag.slice(0, 10))}`, () => {
      expect(resourceOf(phone, tag)).toMatch(/^[\w-]{16}$/)
    })

  test('replaces the former session of the installation', () => {
    const stage = openStage()
    const inline = userAgent(phone) + bind2('<tag>A</tag>')
    const former = opened(stage).says(authenticate('user romeo', inline)).ignores()
    opened(stage).says(authenticate('user romeo', inline))
    expect(outcome(former.hears())).toEqual(['stream:error(conflict)', 'end'])
    expect(stage.runtime.account('romeo@a.example').sessions).toHaveLength(1)
  })
})

describe('inline resumption', () => {
  test('gives <resumed/> in <success/>, the full JID, no features, then what waited, in order', () => {
    const stage = openStage()
    const id = hibernating(stage, 'm1', 'm2')
    const client = login(resume(id), stage)
    const said = client.hears()
    expect(outcome(said).slice(0, 3)).toEqual([
      'success(authorization-identifier resumed)',
      'message(delay)',
      'message(delay)',
    ])
    expect(said).toContain(`<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/></success>`)
    expect(identityIn(said)).toBe('romeo@a.example/phone')
    expect(said).not.toContain('features')
    expect([...said.matchAll(/message id='(.*?)'/g)].map(it => it[1])).toEqual(['m1', 'm2'])
    expect([stage.leases(), stage.host.nextDue() === undefined]).toEqual([0, false])
    expect(client.line.isEstablished()).toBe(true)
  })

  test('overrides <bind/> entirely', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const said = login(resume(id) + bind2(`<tag>A</tag>${enable}`), stage).hears()
    expect(said).not.toContain('bound')
    expect(stage.runtime.account('romeo@a.example').sessions.map(it => it.resource)).toEqual(['phone'])
  })

  test('comes first, wherever it stands', () => {
    const stage = openStage()
    const id = hibernating(stage)
    expect(outcome(login(bind2(enable) + resume(id), stage).hears())[0]).toBe(
      'success(authorization-identifier resumed)',
    )
  })

  test('counts what was pipelined behind it', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const client = opened(stage).says(authenticate('user romeo', resume(id)), message('m1'), `<r xmlns='${sm3}'/>`)
    expect(client.hears()).toMatch(/<\/success>.*<a xmlns='urn:xmpp:sm:3' h='1'\/>/)
  })

  test('takes over from a connection that still stands', () => {
    const stage = openStage()
    const former = stage.connect().binds()
    const id = former.enables()
    expect(outcome(login(resume(id), stage).hears())[0]).toContain('resumed')
    expect(outcome(former.hears())).toEqual(['a', 'stream:error(conflict)', 'end'])
  })

  test('of an unknown session alone: <failed/>, and the features offer bind', () => {
    const client = login(resume('x'))
    const said = client.hears()
    expect(outcome(said)).toEqual([
      'success(authorization-identifier failed)',
      'stream:features(bind session sm sm csi ver sub)',
    ])
    expect(identityIn(said)).toBe('romeo@a.example')
    expect(outcome(client.says(bind('phone')).hears())).toEqual(['iq(bind)'])
  })

  test('that fails with <bind/>: <failed/>, then <bound/> with a new session, then features', () => {
    const said = login(resume('x') + bind2(enable)).hears()
    expect(outcome(said)).toEqual(['success(authorization-identifier failed bound)', 'stream:features(csi ver sub)'])
    expect(said).toMatch(/<failed [^>]*><item-not-found [^>]*\/><\/failed><bound [^>]*><enabled /)
  })

  test('that fails with <bind/> without <enable/>: the same, in this order', () => {
    const said = login(resume('x') + bind2()).hears()
    expect(outcome(said)).toEqual([
      'success(authorization-identifier failed bound)',
      'stream:features(sm sm csi ver sub)',
    ])
  })

  test('that comes too late says what was handled', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    const id = client.enables()
    client.says(message('m1'), message('m2')).drops()
    stage.host.advance(600_000)
    expect(login(resume(id) + bind2(), stage).hears()).toMatch(/<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found /)
  })

  test('with an h above what was sent fails, and the old session is as before', () => {
    const stage = openStage()
    const id = hibernating(stage, 'm1')
    expect(login(resume(id, 7) + bind2(), stage).hears()).toContain(
      "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='7'",
    )
    expect(outcome(login(resume(id), stage).hears())[0]).toContain('resumed')
  })

  test("of another user's session looks like an unknown one, and leaves it alone", () => {
    const stage = openStage()
    const id = hibernating(stage, 'm1')
    const said = opened(stage)
      .says(authenticate('user juliet', resume(id)))
      .hears()
    expect(said).toMatch(/<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
    expect(waitingFor(stage)).toBe(1)
  })

  for (const [what, garbage] of [
    ['without h', `<resume xmlns='${sm3}' previd='x'/>`],
    ['without previd', `<resume xmlns='${sm3}' h='0'/>`],
    ['with a negative h', `<resume xmlns='${sm3}' previd='x' h='-1'/>`],
  ] as const)
    test(`${what} fails with bad-request, and <bind/> is done`, () => {
      const said = login(garbage + bind2(enable)).hears()
      expect(outcome(said)).toEqual(['success(authorization-identifier failed bound)', 'stream:features(csi ver sub)'])
      expect(said).toMatch(/<failed [^>]*><bad-request /)
    })

  test('in an unknown namespace is ignored, and <bind/> is done', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const said = login(`<resume xmlns='urn:xmpp:sm:99' previd='${id}' h='0'/>${bind2()}`, stage).hears()
    expect(outcome(said)[0]).toBe('success(authorization-identifier bound)')
  })

  test('in the other version fails, and the session can still be resumed', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const said = login(`<resume xmlns='urn:xmpp:sm:2' previd='${id}' h='0'/>`, stage).hears()
    expect(said).toMatch(/<failed xmlns='urn:xmpp:sm:2' h='0'><unexpected-request /)
    expect(outcome(login(resume(id), stage).hears())[0]).toContain('resumed')
  })

  test('asked for twice is done once', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const said = login(resume(id) + resume(id), stage).hears()
    expect(said.match(/<resumed /g)).toHaveLength(1)
    expect(said).not.toContain('failed')
  })

  test('is not done where authentication fails', () => {
    const stage = openStage()
    const id = hibernating(stage)
    const client = opened(stage).says(authenticate('fail not-authorized', resume(id)))
    expect(outcome(client.hears())).toEqual(['failure(not-authorized)'])
    expect(waitingFor(stage)).toBe(0)
  })
})

describe('what is pipelined keeps its order', () => {
  test('a bind behind an inline resumption that fails is answered behind <success/> and its features', () => {
    const client = opened(openStage()).says(authenticate('user romeo', resume('x')), bind('phone'), message('m1'))
    expect(outcome(client.hears())).toEqual([
      'success(authorization-identifier failed)',
      'stream:features(bind session sm sm csi ver sub)',
      'iq(bind)',
    ])
  })

  test('a bind behind resumptions that fail is answered behind them', () => {
    const client = openStage().connect().authenticates()
    client.says(resume('x'), resume('y'), bind('phone'), `<enable xmlns='${sm3}'/>`)
    expect(outcome(client.hears())).toEqual(['failed(item-not-found)', 'failed(item-not-found)', 'iq(bind)', 'enabled'])
  })

  test('a premature <enable/> behind an inline resumption that fails is answered behind it', () => {
    const client = opened(openStage()).says(authenticate('user romeo', resume('x')), enable)
    expect(outcome(client.hears())).toEqual([
      'success(authorization-identifier failed)',
      'stream:features(bind session sm sm csi ver sub)',
      'failed(unexpected-request)',
    ])
  })

  test('<success/> waits until what led to it is durable, and all else waits behind it', async () => {
    const stage = openStage({ slowCommits: true })
    const phone = userAgent('d4565fa7-4d72-4749-b3d3-740edbf87770')
    // A session that ends with a message in its queue leaves that message in storage.
    const former = opened(stage).says(authenticate('user romeo', phone + bind2(enable)))
    submit(stage, 'm1', resourceIn(former.hears()))
    former.drops()
    const client = login(phone + bind2(enable), stage)
    client.says(`<enable xmlns='${sm3}' max='soon'/>`, `<r xmlns='${sm3}'/>`)
    expect(client.hears()).toBe('')
    await stage.commit()
    expect(outcome(client.hears())).toEqual([
      'success(authorization-identifier bound)',
      'stream:features(csi ver sub)',
      'failed(bad-request)',
      'a',
    ])
  })

  test('a line that drops while <success/> waits leaves nothing behind', async () => {
    const stage = openStage({ slowCommits: true })
    const phone = userAgent('d4565fa7-4d72-4749-b3d3-740edbf87770')
    const former = opened(stage).says(authenticate('user romeo', phone + bind2(enable)))
    submit(stage, 'm1', resourceIn(former.hears()))
    former.drops()
    const client = login(phone + bind2(enable), stage)
    client.drops()
    await stage.commit()
    expect(client.hears()).toBe('')
    expect(stage.runtime.account('romeo@a.example').sessions).toMatchObject([{ _tag: 'Hibernating' }])
    expect(stage.leases()).toBe(0)
  })
})
