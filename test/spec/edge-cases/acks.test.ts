/** Edge cases of XEP-0198, by number: acks. */
import { describe, expect, test } from 'vitest'
import { chat, closed, dispositions, enabled, nonzas, sentStanzas, sm3, tags, unacked } from '../driver.js'
import { ack, bound, failed, request } from './words.js'

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
    expect(nonzas(client.resume(1))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('38. an <a/> whose h is none ends the stream with the reason, and the queue is whole', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    const reason = "The h of an <a/> must be an integer from 0 to 4294967295, not '-1'."
    const where = { resource: 'phone', connection: 'to phone', version: sm3 }
    const effects = client.happen({ _tag: 'MalformedAckReceived', ...where, reason })
    expect(closed(effects)[0]?.error).toEqual({ condition: 'invalid-xml', text: reason })
    expect(dispositions(effects)).toEqual(['m1: StoreOffline', 'm2: StoreOffline'])
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

  test('41. on a silent line an unanswered <r/> makes the session hibernate, and the line is dropped', () => {
    const client = enabled()
    expect(nonzas(client.silence())).toEqual([request])
    const effects = client.fire('readProbe')
    expect(tags(effects)).toContain('DropConnection')
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
    expect(dispositions(effects)).toEqual(['m1: StoreOffline'])
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
