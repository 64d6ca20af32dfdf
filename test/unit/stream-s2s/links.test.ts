import { describe, expect, test } from 'vitest'
import { ack, bodiesIn, link, message, openLinks, resumed } from './link-stage.js'

describe('what is given to a link', () => {
  test('is one too much where so many wait already', () => {
    const { send } = openLinks({ policy: { maxWaiting: 2 } })
    expect(['one', 'two', 'three'].map(body => send(body))).toEqual([undefined, undefined, 'resource-constraint'])
  })

  test('is one too much where so many wait for a line that dropped, but not again once it is back', async () => {
    const { send, pass, attempt } = openLinks({ policy: { maxWaiting: 2 } })
    send('one')
    await pass(0)
    attempt().begins().says(ack(1)).drops()
    expect(['two', 'three', 'four'].map(body => send(body))).toEqual([undefined, undefined, 'resource-constraint'])
    await pass(1)
    const peer = attempt().authenticates()
    expect(send('four')).toBe('resource-constraint')
    peer.says(resumed(1))
    expect(send('four')).toBeUndefined()
    await pass(0)
    expect(bodiesIn(peer.hears())).toEqual(['two', 'three', 'four'])
  })

  test('is never too much for a link that stands', async () => {
    const { send, pass, attempt } = openLinks({ policy: { maxWaiting: 2 } })
    send('one')
    await pass(0)
    const peer = attempt().begins()
    expect(['two', 'three', 'four'].map(body => send(body))).toEqual([undefined, undefined, undefined])
    await pass(0)
    expect(bodiesIn(peer.hears())).toEqual(['one', 'two', 'three', 'four'])
  })

  test('finds no server where its addresses name none', () => {
    const { links } = openLinks()
    const { stanza, facts } = message('one')
    const { to: _, ...nobody } = facts
    expect(links.send(stanza, nobody)).toBe('remote-server-not-found')
    expect(links.send(stanza, { ...facts, to: '@' })).toBe('remote-server-not-found')
  })

  test('goes over the link of its two domains', async () => {
    const { send, pass, runtime, attempts } = openLinks()
    send('one')
    send('two', 'benvolio@other.example')
    await pass(0)
    expect([...runtime.accounts()]).toEqual([link, 'here.example>other.example'])
    expect(attempts()).toBe(2)
  })

  test('is refused where there are too many links', () => {
    const { send } = openLinks()
    for (let count = 0; count < 5_000; count += 1) expect(send('one', `juliet@d${count}.example`)).toBeUndefined()
    expect(send('one', 'juliet@another.example')).toBe('resource-constraint')
    expect(send('two', 'juliet@d1.example')).toBeUndefined()
  })
})

