/** Edge cases of XEP-0198, by number: wrap. */
import { describe, expect, test } from 'vitest'
import {
  closed,
  dispositions,
  drive,
  enabled,
  initiated,
  nonzas,
  sentStanzas,
  sm3,
  unacked,
  withCounts,
} from '../driver.js'
import { ack, nearWrap } from './words.js'

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
    expect(dispositions(refused.failed(0))).toEqual(['m4: ReturnToSender'])
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
