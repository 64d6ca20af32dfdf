/** XEP-0198 §4, Acks. */
import { describe, expect, test } from 'vitest'
import {
  closed,
  dispositions,
  drive,
  enabled,
  handledBy,
  initiated,
  nonzas,
  sentStanzas,
  sm3,
  tags,
  unacked,
  withCounts,
} from './driver.js'

const ack = (h: number) => ({ _tag: 'Ack', version: sm3, h })
const request = { _tag: 'Request', version: sm3 }

describe('ack elements', () => {
  test('"After enabling stream management, the client or server can send ack elements at any time over the stream"', () => {
    for (const side of [enabled(), initiated()]) {
      side.submit('m1')
      expect(side.ack(1)).not.toContainEqual(expect.objectContaining({ _tag: 'CloseConnection' }))
      expect(nonzas(side.request())).toEqual([ack(0)])
    }
  })

  test('before that, an ack element is answered with <failed/>', () => {
    const client = drive()
    client.bind()
    const failed = { _tag: 'Failed', version: sm3, condition: 'unexpected-request' }
    expect(nonzas([...client.request(), ...client.ack(0)])).toEqual([failed, failed])
    expect(client.phase()).toBe('Unmanaged')
  })

  test('"The <a/> element is used to answer a request for acknowledgement"', () => {
    expect(nonzas(enabled().request())).toEqual([ack(0)])
  })

  test('"... or to send an unrequested ack": one that comes unasked is taken', () => {
    const client = enabled({ maxUnackedStanzas: 10 })
    expect(nonzas(client.submit('m1', 'm2'))).toEqual([])
    client.ack(2)
    expect(unacked(client)).toEqual([])
  })

  test('"The <r/> element is used to request acknowledgement of received stanzas"', () => {
    expect(nonzas(enabled().submit('m1'))).toEqual([request])
  })

  test('"The h attribute identifies the last handled stanza"', () => {
    const client = enabled()
    client.receive('n1', 'n2', 'n3')
    expect(nonzas(client.request())).toEqual([ack(3)])
  })

  test('"An <a/> element MUST possess an h attribute": one without ends the stream with an error that says so', () => {
    const client = enabled()
    const effects = client.happen({
      _tag: 'MalformedAckReceived',
      resource: 'phone',
      connection: 'to phone',
      version: sm3,
      reason: 'An <a/> needs an h.',
    })
    expect(closed(effects)).toEqual([
      {
        _tag: 'CloseConnection',
        connection: 'to phone',
        error: { condition: 'invalid-xml', text: 'An <a/> needs an h.' },
      },
    ])
  })
})

describe('handled', () => {
  test('"By handled we mean that the server has accepted responsibility": a stanza counts in the step that delivers it', () => {
    const client = enabled()
    expect(client.receive('n1')).toEqual([{ _tag: 'Deliver', resource: 'phone', stanza: 'n1' }])
    expect(handledBy(client)).toBe(1)
  })

  test('"until a stanza has been affirmed as handled, that stanza is the responsibility of the sender": it stays queued', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.receive('n1')
    client.request()
    client.lose()
    expect(unacked(client)).toEqual(['m1', 'm2'])
  })

  test('"Receipt of an <r/> element does not imply that new stanzas have been transmitted": the same h is answered again', () => {
    const client = enabled()
    client.receive('n1')
    expect(nonzas([...client.request(), ...client.request()])).toEqual([ack(1), ack(1)])
  })

  test('"receipt of an <a/> only indicates that new stanzas have been processed if h has been incremented"', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.ack(1)
    client.ack(1)
    expect(unacked(client)).toEqual(['m2'])
  })
})

describe('counters', () => {
  test('"The value of h starts at zero at the point stream management is enabled"', () => {
    const client = drive()
    client.bind()
    client.receive('before')
    client.enable()
    expect(nonzas(client.request())).toEqual([ack(0)])
  })

  test('"... or requested to be enabled": what we send after <enable/> counts, before there is an answer', () => {
    const client = drive({ maxUnackedStanzas: 10 })
    client.bind()
    client.requestEnable()
    expect(sentStanzas(client.submit('m1'))).toEqual(['m1'])
    client.enabled()
    client.submit('m2')
    client.ack(1)
    expect(unacked(client)).toEqual(['m2'])
  })

  test('"incremented to one for the first stanza handled and incremented by one again with each subsequent stanza"', () => {
    const client = enabled()
    const answers = ['n1', 'n2', 'n3'].map(name => [...client.receive(name), ...client.request()])
    expect(answers.flatMap(nonzas)).toEqual([ack(1), ack(2), ack(3)])
  })

  test('"the value of h SHALL be reset from 2^32-1 back to zero (rather than being incremented to 2^32)"', () => {
    const client = drive({}, withCounts(enabled(), 2 ** 32 - 2, 0))
    expect(nonzas([...client.receive('n1'), ...client.request()])).toEqual([ack(2 ** 32 - 1)])
    expect(nonzas([...client.receive('n2'), ...client.request()])).toEqual([ack(0)])
    expect(nonzas([...client.receive('n3'), ...client.request()])).toEqual([ack(1)])
  })

  test('"The counter for an entity\'s own sent stanzas is set to zero and started after sending either <enable/> or <enabled/>"', () => {
    for (const side of [enabled(), initiated()]) {
      side.submit('m1')
      side.ack(1)
      expect(unacked(side)).toEqual([])
    }
  })

  test('"The counter for the received stanzas is set to zero and started after receiving <enable/>": also what is pipelined behind it', () => {
    const client = drive()
    client.bind()
    client.receive('before')
    client.enable()
    client.receive('pipelined')
    expect(handledBy(client)).toBe(1)
  })

  test('"... or <enabled/>": what the server sent before it does not count', () => {
    const client = drive()
    client.bind()
    client.requestEnable()
    expect(client.receive('before')).toEqual([{ _tag: 'Deliver', resource: 'phone', stanza: 'before' }])
    client.enabled()
    client.receive('after')
    expect(handledBy(client)).toBe(1)
  })

  test('"Note that client need not wait for a response"', () => {
    const client = drive()
    client.bind()
    client.requestEnable()
    expect(sentStanzas(client.submit('m1', 'm2'))).toEqual(['m1', 'm2'])
  })
})

