/** What elements of SASL mean for a stream of another server (XEP-0178 §3), without a stream. */
import { describe, expect, test } from 'vitest'
import { type ExternalStream, externalStep } from '../../../packages/stream-s2s/src/external.js'
import { elementOf } from './reading.js'

const pair = { local: 'here.example', remote: 'there.example' }
const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const auth = (domain?: string, mechanism = 'EXTERNAL') =>
  `<auth xmlns='${sasl}' mechanism='${mechanism}'>${domain === undefined ? '=' : Buffer.from(domain).toString('base64')}</auth>`
const step = (xml: string, stream: Partial<ExternalStream> = {}) =>
  externalStep(
    { isSecure: true, claim: pair, isCertified: domain => domain === 'there.example', ...stream },
    elementOf(xml),
  )
const rejected = (condition: string, impostor?: string) => ({
  _tag: 'Reject',
  refusal: { condition, text: expect.any(String) },
  ...(impostor === undefined ? {} : { impostor }),
})

describe('a certificate', () => {
  test('shows the domain that the header is from, whether it is named again or not', () => {
    expect(step(auth())).toEqual({ _tag: 'Accept', pair })
    expect(step(auth('there.example'))).toEqual({ _tag: 'Accept', pair })
    expect(step(auth('There.Example.'))).toEqual({ _tag: 'Accept', pair })
  })

  test('of another domain shows an impostor', () =>
    expect(step(auth(), { isCertified: () => false })).toEqual(rejected('not-authorized', 'there.example')))

  test('shows no other domain than that of the header, though it is good for it', () =>
    expect(step(auth('also.example'), { isCertified: () => true })).toEqual(rejected('invalid-authzid')))
})

describe('nobody is accepted', () => {
  test.each<[string, Partial<ExternalStream>, string]>([
    ['without TLS', { isSecure: false }, 'encryption-required'],
    ['without a header', { claim: undefined }, 'invalid-authzid'],
    ['whose header is from nobody', { claim: { ...pair, remote: undefined } }, 'invalid-authzid'],
  ])('%s', (_, stream, condition) => {
    expect(step(auth('there.example'), { ...stream, isCertified: () => true })).toEqual(rejected(condition))
    expect(step(auth(), { ...stream, isCertified: () => true })).toEqual(rejected(condition))
  })

  test('by another mechanism', () => expect(step(auth(undefined, 'PLAIN'))).toEqual(rejected('invalid-mechanism')))

  test('by what is no base64', () =>
    expect(step(`<auth xmlns='${sasl}' mechanism='EXTERNAL'>!</auth>`)).toEqual(rejected('incorrect-encoding')))
})

test.each(['response', 'abort', 'success', 'failure'])('<%s/> ends the stream', name =>
  expect(step(`<${name} xmlns='${sasl}'/>`)).toMatchObject({
    _tag: 'Refuse',
    fault: { condition: 'unsupported-stanza-type' },
  }),
)
