/** Edge cases of XEP-0198, by number: resume. */
import { describe, expect, test } from 'vitest'
import { drive, enabled, handledBy, nonzas, sentStanzas, tags, unacked } from '../driver.js'
import { failed } from './words.js'

describe('resume', () => {
  test.each([
    [1, ['m2', 'm3', 'm4']],
    [2, ['m3', 'm4']],
    [4, []],
  ])('49. with h=%i of what was sent', (h, resent) => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3', 'm4')
    client.ack(1)
    client.lose()
    expect(sentStanzas(client.resume(h))).toEqual(resent)
  })

  test('49. with h more than was sent: <failed/> with undefined-condition and handled-count-too-high', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    expect(nonzas(client.resume(2))).toEqual([failed('undefined-condition', { h: 0, tooHigh: { h: 2, sendCount: 1 } })])
  })

  test('51. an unknown previd is item-not-found; an expired one with the h', () => {
    const client = enabled()
    client.receive('n1')
    client.lose()
    client.fire('hibernation')
    expect(nonzas(client.resume(0, 'a', 'unknown'))).toEqual([failed('item-not-found')])
    expect(nonzas(client.resume(0, 'a'))).toEqual([failed('item-not-found', { h: 1 })])
  })

  test('52. the previd of another user is answered like an unknown one, and the victim is untouched', () => {
    const victim = enabled()
    victim.lose()
    const before = victim.account()
    const thief = drive()
    expect(thief.resume(0, 'c', 'SM-ID of phone')).toEqual(thief.resume(0, 'c', 'unknown'))
    expect(victim.account()).toBe(before)
  })

  test.each([
    ['unknown', 0],
    ['SM-ID of phone', 7],
    ['SM-ID of phone', 2 ** 32 - 1],
  ])('54. a failed resume (previd=%s h=%i) leaves the old session and its timers', (previd, h) => {
    for (const client of [enabled(), enabled()]) {
      client.submit('m1')
      const before = client.account()
      expect(tags(client.resume(h, 'new', previd))).toEqual(['SendNonza'])
      expect(client.account()).toBe(before)
      client.lose()
      const asleep = client.account()
      expect(tags(client.resume(h, 'newer', previd))).toEqual(['SendNonza'])
      expect(client.account()).toBe(asleep)
    }
  })

  test('55. of two racing resumes exactly one has the session: the later gets it, the earlier gets conflict', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    client.resume(0, 'first')
    const effects = client.resume(0, 'second')
    expect(effects[1]).toEqual({ _tag: 'CloseConnection', connection: 'first', error: { condition: 'conflict' } })
    expect(sentStanzas(effects)).toEqual(['m1'])
    expect(client.account().sessions).toHaveLength(1)
  })

  test('56. resume while the old connection stands: conflict there, nothing lost or doubled in the switch', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    const effects = client.resume(1)
    expect(tags(effects)).toEqual([
      'SendNonza',
      'CloseConnection',
      'DisarmTimer',
      'AdoptConnection',
      'SendNonza',
      'SendStanza',
      'SendNonza',
      'ArmTimer',
    ])
    expect(sentStanzas(effects)).toEqual(['m2'])
    expect(client.lose({ connection: 'to phone' })).toEqual([])
    expect(client.phase()).toBe('Active')
  })

  test('57. what is still unread on the old connection is not counted, as <resumed/> said', () => {
    const client = enabled()
    client.receive('n1')
    expect(nonzas(client.resume(0)).at(-1)).toMatchObject({ _tag: 'Resumed', h: 1 })
    client.happen({ _tag: 'StanzaReceived', resource: 'phone', connection: 'to phone', stanza: 'unread' })
    expect(handledBy(client)).toBe(1)
  })

  test('58. a stanza that is routed after the resume goes to the new connection, once', () => {
    const client = enabled()
    client.resume(0)
    expect(client.submit('m1').filter(({ _tag }) => _tag === 'SendStanza')).toMatchObject([{ connection: 'new' }])
    expect(client.closeStream({ connection: 'to phone' })).toEqual([])
    expect(unacked(client)).toEqual(['m1'])
  })

  test('59. <resumed/>, then the unacked in order, then the new', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.lose()
    client.submit('m3')
    const effects = [...client.resume(0), ...client.submit('m4')]
    expect(nonzas(effects)[0]).toMatchObject({ _tag: 'Resumed' })
    expect(tags(effects).indexOf('SendNonza')).toBeLessThan(tags(effects).indexOf('SendStanza'))
    expect(sentStanzas(effects)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('60. a session can be resumed 100 times', () => {
    const client = enabled()
    for (let round = 0; round < 100; round += 1) {
      client.submit(`m${round}`)
      client.receive(`n${round}`)
      client.lose()
      const effects = client.resume(round, `connection ${round}`)
      expect(sentStanzas(effects)).toEqual([`m${round}`])
      client.ack(round + 1)
    }
    expect(handledBy(client)).toBe(100)
  })

  test('61. a line that drops again while stanzas are sent again loses nothing', () => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3')
    for (const connection of ['a', 'b', 'c']) {
      client.lose()
      expect(sentStanzas(client.resume(0, connection))).toEqual(['m1', 'm2', 'm3'])
    }
  })

  test('62. <resume/> pipelined behind the authentication needs nothing but the connection', () => {
    const client = enabled()
    client.lose()
    expect(nonzas(client.resume(0, 'fresh'))[0]).toMatchObject({ _tag: 'Resumed' })
  })

  test('63. resume after </stream:stream> is item-not-found', () => {
    const client = enabled()
    client.closeStream()
    expect(nonzas(client.resume(0))).toEqual([failed('item-not-found')])
  })

  test('64. a session that ended with a stream error of ours cannot be resumed', () => {
    const client = enabled()
    client.refuse({ condition: 'policy-violation' })
    expect(nonzas(client.resume(0))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('65. a line that drops without </stream:stream> makes the session hibernate', () => {
    const client = enabled()
    client.lose()
    expect(client.phase()).toBe('Hibernating')
  })

  test('66. a server that stops keeps the h of active and hibernating sessions', () => {
    const client = enabled()
    client.receive('n1')
    client.bind('desktop')
    client.enable({}, { resource: 'desktop' })
    client.lose({ resource: 'desktop' })
    client.stop()
    expect(nonzas(client.resume(0, 'a'))).toEqual([failed('item-not-found', { h: 1 })])
    expect(nonzas(client.resume(0, 'b', 'SM-ID of desktop'))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('72. after a resume the client is active (XEP-0352), and its use of the archive is known', () => {
    const client = enabled()
    client.inactive()
    client.queryArchive()
    client.lose()
    client.resume(0)
    expect(client.session()).toMatchObject({ client: 'active', usesArchive: true })
  })

  test('73. contacts are told nothing of a resume, and of an end exactly once', () => {
    const client = enabled()
    const quiet = [...client.lose(), ...client.resume(0), ...client.lose()]
    expect(tags(quiet)).not.toContain('EndSession')
    expect(tags(client.fire('hibernation')).filter(tag => tag === 'EndSession')).toHaveLength(1)
  })
})
