/** XEP-0198 §1, Introduction, and §2, Stream Feature. The feature element itself is the server's. */
import { refusePremature } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { drive, enabled, handledBy, initiated, nonzas, sentStanzas, sm3, unacked } from './driver.js'

describe('§1 Introduction', () => {
  test('"These elements are not stanzas and are not counted": received nonzas leave h as it is', () => {
    const client = enabled()
    client.receive('one')
    client.request()
    client.ack(0)
    client.inactive()
    client.active()
    client.queryArchive()
    client.enable()
    expect(handledBy(client)).toBe(1)
  })

  test('"... or acked in stream management": sent nonzas never enter the unacked queue', () => {
    const client = enabled()
    expect(nonzas(client.submit('m1'))).toEqual([{ _tag: 'Request', version: sm3 }])
    expect(nonzas(client.request())).toEqual([{ _tag: 'Ack', version: sm3, h: 0 }])
    expect(unacked(client)).toEqual(['m1'])
  })

  test.each(['message', 'presence', 'iq'] as const)('a stanza is an iq, message or presence: %s is queued', name => {
    const client = enabled()
    expect(sentStanzas(client.submitAs({ name }))).toEqual(['m'])
    expect(unacked(client)).toEqual(['m'])
  })

  test('"the initiating entity and the receiving entity can exchange commands": both roles count and ask alike', () => {
    const sides = [enabled(), initiated()].map(side => ({
      done: [side.submit('m1', 'm2'), side.receive('n1'), side.request(), side.ack(1)].map(nonzas),
      queue: unacked(side),
    }))
    expect(sides[0]).toEqual(sides[1])
  })
})

describe('§2 Stream Feature', () => {
  test('"The client cannot negotiate stream management until it has authenticated with the server"', () => {
    expect(refusePremature('unauthenticated', sm3)).toEqual({
      _tag: 'Failed',
      version: sm3,
      condition: 'not-authorized',
    })
  })

  test('"... and has bound a resource"', () => {
    expect(refusePremature('authenticated', sm3).condition).toBe('unexpected-request')
    const unbound = drive()
    expect(unbound.enable()).toEqual([])
    expect(unbound.account().sessions).toEqual([])
  })
})
