/** Edge cases of XEP-0198, by number: negotiation. */
import { refusePremature } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { dispositions, type EnableOptions, enabled, nonzas, sm2, sm3 } from '../driver.js'
import { ack, bound, failed } from './words.js'

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
    expect(nonzas(client.resume(0, 'c2'))).toEqual([failed('unexpected-request', { h: 0 })])
    expect(client.account()).toBe(before)
  })

  test('5. <resume/> on a stream with stream management is answered with <failed/>', () => {
    const client = enabled()
    const before = client.account()
    expect(nonzas(client.resume(0, 'to phone'))).toEqual([failed('unexpected-request', { h: 0 })])
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
    expect(dispositions(client.lose())).toEqual(['m1: ReturnToSender'])
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
    expect(nonzas(client.resume(0, 'new', 'SM-ID of phone', sm2))).toEqual([{ ...refused, h: 0 }])
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
