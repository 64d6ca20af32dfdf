/** XEP-0198 §6, Error Handling. */
import { expect, test } from 'vitest'
import { closed, dispositions, drive, type Effects, enabled, initiated, nonzas, sm3, unacked } from './driver.js'

/** RFC 6120 §8.3.3 */
const stanzaErrors = [
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
]

test('"If an error occurs with regard to an <enable/> element, the server MUST return a <failed/> element"', () => {
  expect(nonzas(enabled().enable())).toEqual([{ _tag: 'Failed', version: sm3, condition: 'unexpected-request' }])
})

test('"... or <resume/> element": whatever is wrong with it', () => {
  const overflown = enabled({ maxQueueSize: 1 })
  overflown.submit('m1', 'm2')
  overflown.lose()
  const backwards = enabled()
  backwards.submit('m1', 'm2')
  backwards.ack(2)
  const answers = [
    drive().resume(0),
    enabled().resume(9),
    enabled().resume(0, 'to phone'),
    overflown.resume(0),
    backwards.resume(1),
  ]
  expect(answers.map(nonzas)).toEqual([
    [{ _tag: 'Failed', version: sm3, condition: 'item-not-found' }],
    [{ _tag: 'Failed', version: sm3, condition: 'undefined-condition', h: 0, tooHigh: { h: 9, sendCount: 0 } }],
    [{ _tag: 'Failed', version: sm3, condition: 'unexpected-request', h: 0 }],
    [{ _tag: 'Failed', version: sm3, condition: 'resource-constraint', h: 0 }],
    [{ _tag: 'Failed', version: sm3, condition: 'undefined-condition', h: 0 }],
  ])
})

test('"This element SHOULD contain an error condition, which MUST be one of the stanza error conditions defined in RFC 6120"', () => {
  const answers = [
    ...nonzas(enabled().enable()),
    ...nonzas(drive().resume(0)),
    ...nonzas(enabled().resume(9)),
    ...nonzas(drive({ hibernationTime: 0 }).resume(0)),
  ]
  for (const answer of answers) expect(stanzaErrors).toContain(answer._tag === 'Failed' && answer.condition)
})

test('"Stream management errors SHOULD be considered recoverable": after <failed/> the session goes on', () => {
  const client = enabled()
  client.enable()
  client.resume(0, 'to phone')
  expect(client.phase()).toBe('Active')
  expect(nonzas(client.request())).toEqual([{ _tag: 'Ack', version: sm3, h: 0 }])
})

test('"misuse of stream management MAY result in termination of the stream": an h that goes backwards', () => {
  const client = enabled()
  client.submit('m1', 'm2', 'm3')
  client.ack(2)
  const effects = client.ack(1)
  expect(closed(effects)).toEqual([
    {
      _tag: 'CloseConnection',
      connection: 'to phone',
      error: {
        condition: 'undefined-condition',
        text: 'You acknowledged 1 stanzas, but you acknowledged 2 before; h never decreases.',
      },
    },
  ])
  expect(dispositions(effects)).toEqual(['m3: StoreOffline'])
})

test('"When a remote entity acknowledges a number of stanzas that is higher than the amount that it was sent, the local entity SHOULD generate an undefined-condition stream error that includes a <handled-count-too-high/>, and close the stream"', () => {
  for (const side of [enabled(), initiated()]) {
    side.submit(...Array.from({ length: 8 }, (_, index) => `m${index}`))
    expect(closed(side.ack(10))).toEqual([
      {
        _tag: 'CloseConnection',
        connection: 'to phone',
        error: {
          condition: 'undefined-condition',
          text: 'You acknowledged 10 stanzas, but only 8 were sent to you.',
          tooHigh: { h: 10, sendCount: 8, version: sm3 },
        },
      },
    ])
    expect(side.phase()).toBeUndefined()
  }
})

test('before each stream error of ours, whatever it is for, the peer learns what was handled', () => {
  const errors: ReadonlyArray<(client: ReturnType<typeof enabled>) => Effects> = [
    client => client.ack(9),
    client => {
      client.submit('m1')
      client.ack(1)
      return client.ack(0)
    },
    client =>
      client.happen({
        _tag: 'MalformedAckReceived',
        resource: 'phone',
        connection: 'to phone',
        version: sm3,
        reason: 'An <a/> needs an h.',
      }),
    client => client.refuse({ condition: 'not-well-formed' }),
    client => client.bind('phone', 'another'),
    client => client.submit('m1', 'm2', 'm3'),
    client => client.stop(),
  ]
  for (const error of errors) {
    const client = enabled({ queueCeiling: 2 })
    client.receive('n1', 'n2')
    const said = error(client).filter(effect => 'connection' in effect && effect.connection === 'to phone')
    expect(said.at(-2)).toEqual({
      _tag: 'SendNonza',
      connection: 'to phone',
      nonza: { _tag: 'Ack', version: sm3, h: 2 },
    })
    expect(said.at(-1)).toMatchObject({ _tag: 'CloseConnection', error: { condition: expect.any(String) } })
  }
})

test('after such an error the queue is whole: all that was unacked has a disposition', () => {
  const client = enabled()
  client.submit('m1', 'm2')
  expect(dispositions(client.ack(5))).toEqual(['m1: StoreOffline', 'm2: StoreOffline'])
})

test('a client that is told <resumed/> with an h that cannot be ends the stream, and loses nothing', () => {
  for (const h of [3, 2 ** 32 - 1]) {
    const client = initiated()
    client.submit('m1', 'm2')
    client.lose()
    client.requestResume()
    const effects = client.resumed(h)
    expect(closed(effects)[0]?.error?.condition).toBe('undefined-condition')
    expect(dispositions(effects)).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
  }
})

test('a client that is told <resumed/> of another session ends the stream', () => {
  const client = initiated()
  client.lose()
  client.requestResume()
  expect(closed(client.resumed(0, 'another'))[0]?.error?.condition).toBe('undefined-condition')
})

test('an h within what was sent is never an error', () => {
  const client = enabled()
  client.submit('m1', 'm2', 'm3')
  for (const h of [0, 1, 1, 3]) expect(closed(client.ack(h))).toEqual([])
  expect(unacked(client)).toEqual([])
})
