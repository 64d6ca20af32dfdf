import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialbackKey, dialbackKeys, isDialbackKey } from '../../../packages/stream-s2s/src/dialback-key.js'

const secret = 's3cr3tf0rd14lb4ck'
const scope = { receiving: 'xmpp.example.com', originating: 'example.org', streamId: 'D60000229F' }

describe('a dialback key', () => {
  test('is the one of the example in XEP-0185 §3', () =>
    expect(dialbackKey(secret, scope)).toBe('37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643'))

  test('is the one of the example in XEP-0220 §2.1.1', () =>
    expect(dialbackKey(secret, { ...scope, receiving: 'montague.example', originating: 'capulet.example' })).toBe(
      'b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3',
    ))

  test('is known again', () => expect(isDialbackKey(secret, scope, dialbackKey(secret, scope))).toBe(true))

  test('is made and known again under one secret', () => {
    const keys = dialbackKeys(secret)
    expect(keys.make(scope)).toBe(dialbackKey(secret, scope))
    expect(keys.isOurs(scope, keys.make(scope))).toBe(true)
    expect(keys.isOurs(scope, dialbackKeys('other').make(scope))).toBe(false)
  })

  test.each([
    ['of another secret', 'other', scope],
    ['of another stream', secret, { ...scope, streamId: 'D60000229E' }],
    ['of another receiving domain', secret, { ...scope, receiving: 'xmpp.example.net' }],
    ['of another originating domain', secret, { ...scope, originating: 'example.net' }],
    [
      'of the domains the other way round',
      secret,
      { ...scope, receiving: 'example.org', originating: 'xmpp.example.com' },
    ],
  ])('%s is none', (_, otherSecret, other) =>
    expect(isDialbackKey(secret, scope, dialbackKey(otherSecret, other))).toBe(false),
  )

  test('is no other text, whatever its length and characters', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(isDialbackKey(secret, scope, text)).toBe(false)
      }),
    ))
})
