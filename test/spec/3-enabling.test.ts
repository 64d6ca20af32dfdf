/** XEP-0198 §3, Enabling Stream Management. */
import { refusePremature } from '@smacks/core'
import { expect, test } from 'vitest'
import { closed, drive, enabled, handledBy, initiated, nonzas, sentStanzas, sm2, sm3, unacked } from './driver.js'

const bound = (options = {}) => {
  const client = drive(options)
  client.bind()
  return client
}

test('"To enable use of stream management, the client sends an <enable/> command to the server"', () => {
  const client = bound()
  expect(nonzas(client.requestEnable(false))).toEqual([{ _tag: 'Enable', version: sm3, resume: false }])
  expect(client.phase()).toBe('Enabling')
})

test('"If the client wants to be allowed to resume the stream, it includes a boolean resume attribute"', () => {
  expect(nonzas(bound().requestEnable(true))).toEqual([{ _tag: 'Enable', version: sm3, resume: true }])
})

test('"... which defaults to false": without it nothing can be resumed', () => {
  const client = bound()
  expect(nonzas(client.enable({ resume: false }))).toEqual([{ _tag: 'Enabled', version: sm3, resume: false }])
  client.lose()
  expect(client.phase()).toBeUndefined()
})

test('"The <enable/> element MAY include a max attribute to specify the client\'s preferred maximum resumption time"', () => {
  expect(nonzas(bound().requestEnable(true, 90))).toEqual([{ _tag: 'Enable', version: sm3, resume: true, max: 90 }])
})

test('the preferred maximum of the client is kept where it is less than ours', () => {
  const client = bound({ hibernationTime: 600 })
  expect(nonzas(client.enable({ max: 60 }))).toEqual([
    { _tag: 'Enabled', version: sm3, resume: true, id: 'SM-ID of phone', max: 60 },
  ])
  client.lose()
  const before = client.now()
  client.fire('hibernation')
  expect(client.now() - before).toBe(60_000)
  expect(client.phase()).toBeUndefined()
})

test('"Upon receiving the enable request, the server MUST reply with an <enabled/> element": and before all else', () => {
  const client = bound()
  expect(client.enable()).toEqual([
    {
      _tag: 'SendNonza',
      connection: 'to phone',
      nonza: { _tag: 'Enabled', version: sm3, resume: true, id: 'SM-ID of phone', max: 600 },
    },
  ])
})

test('"... or a <failed/> element": also to each <enable/> that cannot be granted', () => {
  expect(nonzas(enabled().enable())).toEqual([{ _tag: 'Failed', version: sm3, condition: 'unexpected-request' }])
})

test('"qualified by the urn:xmpp:sm:3 namespace": the answer is in the namespace of the question', () => {
  expect(nonzas(bound().enable({ version: sm2 }))[0]?.version).toBe(sm2)
  expect(nonzas(bound().enable({ version: sm3 }))[0]?.version).toBe(sm3)
})

test('"The <failed/> element indicates that there was a problem establishing the stream management session": the stream goes on without', () => {
  const client = bound()
  client.requestEnable()
  client.submit('m1')
  expect(client.failed()).toEqual([])
  expect(client.phase()).toBe('Unmanaged')
  expect(sentStanzas(client.submit('m2'))).toEqual(['m2'])
})

test('"The <enabled/> element indicates successful establishment of the stream management session"', () => {
  const client = bound()
  client.requestEnable()
  client.enabled()
  expect(client.phase()).toBe('Active')
})

test('"The parties can then use the stream management features defined below": an <r/> is answered from now on', () => {
  const client = bound()
  client.enable({ resume: false })
  expect(nonzas(client.request())).toEqual([{ _tag: 'Ack', version: sm3, h: 0 }])
})

test('"If the server allows session resumption, it MUST include a resume attribute set to a value of true or 1"', () => {
  expect(nonzas(bound().enable({ resume: true }))[0]).toMatchObject({ _tag: 'Enabled', resume: true })
})

test('a server that allows no resumption says so by leaving it out', () => {
  expect(nonzas(bound({ hibernationTime: 0 }).enable({ resume: true }))).toEqual([
    { _tag: 'Enabled', version: sm3, resume: false },
  ])
})

test('"The <enabled/> element MAY include a max attribute to specify the server\'s preferred maximum resumption time"', () => {
  expect(nonzas(bound({ hibernationTime: 42 }).enable())[0]).toMatchObject({ max: 42 })
})

test('the maximum that a server states is how long its client waits to resume', () => {
  const client = bound()
  client.requestEnable()
  client.enabled({ resume: true, id: 'x', max: 7 })
  client.lose()
  const before = client.now()
  client.fire('hibernation')
  expect(client.now() - before).toBe(7_000)
})

test('"The client MUST NOT attempt to negotiate stream management until it is authenticated": a server answers not-authorized', () => {
  expect(refusePremature('unauthenticated', sm3).condition).toBe('not-authorized')
})

test('"the client MUST NOT attempt to enable stream management until after it has completed Resource Binding": ours does not', () => {
  const client = drive()
  expect(client.requestEnable()).toEqual([])
  expect(client.account().sessions).toEqual([])
})

test('"... unless it is resuming a previous session": <resume/> needs no bound resource', () => {
  const client = enabled()
  client.lose()
  expect(nonzas(client.resume(0))[0]).toMatchObject({ _tag: 'Resumed' })
})

test('"The server SHALL enforce this order and return a <failed/> element in response if the order is violated"', () => {
  expect(refusePremature('authenticated', sm2)).toEqual({
    _tag: 'Failed',
    version: sm2,
    condition: 'unexpected-request',
  })
})

test('"a client SHALL only make at most one attempt to enable stream management": ours does not make a second', () => {
  const client = bound()
  client.requestEnable()
  expect(client.requestEnable()).toEqual([])
  client.enabled()
  expect(client.requestEnable()).toEqual([])
})

test('"If a server receives a second <enable/> element it SHOULD respond with" <failed/> as in the example: counters stay', () => {
  const client = enabled()
  client.receive('n1', 'n2')
  client.submit('m1')
  const before = client.account()
  expect(nonzas(client.enable({ freshId: 'another' }))).toEqual([
    { _tag: 'Failed', version: sm3, condition: 'unexpected-request' },
  ])
  expect(client.account()).toBe(before)
  expect(handledBy(client)).toBe(2)
  expect(unacked(client)).toEqual(['m1'])
})

test('a second <enabled/> is void', () => {
  const client = initiated()
  client.receive('n1')
  const before = client.account()
  expect(client.enabled({ resume: true, id: 'another' })).toEqual([])
  expect(client.account()).toBe(before)
})

test('nothing of this closes the stream', () => {
  expect([bound().enable(), enabled().enable(), initiated().enabled()].flatMap(closed)).toEqual([])
})
