/** Edge cases of XEP-0198, by number: counting. */
import { describe, expect, test } from 'vitest'
import { dispositions, enabled, handledBy, nonzas, unacked } from '../driver.js'
import { ack, bound } from './words.js'

describe('counting', () => {
  test('18. only stanzas are counted', () => {
    const client = enabled()
    client.inactive()
    client.active()
    client.request()
    client.ack(0)
    client.drain()
    client.queryArchive()
    expect(handledBy(client)).toBe(0)
  })

  test('20. what came before <enable/> never counts, in either direction', () => {
    const client = bound()
    client.receive('bind')
    client.submit('result')
    client.enable()
    expect(nonzas(client.request())).toEqual([ack(0)])
    expect(unacked(client)).toEqual([])
  })

  test('21. a session iq after <enable/> counts', () => {
    const client = enabled()
    client.receive('session iq')
    expect(handledBy(client)).toBe(1)
  })

  test('24. errors are queued like any stanza', () => {
    const client = enabled()
    client.submitAs({ type: 'error' }, 'e1')
    expect(unacked(client)).toEqual(['e1'])
  })

  test('30. the result of an archive query counts like any stanza, and is not stored when it is lost', () => {
    const client = enabled()
    client.submitAs({ copy: true }, 'archive result')
    expect(unacked(client)).toEqual(['archive result'])
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual(['archive result: Discard (copy)'])
  })

  test("31. a stanza of a connection that is not the session's any more is neither delivered nor counted", () => {
    const client = enabled()
    client.resume(0)
    const before = client.account()
    const late = client.happen({ _tag: 'StanzaReceived', resource: 'phone', connection: 'to phone', stanza: 'late' })
    expect(late).toEqual([])
    expect(client.account()).toBe(before)
  })
})
