import { left, right } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  decodeExternalAuth,
  externalAuth,
  saslFailure,
  saslFailureReason,
  saslSuccess,
} from '../../../packages/stream-s2s/src/external-elements.js'
import { elementOf } from './reading.js'

const auth = (content: string, mechanism = 'EXTERNAL') =>
  decodeExternalAuth(
    elementOf(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${content}</auth>`),
  )
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

describe('SASL EXTERNAL', () => {
  test.each(['a.example', 'b\u00fccher.example', '[::1]'])('is asked for %s', domain => {
    expect(elementOf(externalAuth(domain)).is('auth', 'urn:ietf:params:xml:ns:xmpp-sasl')).toBe(true)
    expect(decodeExternalAuth(elementOf(externalAuth(domain)))).toEqual(right({ authzid: domain }))
  })

  test.each(['', '=', ' = '])('is asked for whomever the stream is from by %j', content =>
    expect(auth(content)).toEqual(right({ authzid: undefined })),
  )

  test('is asked for a domain, normalised', () =>
    expect(auth(`\n${base64('A.Example.')}\n`)).toEqual(right({ authzid: 'a.example' })))

  test.each([
    [
      'mechanism that is another',
      auth('=', 'PLAIN'),
      'invalid-mechanism',
      "The mechanism is 'PLAIN', allowed: 'EXTERNAL'.",
    ],
    [
      'mechanism that is none',
      decodeExternalAuth(elementOf("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")),
      'invalid-mechanism',
      "The mechanism is '', allowed: 'EXTERNAL'.",
    ],
    [
      'response that is no base64',
      auth('a.example'),
      'incorrect-encoding',
      "The initial response 'a.example' is no base64 of UTF-8.",
    ],
    [
      'response in another spelling',
      auth('YQ'),
      'incorrect-encoding',
      "The initial response 'YQ' is no base64 of UTF-8.",
    ],
    [
      'response that is no UTF-8',
      auth(base64(Uint8Array.of(0xff))),
      'incorrect-encoding',
      "The initial response '/w==' is no base64 of UTF-8.",
    ],
    ['user', auth(base64('user@a.example')), 'invalid-authzid', "'user@a.example' is no domain."],
    ['zero at the end', auth(base64('a.example\0')), 'invalid-authzid', "'a.example\0' is no domain."],
  ])('is refused to a %s', (_, decoded, condition, text) => expect(decoded).toEqual(left({ condition, text })))

  test('is granted', () => expect(elementOf(saslSuccess).is('success', 'urn:ietf:params:xml:ns:xmpp-sasl')).toBe(true))

  test('is refused with a reason that can be read', () => {
    const failure = elementOf(saslFailure({ condition: 'not-authorized', text: 'No & never' }))
    expect(failure.getChild('not-authorized', 'urn:ietf:params:xml:ns:xmpp-sasl')).toBeDefined()
    expect(saslFailureReason(failure)).toBe('not-authorized (No & never)')
    const reason = (content: string) =>
      saslFailureReason(elementOf(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${content}</failure>`))
    expect(reason('<not-authorized/>')).toBe('not-authorized')
    expect(reason('')).toBe('no condition')
    expect(reason(`<text>${'x'.repeat(200)}</text>`)).toBe(`no condition (${'x'.repeat(100)}...)`)
  })
})
