import { describe, expect, test } from 'vitest'
import { ack, bodiesIn, enabled, failed, openLinks, resumed } from './link-stage.js'

const enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"

describe('what waits for a first stream', () => {
  test('is sent when the peer has enabled stream management, and not a moment before', async () => {
    const { send, pass, attempt } = openLinks()
    expect(['one', 'two'].map(body => send(body))).toEqual([undefined, undefined])
    await pass(0)
    const peer = attempt().authenticates()
    expect(peer.hears()).toBe(enable)
    peer.says(enabled())
    expect(bodiesIn(peer.hears())).toEqual(['one', 'two'])
  })

  test('waits on when the line drops before the peer has answered <enable/>', async () => {
    const { send, pass, attempt, returned, phase } = openLinks()
    send('one')
    await pass(0)
    attempt().authenticates().drops()
    expect(phase()).toBe('Connecting')
    await pass(1)
    expect(bodiesIn(attempt().begins().hears())).toEqual(['one'])
    expect(returned).toEqual([])
  })

  test('waits on when the peer never answers <enable/>', async () => {
    const { send, pass, attempt, attempts } = openLinks({ policy: { connectSeconds: 5 } })
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    await pass(6)
    expect(peer.line.state()).toBe('closed')
    expect(attempts()).toBe(2)
    expect(bodiesIn(attempt().begins().hears())).toEqual(['one'])
  })

  test('is sent without stream management when the peer refuses to enable it', async () => {
    const { send, pass, attempt, phase } = openLinks()
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    peer.hears()
    peer.says(failed())
    expect(bodiesIn(peer.hears())).toEqual(['one'])
    expect(phase()).toBe('Unmanaged')
  })

  test.each([
    ['the peer does not know it', false, {}],
    ['it is switched off here', true, { streamManagement: () => false }],
  ])('is sent without stream management when %s', async (_, offered, policy) => {
    const { send, pass, attempt, phase } = openLinks({ policy })
    send('one')
    await pass(0)
    expect(bodiesIn(attempt().authenticates(offered).hears())).toEqual(['one'])
    expect(phase()).toBe('Unmanaged')
  })

  test('ends the stream of a peer that answers <enable/> with anything else', async () => {
    const { send, pass, attempt, phase } = openLinks()
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    peer.says(ack(0))
    expect(peer.hears()).toContain('<unsupported-stanza-type')
    expect(phase()).toBe('Connecting')
  })

  test('waits for one attempt at a time', async () => {
    const { send, pass, attempts, attempt } = openLinks()
    send('one')
    await pass(0)
    send('two')
    await pass(5)
    expect(attempts()).toBe(1)
    expect(bodiesIn(attempt().begins().hears())).toEqual(['one', 'two'])
  })
})

describe('a session whose line dropped', () => {
  const cutAfter = async (...bodies: ReadonlyArray<string>) => {
    const stage = openLinks({ policy: { connectSeconds: 5 } })
    stage.send('first')
    await stage.pass(0)
    const peer = stage.attempt().begins()
    peer.says(ack(1))
    for (const body of bodies) stage.send(body)
    stage.host.settle()
    peer.hears()
    peer.drops()
    await stage.pass(1)
    return stage
  }

  test('is resumed, and what was not handled is sent again, before what waits', async () => {
    const { attempt, send, returned } = await cutAfter('handled', 'lost')
    const peer = attempt().authenticates()
    expect(peer.hears()).toBe("<resume xmlns='urn:xmpp:sm:3' previd='sm-1' h='0'/>")
    send('later')
    peer.says(resumed(2))
    expect(bodiesIn(peer.hears())).toEqual(['lost', 'later'])
    expect(returned).toEqual([])
  })

  test.each([
    ['drops', ({ drops }: { drops: () => void }) => drops()],
    ['is closed', ({ closes }: { closes: () => void }) => closes()],
    [
      'ends with an error',
      ({ says }: { says: (xml: string) => unknown }) =>
        says("<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"),
    ],
    ['is silent', ({ line }: { line: { beSilent: () => void } }) => line.beSilent()],
    ['breaks a rule', ({ says }: { says: (xml: string) => unknown }) => says('<message/>')],
  ])('is tried again when the new stream %s before the peer has answered <resume/>', async (_, ends) => {
    const { attempt, attempts, pass, phase } = await cutAfter('lost')
    const before = attempts()
    ends(attempt().authenticates())
    await pass(10)
    expect(attempts()).toBe(before + 1)
    const peer = attempt().authenticates()
    peer.hears()
    peer.says(resumed(1))
    expect(bodiesIn(peer.hears())).toEqual(['lost'])
    expect(phase()).toBe('Active')
  })

  test('is tried again when the peer never answers <resume/>', async () => {
    const { attempt, attempts, pass } = await cutAfter('lost')
    const before = attempts()
    const peer = attempt().authenticates()
    await pass(6)
    expect(peer.line.state()).toBe('dropped')
    expect(attempts()).toBe(before + 1)
  })

  test('that was resumed may stand for as long as it likes', async () => {
    const { attempt, pass, phase } = await cutAfter()
    const peer = attempt().authenticates().says(resumed(1))
    await pass(60)
    expect(peer.line.state()).toBe('open')
    expect(phase()).toBe('Active')
  })

  test('is closed where it is not to be resumed any more, and what waited begins anew', async () => {
    const stage = openLinks({ policy: { resume: false }, config: { s2sResend: true } })
    stage.send('one')
    await stage.pass(0)
    const peer = stage.attempt().authenticates()
    expect(peer.hears()).toBe("<enable xmlns='urn:xmpp:sm:3'/>")
    // It grants what nobody asked for.
    peer.says(enabled())
    peer.drops()
    await stage.pass(1)
    const next = stage.attempt().authenticates()
    expect(next.hears()).toBe("<enable xmlns='urn:xmpp:sm:3'/>")
    next.says(enabled())
    expect(bodiesIn(next.hears())).toEqual(['one'])
  })
})