describe('answering', () => {
  test('"the recipient MUST acknowledge it by sending an <a/> containing h equal to the number of stanzas handled"', () => {
    const client = enabled()
    client.receive('n1', 'n2')
    expect(nonzas(client.request())).toEqual([ack(2)])
  })

  test('"The response SHOULD be sent as soon as possible after receiving the <r/>": in the same step', () => {
    expect(enabled().request()[0]).toEqual({ _tag: 'SendNonza', connection: 'to phone', nonza: ack(0) })
  })

  test('"... and MUST NOT be withheld": not while our own <r/> is unanswered, not while the client is inactive', () => {
    const client = enabled()
    client.inactive()
    client.submit('m1')
    client.active()
    expect(nonzas(client.request())).toEqual([ack(0)])
  })

  test('"The sender does not need to wait for an ack to continue sending stanzas"', () => {
    const client = enabled()
    expect(sentStanzas(client.submit('m1', 'm2', 'm3'))).toEqual(['m1', 'm2', 'm3'])
  })

  test('"Either party MAY send an <a/> element at any time": a client that never asks and only acks is fine', () => {
    const client = enabled()
    client.submit('m1')
    client.ack(1)
    client.ack(1)
    client.ack(1)
    expect(client.phase()).toBe('Active')
  })

  test('"It is RECOMMENDED to send an <a/> right before they gracefully close the stream"', () => {
    for (const side of [enabled(), initiated()]) {
      side.receive('n1')
      const effects = side.closeStream()
      expect(nonzas(effects)).toEqual([ack(1)])
      expect(tags(effects).slice(0, 2)).toEqual(['SendNonza', 'CloseConnection'])
    }
  })

  test('a server that stops says what it handled as well', () => {
    const client = enabled()
    client.receive('n1', 'n2')
    expect(nonzas(client.stop())).toEqual([ack(2)])
  })

  test('"it SHOULD keep a record of the h value returned ... (and discard the previous value)"', () => {
    const client = enabled()
    client.submit('m1', 'm2', 'm3')
    client.ack(1)
    client.ack(3)
    expect(client.session()).toMatchObject({ outbound: { acked: 3 } })
  })
})

describe('what is never acked', () => {
  test('"If a stream ends and it is not resumed within the time specified, the associated state MAY be discarded"', () => {
    const client = enabled()
    client.lose()
    client.fire('hibernation')
    expect(client.account().sessions).toEqual([])
  })

  test('"Before the session state is discarded, implementations SHOULD take alternative action regarding any unhandled stanzas": each has a disposition before the end', () => {
    const client = enabled()
    client.submit('m1', 'm2')
    client.ack(1)
    client.lose()
    client.submit('m3')
    const effects = client.fire('hibernation')
    expect(dispositions(effects)).toEqual(['m2: StoreOffline', 'm3: StoreOffline'])
    expect(tags(effects).indexOf('EndSession')).toBeGreaterThan(tags(effects).lastIndexOf('StoreOffline'))
  })

  test('"A server SHOULD treat unacknowledged stanzas as one sent to an unavailable resource, by returning an error to the sender"', () => {
    const client = enabled()
    client.submitAs({ name: 'iq', type: 'get' }, 'question')
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual(['question: ReturnToSender'])
  })

  test('"... delivery to an alternate resource": where no resumption was agreed and another session is there', () => {
    const client = drive()
    client.bind()
    client.enable({ resume: false })
    client.bind('desktop')
    client.submit('m1')
    const effects = client.lose()
    expect(dispositions(effects)).toEqual(['m1: Redeliver'])
    expect(tags(effects).indexOf('Redeliver')).toBeGreaterThan(tags(effects).indexOf('EndSession'))
  })

  test('"... or committing the stanza to offline storage"', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual(['m1: StoreOffline'])
  })

  test('"servers SHOULD add a delay element with the original delivery timestamp": the time of submission goes with each disposition', () => {
    const client = enabled()
    const submittedAt = client.now()
    client.submit('m1')
    client.submitAs({ name: 'iq', type: 'set' }, 'question')
    client.pass(100)
    client.lose()
    const effects = client.fire('hibernation')
    expect(effects).toContainEqual(expect.objectContaining({ _tag: 'StoreOffline', stanza: 'm1', submittedAt }))
    expect(effects).toContainEqual(expect.objectContaining({ _tag: 'ReturnToSender', stanza: 'question', submittedAt }))
  })

  test('"A user-oriented client SHOULD silently resend the stanzas upon reconnection or inform the user": the application gets each of them back', () => {
    const client = initiated()
    client.submit('m1', 'm2')
    client.submitAs({ name: 'presence', type: 'available' }, 'p')
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual([
      'm1: ReturnToSender',
      'm2: ReturnToSender',
      'p: ReturnToSender',
    ])
  })

  test('"Clients SHOULD also add a delay element with the original send timestamp"', () => {
    const client = initiated()
    const submittedAt = client.now()
    client.submit('m1')
    client.pass(60)
    client.lose()
    client.requestResume()
    expect(client.resumed(0)).toContainEqual(
      expect.objectContaining({ _tag: 'SendStanza', stanza: 'm1', delayedSince: submittedAt }),
    )
  })
})
