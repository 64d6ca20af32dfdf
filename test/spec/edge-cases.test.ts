/**
 * Questions that the standard, seven servers and fourteen clients raised, by number, as far as the core answers
 * them. README.md beside this file says where the others are answered.
 */
import { refusePremature } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import {
  chat,
  closed,
  type Drive,
  drive,
  type EnableOptions,
  enabled,
  fates,
  handledBy,
  initiated,
  nonzas,
  sentStanzas,
  sm2,
  sm3,
  tags,
  unacked,
  withCounts,
} from './driver.js'

const ack = (h: number) => ({ _tag: 'Ack', version: sm3, h })
const request = { _tag: 'Request', version: sm3 }
const failed = (condition: string, more = {}) => ({ _tag: 'Failed', version: sm3, condition, ...more })

const bound = (options = {}) => {
  const client = drive(options)
  client.bind()
  return client
}

/** Client and server, both as if 2^32 - 3 stanzas had gone each way. */
const nearWrap = (of: (options?: object) => Drive = enabled, options = {}) =>
  drive(options, withCounts(of(options), 2 ** 32 - 3, 2 ** 32 - 3))

describe('negotiation', () => {
  test('1. <enable/> before authentication is answered with <failed/>', () => {
    expect(refusePremature('unauthenticated', sm3).condition).toBe('not-authorized')
  })

  test('2. <enable/> before bind is answered with <failed/> and unexpected-request', () => {
    expect(refusePremature('authenticated', sm3).condition).toBe('unexpected-request')
  })

  test('3. a second <enable/> is answered with <failed/> and resets no counter', () => {
    const client = enabled()
    client.receive('n1')
    client.submit('m1')
    const before = client.account()
    expect(nonzas(client.enable())).toEqual([failed('unexpected-request')])
    expect(client.account()).toBe(before)
  })

  test('4. <resume/> after bind is answered with <failed/>, and the session it named is untouched', () => {
    const client = enabled()
    client.lose()
    client.bind('desktop', 'c2')
    const before = client.account()
    expect(nonzas(client.resume(0, 'c2'))).toEqual([failed('unexpected-request')])
    expect(client.account()).toBe(before)
  })

  test('5. <resume/> on a stream with stream management is answered with <failed/>', () => {
    const client = enabled()
    const before = client.account()
    expect(nonzas(client.resume(0, 'to phone'))).toEqual([failed('unexpected-request')])
    expect(client.account()).toBe(before)
  })

  test('6. <r/> and <a/> before <enable/> are answered with <failed/>', () => {
    const client = bound()
    const before = client.account()
    expect(nonzas([...client.request(), ...client.ack(3)])).toEqual([
      failed('unexpected-request'),
      failed('unexpected-request'),
    ])
    const { resource, connection } = { resource: 'phone', connection: 'to phone' }
    const malformed = client.happen({
      _tag: 'MalformedAckReceived',
      resource,
      connection,
      version: sm3,
      reason: 'no h',
    })
    expect(nonzas(malformed)).toEqual([failed('unexpected-request')])
    expect(client.account()).toBe(before)
  })

  test.each([
    [{ resume: true }, 'Hibernating'],
    [{ resume: false }, undefined],
  ])('7. resumption is for those who ask for it: %j', (asked: EnableOptions, phase) => {
    const client = bound()
    client.enable(asked)
    client.lose()
    expect(client.phase()).toBe(phase)
  })

  test('9. <enabled/> without resume, after a request with it: the client does not resume', () => {
    const client = bound()
    client.requestEnable(true)
    client.enabled()
    client.submit('m1')
    expect(fates(client.lose())).toEqual(['m1: ReturnToSender'])
    expect(client.requestResume()).toEqual([])
  })

  test('10. <enabled resume/> without id: the client does not resume', () => {
    const client = bound()
    client.requestEnable(true)
    client.enabled({ resume: true })
    client.lose()
    expect(client.phase()).toBeUndefined()
  })

  test('11. the namespace is agreed with <enable/>: <r/>, <a/> and <resume/> of the other are refused in their own', () => {
    const client = enabled()
    client.submit('m1')
    const before = client.account()
    const other = { resource: 'phone', connection: 'to phone', version: sm2 }
    const refused = { _tag: 'Failed', version: sm2, condition: 'unexpected-request' }
    expect(nonzas(client.happen({ _tag: 'RequestReceived', ...other }))).toEqual([refused])
    expect(nonzas(client.happen({ _tag: 'AckReceived', ...other, h: 1 }))).toEqual([refused])
    expect(nonzas(client.resume(0, 'new', 'SM-ID of phone', sm2))).toEqual([refused])
    expect(client.account()).toBe(before)
  })

  test('13. a stanza between <enable/> and <enabled/> is counted by the server from <enable/>', () => {
    const client = bound()
    client.enable()
    client.receive('pipelined')
    expect(nonzas(client.request())).toEqual([ack(1)])
  })

  test('14. a stanza from the server before <enabled/> is not counted by the client', () => {
    const client = bound()
    client.requestEnable()
    client.receive('early')
    client.enabled()
    expect(nonzas(client.request())).toEqual([ack(0)])
  })

  test.each([
    [700, 600],
    [600, 600],
    [599, 599],
    [undefined, 600],
  ])('16. max=%s of a limit of 600 is granted as %s', (max, granted) => {
    const asked = max === undefined ? {} : { max }
    expect(nonzas(bound({ hibernationTime: 600 }).enable(asked))[0]).toMatchObject({ resume: true, max: granted })
  })

  test('16. max=0 asks for no resumption', () => {
    expect(nonzas(bound().enable({ max: 0 }))).toEqual([{ _tag: 'Enabled', version: sm3, resume: false }])
  })
})

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
    expect(fates(client.fire('hibernation'))).toEqual(['archive result: Discard (copy)'])
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

