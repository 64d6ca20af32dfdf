/** What elements of dialback mean for the stream they came on (XEP-0220 §2), without a stream. */
import { describe, expect, test } from 'vitest'
import { type DialbackStream, dialbackStep } from '../../../packages/stream-s2s/src/dialback.js'
import type { S2sPolicy } from '../../../packages/stream-s2s/src/options.js'
import { elementOf } from './reading.js'

const step = (xml: string, stream: Partial<DialbackStream> = {}, policy: Partial<S2sPolicy> = {}) =>
  dialbackStep(
    {
      domains: ['here.example', 'also.example'],
      keys: { make: () => 'ours', isOurs: (scope, key) => scope.streamId === 'id-1' && key === 'ours' },
      policy: { requireEncryption: true, authentication: 'either', ...policy },
    },
    { streamId: 'stream-1', isSecure: true, isTaken: false, isCertified: () => false, ...stream },
    elementOf(xml),
  )

const result = "<db:result from='there.example' to='here.example'>key</db:result>"
const pair = { local: 'here.example', remote: 'there.example' }
const answer = (outcome: object) => ({ _tag: 'Answer', pair, outcome })
const error = (condition: string) => answer({ type: 'error', condition })

describe('a key of a server that wants to send', () => {
  test('is shown to the authoritative server', () =>
    expect(step(result)).toEqual({ _tag: 'Verify', question: { ...pair, streamId: 'stream-1', key: 'key' } }))

  test('is not needed beside a certificate of that domain', () =>
    expect(step(result, { isCertified: domain => domain === 'there.example' })).toEqual(answer({ type: 'valid' })))

  test('is asked for in spite of a certificate where only dialback counts', () =>
    expect(step(result, { isCertified: () => true }, { authentication: 'dialback' })).toMatchObject({ _tag: 'Verify' }))

  test('does not count where only certificates do', () =>
    expect(step(result, {}, { authentication: 'external' })).toEqual(error('not-authorized')))

  test('needs TLS where TLS is required', () => {
    expect(step(result, { isSecure: false })).toEqual(error('policy-violation'))
    expect(step(result, { isSecure: false }, { requireEncryption: false })).toMatchObject({ _tag: 'Verify' })
  })

  test('is the first of its stream', () => expect(step(result, { isTaken: true })).toEqual(error('policy-violation')))

  test('is for a domain that is served here', () =>
    expect(step("<db:result from='there.example' to='other.example'>key</db:result>")).toMatchObject({
      outcome: { type: 'error', condition: 'item-not-found' },
    }))

  test('is from a domain that is not', () =>
    expect(step("<db:result from='also.example' to='here.example'>key</db:result>")).toMatchObject({
      outcome: { type: 'error', condition: 'not-acceptable' },
    }))
})

describe('a question about a key', () => {
  const verify = (id: string, key: string, to = 'here.example') =>
    step(`<db:verify from='there.example' to='${to}' id='${id}'>${key}</db:verify>`)
  const reply = (rest: string, from = 'here.example') => ({
    _tag: 'Reply',
    xml: `<db:verify from='${from}' to='there.example' ${rest}`,
  })

  test('is answered by whether it was made here, for that stream', () => {
    expect(verify('id-1', 'ours')).toEqual(reply("id='id-1' type='valid'/>"))
    expect(verify('id-1', 'theirs')).toEqual(reply("id='id-1' type='invalid'/>"))
    expect(verify('id-2', 'ours')).toEqual(reply("id='id-2' type='invalid'/>"))
  })

  test('of another domain has no answer here', () =>
    expect(verify('id-1', 'ours', 'other.example')).toMatchObject({
      _tag: 'Reply',
      xml: expect.stringContaining("type='error'><error type='cancel'><item-not-found"),
    }))
})

describe('what ends the stream', () => {
  test.each([
    ["<db:result from='there.example' to='here.example' type='valid'/>", 'unsupported-stanza-type'],
    ["<db:verify from='there.example' to='here.example' id='id-1' type='valid'/>", 'unsupported-stanza-type'],
    ["<db:result from='there.example' to='here.example'/>", 'bad-format'],
    ['<db:result>key</db:result>', 'improper-addressing'],
  ])('%s', (xml, condition) => expect(step(xml)).toMatchObject({ _tag: 'Refuse', fault: { condition } }))
})
