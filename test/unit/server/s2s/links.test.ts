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