describe('acks', () => {
  test('32. <r/> is answered at once, also when idle and h=0', () => {
    expect(nonzas(enabled().request())).toEqual([ack(0)])
  })

  test('33. each of many <r/> has its answer, and none makes a request of ours', () => {
    const client = enabled()
    client.submit('m1')
    client.ack(0)
    const answers = Array.from({ length: 100 }, () => client.request()).flatMap(nonzas)
    expect(answers).toEqual(Array.from({ length: 100 }, () => ack(0)))
  })

  test('33. a client that counts wrongly makes no loop: never asked twice for the same count', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    expect(nonzas(client.ack(1))).toEqual([request])
    expect(nonzas([...client.ack(1), ...client.ack(1), ...client.drain()])).toEqual([])
    expect(nonzas(client.submit('m3'))).toEqual([request])
  })

  test('34. an unrequested <a/> is taken', () => {
    const client = enabled({ maxUnackedStanzas: 5 })
    client.submit('m1')
    client.ack(1)
    expect(unacked(client)).toEqual([])
  })

  test('35. the same <a/> again changes nothing', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.ack(1)
    expect(closed(client.ack(1))).toEqual([])
    expect(unacked(client)).toEqual(['m2'])
  })

  test('36. an h lower than before is an error, not 2^32 acks', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.ack(2)
    const effects = client.ack(1)
    expect(closed(effects)[0]?.error).toEqual({
      condition: 'undefined-condition',
      text: 'You acknowledged 1 stanzas, but you acknowledged 2 before; h never decreases.',
    })
  })

  test('37. an h higher than sent: handled-count-too-high with the right send-count, and nothing to resume', () => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3')
    client.ack(1)
    expect(closed(client.ack(4))[0]?.error).toMatchObject({
      condition: 'undefined-condition',
      tooHigh: { h: 4, sendCount: 3, version: sm3 },
    })
    expect(nonzas(client.resume(1))).toEqual([failed('item-not-found')])
  })

  test('38. an <a/> whose h is none ends the stream with the reason, and the queue is whole', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    const reason = "The h of an <a/> must be an integer from 0 to 4294967295, not '-1'."
    const where = { resource: 'phone', connection: 'to phone', version: sm3 }
    const effects = client.happen({ _tag: 'MalformedAckReceived', ...where, reason })
    expect(closed(effects)[0]?.error).toEqual({ condition: 'invalid-xml', text: reason })
    expect(fates(effects)).toEqual(['m1: StoreOffline', 'm2: StoreOffline'])
  })

  test('39. an ack for half of the queue keeps the order of the rest', () => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3', 'm4')
    client.ack(2)
    expect(unacked(client)).toEqual(['m3', 'm4'])
  })

  test('40. an ack that comes while stanzas are being sent again is taken like any other', () => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3')
    client.lose()
    client.resume(0)
    client.ack(2)
    expect(unacked(client)).toEqual(['m3'])
    client.lose()
    expect(sentStanzas(client.resume(2, 'third'))).toEqual(['m3'])
  })

  test('41. an unanswered <r/> is told as a delay, and ends nothing while the line is not silent', () => {
    const client = enabled({ maxAckDelay: 30 })
    client.submit('m1')
    expect(client.fire('ackDelay')).toEqual([
      {
        _tag: 'Notify',
        resource: 'phone',
        notice: { _tag: 'AckDelayed', unacked: [{ stanza: 'm1', facts: chat('m1'), at: client.now() - 30_000 }] },
      },
    ])
    expect(client.phase()).toBe('Active')
  })

  test('41. on a silent line an unanswered <r/> makes the session hibernate', () => {
    const client = enabled()
    expect(nonzas(client.silence())).toEqual([request])
    const effects = client.fire('readProbe')
    expect(closed(effects)[0]?.error?.condition).toBe('connection-timeout')
    expect(client.phase()).toBe('Hibernating')
  })

  test('41. an <r/> that is a moment old when the line is found silent gets its time too', () => {
    const client = enabled()
    client.submit('m1')
    const effects = client.silence()
    expect(nonzas(effects)).toEqual([])
    expect(client.phase()).toBe('Active')
    client.fire('readProbe')
    expect(client.phase()).toBe('Hibernating')
  })

  test('41. an <a/> calls it off; other data do not', () => {
    const client = enabled()
    client.silence()
    client.receive('n1')
    expect(client.session()).toHaveProperty('deadlines.readProbe', client.now() + 30_000)
    client.ack(0)
    expect(client.session()).toHaveProperty('deadlines.readProbe', undefined)
  })

  test('41. a line that is still silent when the probe is unanswered is given up', () => {
    const client = enabled()
    client.silence()
    client.silence()
    expect(client.phase()).toBe('Hibernating')
  })

  test('41. without resumption the session ends instead', () => {
    const client = bound()
    client.enable({ resume: false })
    client.submit('m1')
    client.silence()
    const effects = client.fire('readProbe')
    expect(fates(effects)).toEqual(['m1: StoreOffline'])
    expect(effects).toContainEqual({ _tag: 'EndSession', resource: 'phone', reason: 'lost' })
  })

  test('42. a timer from before a resume does nothing after it', () => {
    const client = enabled()
    client.submit('m1')
    const due = client.now() + 30_000
    client.lose()
    client.pass(5)
    client.resume(0)
    client.pass(25)
    const before = client.account()
    expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'ackDelay', due })).toEqual([])
    expect(client.account()).toBe(before)
  })

  test('43. a final <a/> goes before </stream:stream>', () => {
    const client = enabled()
    client.receive('n1')
    expect(client.closeStream().slice(0, 2)).toEqual([
      { _tag: 'SendNonza', connection: 'to phone', nonza: ack(1) },
      { _tag: 'CloseConnection', connection: 'to phone' },
    ])
  })

  test('an <r/> never leaves with the <enabled/>, but as soon as the hold is over', () => {
    const client = bound({ requestHold: 0.02 })
    const effects = [...client.enable(), ...client.submit('m1', 'm2')]
    expect(tags(effects)).toEqual(['SendNonza', 'SendStanza', 'ArmTimer', 'SendStanza'])
    expect(nonzas(effects).map(({ _tag }) => _tag)).toEqual(['Enabled'])
    expect(nonzas(client.fire('ackHold'))).toEqual([request])
  })

  test('a hold that ends with nothing unacked asks nothing', () => {
    const client = bound({ requestHold: 0.02 })
    client.enable()
    client.submit('m1')
    client.ack(1)
    expect(client.fire('ackHold')).toEqual([])
  })
})