describe('a session that the peer will not resume', () => {
  const refused = async (s2sResend: boolean, h?: number) => {
    const stage = openLinks({ config: { s2sResend } })
    stage.send('one')
    await stage.pass(0)
    const first = stage.attempt().begins()
    stage.send('two')
    stage.host.settle()
    first.drops()
    stage.send('three')
    await stage.pass(1)
    const peer = stage.attempt().authenticates()
    peer.hears()
    peer.says(failed(h))
    return { ...stage, peer }
  }

  test('is followed by a new one on the same stream, where all that the peer has not handled is sent again', async () => {
    const { peer, returned, attempts, pass, phase } = await refused(true, 1)
    expect(peer.hears()).toBe(enable)
    expect(phase()).toBe('Negotiating')
    await pass(5)
    peer.says(enabled('sm-2'))
    expect(bodiesIn(peer.hears())).toEqual(['two', 'three'])
    expect(returned).toEqual([])
    expect(attempts()).toBe(2)
  })

  test('has its stanzas routed again only once', async () => {
    const { peer, returned, pass, attempt } = await refused(true)
    peer.says(enabled('sm-2'))
    expect(bodiesIn(peer.hears())).toEqual(['one', 'two', 'three'])
    peer.drops()
    await pass(3)
    attempt().authenticates().says(failed(1))
    expect(returned).toEqual(['two: recipient-unavailable', 'three: recipient-unavailable'])
  })

  test('has its stanzas returned where that is configured, each once, and the stream is closed', async () => {
    const { peer, returned, pass, runtime, host } = await refused(false, 1)
    expect(returned).toEqual(['two: recipient-unavailable', 'three: recipient-unavailable'])
    expect(peer.line.state()).toBe('closed')
    await pass(120)
    expect(returned).toHaveLength(2)
    expect([...runtime.accounts()]).toEqual([])
    expect(host.nextDue()).toBeUndefined()
  })

  test('leaves what waits waiting when the stream drops before the new session began', async () => {
    const { peer, returned, pass, attempt } = await refused(true)
    peer.drops()
    await pass(2)
    expect(bodiesIn(attempt().begins('sm-2').hears())).toEqual(['one', 'two', 'three'])
    expect(returned).toEqual([])
  })
})

test.each([
  ['routed again', true, ['one'], []],
  ['returned', false, [], ['one: recipient-unavailable']],
])('without resumption, what the dead stream leaves is %s, and nothing else', async (_, s2sResend, again, back) => {
  const { send, pass, attempt, attempts, returned } = openLinks({ policy: { resume: false }, config: { s2sResend } })
  send('one')
  await pass(0)
  const peer = attempt().authenticates()
  peer.says("<enabled xmlns='urn:xmpp:sm:3'/>")
  expect(bodiesIn(peer.hears())).toEqual(['one'])
  peer.drops()
  await pass(1)
  expect(returned).toEqual(back)
  expect(attempts()).toBe(1 + again.length)
  if (again.length === 0) return
  const next = attempt().authenticates()
  next.says("<enabled xmlns='urn:xmpp:sm:3'/>")
  expect(bodiesIn(next.hears())).toEqual(again)
})
