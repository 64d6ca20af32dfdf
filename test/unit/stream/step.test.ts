/** STARTTLS as both kinds of servers' streams decide it (RFC 6120 §5.4.2). */
import { expect, test } from 'vitest'
import { startTlsSteps } from '../../../packages/stream/src/step.js'
import { elementOf } from '../stream-s2s/reading.js'

const tls = 'urn:ietf:params:xml:ns:xmpp-tls'
const steps = (name: string, isSecure: boolean) => startTlsSteps(elementOf(`<${name} xmlns='${tls}'/>`), isSecure)
const refused = (condition: string) => ({ _tag: 'Refuse', fault: expect.objectContaining({ condition }) })

test('TLS starts once', () => {
  expect(steps('starttls', false)).toEqual([{ _tag: 'StartTls', proceed: `<proceed xmlns='${tls}'/>` }])
  expect(steps('starttls', true)).toEqual([
    { _tag: 'Reply', xml: `<failure xmlns='${tls}'/>` },
    refused('policy-violation'),
  ])
})

test.each(['proceed', 'failure', 'stoptls'])('<%s/> ends the stream', name => {
  for (const isSecure of [false, true]) expect(steps(name, isSecure)).toEqual([refused('unsupported-stanza-type')])
})