describe('wrap', () => {
  test('44. inbound: 2^32-1 is followed by 0', () => {
    const client = nearWrap()
    const answers = ['n1', 'n2', 'n3', 'n4'].map(name => [...client.receive(name), ...client.request()])
    expect(answers.flatMap(nonzas)).toEqual([ack(2 ** 32 - 2), ack(2 ** 32 - 1), ack(0), ack(1)])
  })

  test('44. inbound: 2^31 is a number like any other', () => {
    const client = drive({}, withCounts(enabled(), 2 ** 31 - 1, 2 ** 31 - 1))
    client.receive('n1')
    client.submit('m1')
    expect(nonzas([...client.request(), ...client.ack(2 ** 31)])).toEqual([ack(2 ** 31)])
    expect(unacked(client)).toEqual([])
  })

  test.each([0, 1, 2, 3, 4, 5, 6])('45. outbound: an ack for %i of six across the wrap', count => {
    const client = nearWrap(enabled, { maxUnackedStanzas: 10 })
    const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']
    client.submit(...names)
    expect(closed(client.ack((2 ** 32 - 3 + count) % 2 ** 32))).toEqual([])
    expect(unacked(client)).toEqual(names.slice(count))
  })

  test('46. too high across the wrap', () => {
    const client = nearWrap()
    client.submit('m1', 'm2', 'm3', 'm4')
    expect(closed(client.ack(2))[0]?.error?.tooHigh).toEqual({ h: 2, sendCount: 1, version: sm3 })
  })

  test('46. backwards across the wrap', () => {
    const client = nearWrap()
    client.submit('m1', 'm2', 'm3', 'm4')
    client.ack(1)
    expect(closed(client.ack(2 ** 32 - 1))[0]?.error).toMatchObject({
      condition: 'undefined-condition',
      text: 'You acknowledged 4294967295 stanzas, but you acknowledged 1 before; h never decreases.',
    })
  })

  test('47. the h of <resume/> is judged like that of <a/>', () => {
    const client = nearWrap()
    client.submit('m1', 'm2', 'm3', 'm4')
    client.lose()
    expect(sentStanzas(client.resume(0))).toEqual(['m4'])
  })

  test('47. so are those of <resumed/> and <failed/>', () => {
    const resumed = nearWrap(initiated)
    resumed.submit('m1', 'm2', 'm3', 'm4')
    resumed.lose()
    resumed.requestResume()
    expect(sentStanzas(resumed.resumed(0))).toEqual(['m4'])
    const refused = nearWrap(initiated)
    refused.submit('m1', 'm2', 'm3', 'm4')
    refused.lose()
    refused.requestResume()
    expect(fates(refused.failed(0))).toEqual(['m4: ReturnToSender'])
  })

  test('48. resume exactly at the wrap', () => {
    const client = nearWrap()
    client.receive('n1', 'n2', 'n3')
    client.submit('m1', 'm2', 'm3')
    client.lose()
    const effects = client.resume(0)
    expect(nonzas(effects)).toEqual([{ _tag: 'Resumed', version: sm3, previd: 'SM-ID of phone', h: 0 }])
    expect(sentStanzas(effects)).toEqual([])
  })
})

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
    expect(nonzas(client.resume(2))).toEqual([failed('undefined-condition', { tooHigh: { h: 2, sendCount: 1 } })])
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
    expect(effects[0]).toEqual({ _tag: 'CloseConnection', connection: 'first', error: { condition: 'conflict' } })
    expect(sentStanzas(effects)).toEqual(['m1'])
    expect(client.account().sessions).toHaveLength(1)
  })

  test('56. resume while the old connection stands: conflict there, nothing lost or doubled in the switch', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    const effects = client.resume(1)
    expect(tags(effects)).toEqual([
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
    expect(nonzas(client.resume(0))[0]).toMatchObject({ h: 1 })
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
    expect(nonzas(client.resume(0))).toEqual([failed('item-not-found')])
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

describe('queue and timeout', () => {
  test('74. one stanza too many: the live stream goes on, and every stanza stays', () => {
    const client = enabled({ maxQueueSize: 3 })
    expect(sentStanzas(client.submit('m1', 'm2', 'm3', 'm4'))).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(client.phase()).toBe('Active')
    expect(unacked(client)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('74. a queue at the ceiling ends the session, live or hibernating, and each stanza has a fate', () => {
    const live = enabled({ queueCeiling: 2 })
    const overflow = live.submit('m1', 'm2', 'm3')
    expect(closed(overflow)[0]?.error?.condition).toBe('resource-constraint')
    expect(fates(overflow)).toEqual(['m1: StoreOffline', 'm2: StoreOffline', 'm3: StoreOffline'])
    const asleep = enabled({ queueCeiling: 2 })
    asleep.lose()
    expect(fates(asleep.submit('m1', 'm2', 'm3'))).toEqual(['m1: StoreOffline', 'm2: StoreOffline', 'm3: StoreOffline'])
  })

  test('75. a burst at login ends nothing', () => {
    const client = enabled()
    client.submit(...Array.from({ length: 5_000 }, (_, index) => `m${index}`))
    expect(client.phase()).toBe('Active')
    client.ack(5_000)
    expect(unacked(client)).toEqual([])
  })

  test('76. too many unacked: resource-constraint, and the session waits until an h brings it below the limit', () => {
    const client = enabled({ maxQueueSize: 2 })
    client.submit('m1', 'm2', 'm3')
    client.lose()
    const before = client.account()
    expect(nonzas(client.resume(0))).toEqual([failed('resource-constraint')])
    expect(client.account()).toBe(before)
    expect(sentStanzas(client.resume(1))).toEqual(['m2', 'm3'])
  })

  test.each([
    [{ name: 'iq', type: 'get' }, 'ReturnToSender'],
    [{ name: 'iq', type: 'set' }, 'ReturnToSender'],
    [{ name: 'iq', type: 'result' }, 'Discard (answer)'],
    [{ name: 'iq', type: 'error' }, 'Discard (error)'],
    [{ name: 'presence', type: 'available' }, 'Discard (presence)'],
    [{ name: 'presence', type: 'error' }, 'Discard (error)'],
    [{ name: 'message', type: 'chat' }, 'StoreOffline'],
    [{ name: 'message', type: 'normal' }, 'StoreOffline'],
    [{ name: 'message', type: 'headline' }, 'ReturnToSender'],
    [{ name: 'message', type: 'groupchat' }, 'ReturnToSender'],
    [{ name: 'message', type: 'error' }, 'Discard (error)'],
  ] as const)('77. timeout of the last session: %j comes to %s', (facts, fate) => {
    const client = enabled()
    client.submitAs(facts)
    client.lose()
    expect(fates(client.fire('hibernation'))).toEqual([`m: ${fate}`])
  })

  test('78. a carbon copy and an archive result are neither returned nor stored', () => {
    const client = enabled()
    client.submitAs({ copy: true })
    client.lose()
    expect(fates(client.fire('hibernation'))).toEqual(['m: Discard (copy)'])
  })

  test('79. an archived message is neither returned nor stored if the client uses its archive', () => {
    const client = enabled()
    client.queryArchive()
    client.submitAs({ archived: true }, 'archived')
    client.submitAs({}, 'not archived')
    client.lose()
    expect(fates(client.fire('hibernation'))).toEqual(['archived: Discard (archived)', 'not archived: StoreOffline'])
  })

  test('79. a client that never looked into its archive still gets it', () => {
    const client = enabled()
    client.submitAs({ archived: true })
    client.lose()
    expect(fates(client.fire('hibernation'))).toEqual(['m: StoreOffline'])
  })

  test('80. a message to the bare JID that waits in several sessions is stored once when the server stops', () => {
    const client = enabled()
    client.bind('desktop')
    client.enable({}, { resource: 'desktop' })
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.submitAs({ to: 'juliet@example.org' }, 'm1', 'desktop')
    expect(fates(client.stop())).toEqual(['m1: StoreOffline', 'm1: Discard (copy)'])
  })

  test('80. two messages that only look alike are both stored', () => {
    const client = enabled()
    client.bind('desktop')
    client.enable({}, { resource: 'desktop' })
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.pass(1)
    client.submitAs({ to: 'juliet@example.org' }, 'm1', 'desktop')
    expect(fates(client.stop())).toEqual(['m1: StoreOffline', 'm1: StoreOffline', 'm1: StoreOffline'])
  })

  test('80. a session that ends while others stand never routes a message to the bare JID anew', () => {
    const client = bound()
    client.enable({ resume: false })
    client.bind('desktop')
    client.submitAs({ to: 'juliet@example.org' })
    expect(fates(client.lose())).toEqual(['m: ReturnToSender'])
  })

  test('81. last session: messages are stored; other sessions there, or no offline storage: returned', () => {
    const ended = (options: object, others: boolean) => {
      const client = enabled(options)
      if (others) client.bind('desktop')
      client.submit('m1')
      client.lose()
      return fates(client.fire('hibernation'))
    }
    expect(ended({}, false)).toEqual(['m1: StoreOffline'])
    expect(ended({}, true)).toEqual(['m1: ReturnToSender'])
    expect(ended({ offlineStorage: false }, false)).toEqual(['m1: ReturnToSender'])
  })

  test('82. what is sent again states the time it was first submitted; what is new states none', () => {
    const client = enabled()
    const first = client.now()
    client.submit('m1')
    client.pass(10)
    client.lose()
    client.pass(10)
    client.submit('m2')
    client.pass(10)
    const again = [...client.resume(0), ...client.submit('m3')].flatMap(effect =>
      effect._tag === 'SendStanza' ? [effect.delayedSince] : [],
    )
    expect(again).toEqual([first, first + 20_000, undefined])
  })

  test('83. a new session binds the resource of a hibernating one: the queue goes to one place, the timer is dead', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    const due = client.now() + 600_000
    const effects = client.bind('phone', 'second')
    expect(fates(effects)).toEqual(['m1: StoreOffline'])
    expect(effects).toContainEqual({ _tag: 'DisarmTimer', resource: 'phone', timer: 'hibernation' })
    client.pass(600)
    const before = client.account()
    expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due })).toEqual([])
    expect(client.account()).toBe(before)
  })

  test('84. the late end of an old connection does not touch the session', () => {
    const client = enabled()
    client.bind('phone', 'second')
    const before = client.account()
    const late = { connection: 'to phone' }
    expect([...client.lose(late), ...client.closeStream(late), ...client.refuse({ condition: 'reset' }, late)]).toEqual(
      [],
    )
    expect(client.account()).toBe(before)
  })

  test('85. the timer fires first, then <resume/> comes: item-not-found with h', () => {
    const client = enabled()
    client.lose()
    client.fire('hibernation')
    expect(nonzas(client.resume(0))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('85. <resume/> comes first, then the timer fires: nothing happens', () => {
    const client = enabled()
    client.lose()
    const due = client.now() + 600_000
    client.pass(600)
    client.resume(0)
    const before = client.account()
    expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due })).toEqual([])
    expect(client.account()).toBe(before)
  })

  test('88. a push module hears of hibernation, of each stanza that waits, of a delayed ack, and of the end', () => {
    const client = enabled()
    client.submit('m1')
    const heard = [
      ...client.fire('ackDelay'),
      ...client.lose(),
      ...client.submit('m2'),
      ...client.resume(0),
      ...client.submit('m3'),
    ].flatMap(effect => (effect._tag === 'Notify' ? [effect.notice._tag] : []))
    expect(heard).toEqual(['AckDelayed', 'HibernationStarted', 'HibernationStanzaQueued', 'HibernationEnded'])
  })

  test('89. an ack is asked for when the client becomes active, and while inactive at its own threshold', () => {
    const client = enabled({ maxInactiveUnackedStanzas: 3 })
    client.inactive()
    expect(nonzas(client.submit('m1', 'm2', 'm3'))).toEqual([])
    expect(nonzas(client.active())).toEqual([request])
    client.ack(3)
    client.inactive()
    expect(nonzas(client.submit('m4', 'm5', 'm6', 'm7'))).toEqual([request])
  })

  test('91. hibernating sessions are bounded: one too many ends the one that hibernates longest', () => {
    const client = drive({ maxHibernatingSessions: 2 })
    for (const resource of ['a', 'b', 'c']) {
      client.bind(resource)
      client.enable({}, { resource })
      client.pass(1)
      client.lose({ resource })
    }
    expect(client.account().sessions.map(({ resource }) => resource)).toEqual(['b', 'c'])
    expect(nonzas(client.resume(0, 'new', 'SM-ID of a'))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('91. a session that is over leaves nothing but its h', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    client.fire('hibernation')
    expect(client.account()).toEqual({
      sessions: [],
      oldSessions: [{ smId: 'SM-ID of phone', h: 0, at: client.now() }],
    })
  })
})

describe('the client side', () => {
  test('96. <failed h/> trims what comes back; without h all comes back', () => {
    const gaveUp = (h?: number) => {
      const client = initiated()
      client.submit('m1', 'm2')
      client.lose()
      client.requestResume()
      return fates(client.failed(h))
    }
    expect(gaveUp(1)).toEqual(['m2: ReturnToSender'])
    expect(gaveUp()).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
    expect(gaveUp(9)).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
  })

  test('97. after a failed resume, nothing is counted or asked before the new <enabled/>', () => {
    const client = initiated()
    client.lose()
    client.requestResume()
    client.failed()
    client.bind('phone', 'new')
    expect(nonzas([...client.submit('m1'), ...client.receive('n1')])).toEqual([])
    client.requestEnable()
    expect(nonzas(client.submit('m2'))).toEqual([])
    client.enabled({ resume: true, id: 'second' })
    expect(handledBy(client)).toBe(0)
  })

  test('100. a write into a half-open line is found by the unanswered <r/>, and resumed exactly once', () => {
    const client = initiated()
    client.submit('m1')
    client.silence()
    client.fire('readProbe')
    expect(client.phase()).toBe('Hibernating')
    client.requestResume()
    expect(sentStanzas(client.resumed(0))).toEqual(['m1'])
  })
})
