/** The elements of SASL (RFC 6120 §6.4) and of SASL2 (XEP-0388 §2), without a stream. */
import { type Element, parseElement } from '@smacks/codec'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  decodeSasl,
  encodeChallenge,
  encodeFailure,
  encodeSuccess,
  type SaslFraming,
} from '../../../packages/sasl/src/framing.js'

const namespaces = { sasl: 'urn:ietf:params:xml:ns:xmpp-sasl', sasl2: 'urn:xmpp:sasl:2' }

const elementOf = (xml: string): Element => {
  const parsed = parseElement(xml)
  if (isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right
}
const decode = (framing: SaslFraming, start: string, inside = '') => {
  const [name = ''] = start.split(' ')
  return decodeSasl(framing, elementOf(`<${start} xmlns='${namespaces[framing]}'>${inside}</${name}>`))
}

describe('what a client sends by RFC 6120', () => {
  const start = (initialResponse: string | undefined) => ({ _tag: 'Start', mechanism: 'PLAIN', initialResponse })

  test('is a mechanism, with or without an initial response', () => {
    expect(decode('sasl', "auth mechanism='PLAIN'", ' AGE= ')).toEqual(start('AGE='))
    expect(decode('sasl', "auth mechanism='PLAIN'")).toEqual(start(undefined))
    expect(decode('sasl', 'auth')).toEqual({ ...start(undefined), mechanism: '' })
  })

  test('is `=` for data without bytes', () => {
    expect(decode('sasl', "auth mechanism='PLAIN'", '=')).toEqual(start(''))
    expect(decode('sasl', 'response', '=')).toEqual({ _tag: 'Respond', data: '' })
  })

  test('is a response, or the wish to abort', () => {
    expect(decode('sasl', 'response', 'AGE=')).toEqual({ _tag: 'Respond', data: 'AGE=' })
    expect(decode('sasl', 'abort')).toEqual({ _tag: 'Abort' })
  })

  test('is nothing else', () => {
    expect(decode('sasl', 'authenticate')).toBeUndefined()
    expect(decode('sasl', 'challenge')).toBeUndefined()
  })
})

describe('what a client sends by XEP-0388', () => {
  const start = (initialResponse: string | undefined) => ({ _tag: 'Start', mechanism: 'PLAIN', initialResponse })

  test('is a mechanism, with or without an initial response', () => {
    const initial = (data: string) => `<initial-response>${data}</initial-response>`
    expect(decode('sasl2', "authenticate mechanism='PLAIN'", initial(' AGE= '))).toEqual(start('AGE='))
    expect(decode('sasl2', "authenticate mechanism='PLAIN'", initial(''))).toEqual(start(''))
    expect(decode('sasl2', "authenticate mechanism='PLAIN'")).toEqual(start(undefined))
  })

  test('is a response, in which `=` means nothing, or the wish to abort', () => {
    expect(decode('sasl2', 'response', '')).toEqual({ _tag: 'Respond', data: '' })
    expect(decode('sasl2', 'response', '=')).toEqual({ _tag: 'Respond', data: '=' })
    expect(decode('sasl2', 'abort')).toEqual({ _tag: 'Abort' })
  })

  test('is nothing else', () => expect(decode('sasl2', 'auth')).toBeUndefined())
})

describe('what it is answered', () => {
  test('is a challenge', () => {
    expect(encodeChallenge('sasl', 'AGE=')).toBe("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AGE=</challenge>")
    expect(encodeChallenge('sasl2', '')).toBe("<challenge xmlns='urn:xmpp:sasl:2'></challenge>")
  })

  test('is success, with `=` for data without bytes', () => {
    const success = (data: string) => `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${data}</success>`
    expect(encodeSuccess(undefined)).toBe(success(''))
    expect(encodeSuccess('')).toBe(success('='))
    expect(encodeSuccess('AGE=')).toBe(success('AGE='))
  })

  test('is a failure, with its condition in the namespace of RFC 6120', () => {
    const failed = { condition: 'not-authorized', text: 'a < b' } as const
    const sasl = namespaces.sasl
    expect(encodeFailure('sasl', failed)).toBe(
      `<failure xmlns='${sasl}'><not-authorized/><text xml:lang='en'>a &lt; b</text></failure>`,
    )
    expect(encodeFailure('sasl2', failed)).toBe(
      `<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='${sasl}'/><text>a &lt; b</text></failure>`,
    )
    expect(encodeFailure('sasl', { ...failed, text: undefined })).toBe(
      `<failure xmlns='${sasl}'><not-authorized/></failure>`,
    )
    expect(encodeFailure('sasl2', { ...failed, text: undefined })).toBe(
      `<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='${sasl}'/></failure>`,
    )
  })
})
