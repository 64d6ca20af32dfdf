/** How an outgoing stream authenticates (RFC 6120 §6, XEP-0178, XEP-0220), step by step and without a stream. */
import { describe, expect, test } from 'vitest'
import {
  type AuthenticatingStream,
  type AuthenticationState,
  onElement,
  onFeatures,
} from '../../../packages/stream-s2s/src/authentication.js'
import type { S2sPolicy } from '../../../packages/stream-s2s/src/options.js'
import { elementOf } from './reading.js'

type Authentication = S2sPolicy['authentication']

const optionsOf = (authentication: Authentication) => ({
  keys: { make: (scope: object) => `key of ${Object.values(scope).join(' ')}`, isOurs: () => false },
  policy: { authentication },
})
const stream: AuthenticatingStream = {
  pair: { local: 'here.example', remote: 'there.example' },
  streamId: 'stream-1',
  isCertified: () => true,
}
const begin: AuthenticationState = { _tag: 'AwaitingFeatures' }
const version = 'urn:xmpp:sm:3'

const external = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
const sm = `<sm xmlns='${version}'/>`
const features = (
  offers: string,
  state: AuthenticationState = begin,
  authentication: Authentication = 'either',
  of = stream,
) => onFeatures(optionsOf(authentication), of, state, elementOf(`<stream:features>${offers}</stream:features>`))
const element = (xml: string, state: AuthenticationState, authentication: Authentication = 'either') =>
  onElement(optionsOf(authentication), stream, state, elementOf(xml))

const auth =
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>" +
  `${Buffer.from('here.example').toString('base64')}</auth>`
const key = "<db:result from='here.example' to='there.example'>key of there.example here.example stream-1</db:result>"

describe('features', () => {
  test('that ask for a certificate are answered by ours', () =>
    expect(features(external + sm)).toEqual({ _tag: 'Write', xml: auth, next: { _tag: 'External', version } }))

  test('that do not are answered by a key', () =>
    expect(features(sm)).toEqual({ _tag: 'Write', xml: key, next: { _tag: 'Dialback', version } }))

  test('are answered by a key where only dialback counts', () =>
    expect(features(external, begin, 'dialback')).toMatchObject({ xml: key, next: { version: undefined } }))

  test('are refused where only certificates count, and none is asked for, or the peer has none', () => {
    expect(features(sm, begin, 'external')).toMatchObject({
      _tag: 'Refuse',
      fault: { condition: 'not-authorized', text: "'there.example' does not ask for a certificate." },
    })
    expect(features(external, begin, 'external', { ...stream, isCertified: () => false })).toMatchObject({
      _tag: 'Refuse',
      fault: { condition: 'not-authorized', text: "'there.example' has no certificate that it can be known by." },
    })
  })

  test('of the stream after the certificate say what it is ready for', () => {
    expect(features(sm, { _tag: 'Certified' })).toEqual({ _tag: 'Ready', version })
    expect(features('', { _tag: 'Certified' })).toEqual({ _tag: 'Ready', version: undefined })
  })
})

describe('the answer to our certificate', () => {
  const state: AuthenticationState = { _tag: 'External', version }
  const failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"

  test('leads to the next stream', () =>
    expect(element("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", state)).toEqual({
      _tag: 'Restart',
      next: { _tag: 'Certified' },
    }))

  test('leads to dialback if it is no', () =>
    expect(element(failure, state)).toEqual({ _tag: 'Write', xml: key, next: { _tag: 'Dialback', version } }))

  test('ends the stream if it is no, and dialback does not count', () =>
    expect(element(failure, state, 'external')).toMatchObject({
      _tag: 'Refuse',
      fault: { text: "'there.example' refused our certificate: not-authorized" },
    }))
})

describe('the answer to our key', () => {
  const state: AuthenticationState = { _tag: 'Dialback', version }
  const result = (rest: string, from = 'there.example') => `<db:result from='${from}' to='here.example' ${rest}`

  test('makes the stream ready', () =>
    expect(element(result("type='valid'/>"), state)).toEqual({ _tag: 'Ready', version }))

  test('ends the stream if it is no', () => {
    expect(element(result("type='invalid'/>"), state)).toMatchObject({
      fault: { condition: 'not-authorized', text: "'there.example' does not take us: invalid" },
    })
    expect(element(result("type='error'/>"), state)).toMatchObject({
      fault: { text: "'there.example' does not take us: undefined-condition" },
    })
  })

  test('counts from the domain that was asked only, and only as an answer', () => {
    expect(element(result("type='valid'/>", 'other.example'), state)).toMatchObject({ _tag: 'Refuse' })
    expect(element(result('>key</db:result>'), state)).toMatchObject({ _tag: 'Refuse' })
    expect(element("<db:result type='valid'/>", state)).toMatchObject({ fault: { condition: 'improper-addressing' } })
  })
})

test('what answers nothing ends the stream', () => {
  const success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
  expect(element(success, begin)).toMatchObject({ fault: { condition: 'unsupported-stanza-type' } })
  expect(element(success, { _tag: 'Dialback', version })).toMatchObject({ _tag: 'Refuse' })
  expect(element("<db:result from='there.example' to='here.example' type='valid'/>", begin)).toMatchObject({
    _tag: 'Refuse',
  })
  expect(element('<message/>', { _tag: 'External', version })).toMatchObject({ _tag: 'Refuse' })
})