describe('what one account may take', () => {
  const shares = { links: 10, linksPerAccount: 2, bytesPerLink: 1_000, bytesPerAccount: 600, bytes: 2_000 }
  const mallory = 'mallory@here.example/den'
  const to = (n: number): string => `x@n${n}.example`

  test('is some links, and others have theirs', () => {
    const { send } = openLinks({ policy: { shares } })
    expect([1, 2, 3].map(n => send('hi', to(n), mallory))).toEqual([undefined, undefined, 'resource-constraint'])
    expect(send('again', to(1), mallory)).toBeUndefined()
    expect([4, 5].map(n => send('hi', to(n)))).toEqual([undefined, undefined])
    expect(send('to one that another caused', to(5), mallory)).toBeUndefined()
  })

  test('is given back once nothing waits any more', async () => {
    const { send, pass } = openLinks({ policy: { shares } })
    for (const n of [1, 2]) send('x'.repeat(150), to(n), mallory)
    expect(send('x'.repeat(150), to(1), mallory)).toBe('resource-constraint')
    await pass(61)
    for (const n of [3, 4]) expect(send('x'.repeat(150), to(n), mallory)).toBeUndefined()
  })

  test('is some links that stand: the one that is idle for longest is closed for another', async () => {
    const { send, pass, attempt, phase } = openLinks({ policy: { shares: { ...shares, linksPerAccount: 1 } } })
    send('one')
    await pass(0)
    const peer = attempt().begins()
    expect(send('two', to(2))).toBe('resource-constraint')
    peer.says(ack(1))
    expect(phase()).toBe('Active')
    expect(send('two', to(2))).toBeUndefined()
    expect(phase()).toBeUndefined()
    await pass(0)
    expect(peer.line.state()).toBe('closed')
  })

  test('is some bytes that wait, wherever they wait', () => {
    const { send } = openLinks({ policy: { shares } })
    expect(send('x'.repeat(150), to(1), mallory)).toBeUndefined()
    expect(send('x'.repeat(150), to(2), mallory)).toBeUndefined()
    expect(send('x'.repeat(150), to(2), mallory)).toBe('resource-constraint')
    expect(send('x'.repeat(150), to(2))).toBeUndefined()
  })

  test('counts also where it has waited since before this process', async () => {
    const { send, links, pass } = openLinks({ waitedSince: 5, policy: { shares: { ...shares, linksPerAccount: 1 } } })
    links.recover()
    expect(send('x'.repeat(430))).toBe('resource-constraint')
    expect(send('hi', to(1))).toBe('resource-constraint')
    await pass(0)
    expect(send('x'.repeat(430), 'juliet@there.example', mallory)).toBeUndefined()
  })

  test('does not wait for a link that stands', async () => {
    const { send, pass, attempt } = openLinks({ policy: { shares } })
    send('x'.repeat(400))
    await pass(0)
    expect(send('x'.repeat(400))).toBe('resource-constraint')
    attempt().begins()
    expect(send('x'.repeat(400))).toBeUndefined()
    expect(send('x'.repeat(400), to(2))).toBeUndefined()
  })

  test('is not spent by what it answers: all answers have half of everything', () => {
    const { send } = openLinks({ policy: { shares } })
    const answers = Array.from({ length: 6 }, (_, n) => send('no', to(n), mallory, 'error'))
    expect(answers).toEqual([undefined, undefined, undefined, undefined, undefined, 'resource-constraint'])
    expect([11, 12].map(n => send('hi', to(n), mallory))).toEqual([undefined, undefined])
  })

  test('is not more than there is for all', () => {
    const { send } = openLinks({ policy: { shares } })
    const from = (n: number): string => `m${n}@here.example/den`
    const sent = Array.from({ length: 11 }, (_, n) => send('hi', to(n), from(n)))
    expect(sent.filter(refused => refused !== undefined)).toEqual(['resource-constraint'])
    expect(send('x'.repeat(1_000), to(1), from(1))).toBe('resource-constraint')
  })
})

describe('at the end of the server', () => {
  test('nothing is tried any more, and what waits stays in the journal', async () => {
    const { links, send, pass, attempts, returned, phase } = openLinks()
    send('one')
    links.stop()
    await pass(120)
    expect(attempts()).toBe(0)
    expect(returned).toEqual([])
    expect(phase()).toBe('Connecting')
    expect(send('two')).toBeUndefined()
    await pass(120)
    expect(attempts()).toBe(0)
  })

  test('what waits is returned where there is no journal, and nothing more is taken', async () => {
    const { links, send, pass, attempts, returned } = openLinks({ policy: { journalled: false } })
    send('one')
    await pass(0)
    links.stop()
    expect(returned).toEqual(['one: remote-server-timeout'])
    expect(send('two')).toBe('remote-server-timeout')
    await pass(120)
    expect(attempts()).toBe(1)
  })

  test('a stream that is being made is closed, and no other is', async () => {
    const { links, send, pass, attempt, attempts } = openLinks()
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    links.stop()
    expect(peer.line.state()).toBe('closed')
    await pass(120)
    expect(attempts()).toBe(1)
  })

  test('a stream that stands is left to its session', async () => {
    const { links, send, pass, attempt } = openLinks()
    send('one')
    await pass(0)
    const peer = attempt().begins().says(ack(1))
    links.stop()
    expect(peer.line.state()).toBe('open')
  })
})

test('accounts and incoming links are not connected for', async () => {
  const { links, pass, attempts, host } = openLinks()
  links.wake('romeo@here.example')
  links.wake('here.example<there.example')
  await pass(1)
  expect(attempts()).toBe(0)
  expect(host.nextDue()).toBeUndefined()
})
