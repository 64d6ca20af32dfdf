/** What each element means once there is a session, without a stream. */
import { Stanza } from '@smacks/codec'
import { describe, expect, test } from 'vitest'
import { boundStep, stanzaStep } from '../../../packages/stream-c2s/src/bound.js'
import { auth, nsTls, sm3 } from './stage.js'
import { clientElement, me, origin, refused, replied, session, side } from './steps.js'

const step = (xml: string) => boundStep(session, origin('phone'), side, clientElement(xml))
const event = (fields: object) => ({ _tag: 'Dispatch', event: { ...origin('phone'), ...fields } })
const unknown = refused('unsupported-stanza-type')
const version = sm3

test.each([
  [`<r xmlns='${sm3}'/>`, event({ _tag: 'RequestReceived', version })],
  [`<a xmlns='${sm3}' h='4'/>`, event({ _tag: 'AckReceived', version, h: 4 })],
  [`<a xmlns='${sm3}' h='x'/>`, event({ _tag: 'MalformedAckReceived', version, reason: expect.any(String) })],
  [
    `<enable xmlns='${sm3}' resume='true' max='9'/>`,
    event({ _tag: 'EnableReceived', version, resume: true, max: 9, freshId: 'fresh-1' }),
  ],
  [`<enable xmlns='${sm3}' max='soon'/>`, replied('failed', 'bad-request')],
  [`<resume xmlns='${sm3}' h='1'/>`, replied('failed', 'bad-request')],
  [
    `<resume xmlns='${sm3}' previd='known'/>`,
    { _tag: 'Reply', xml: expect.stringMatching(/^<failed [^>]* h='7'><bad-request /) },
  ],
  [`<enabled xmlns='${sm3}'/>`, unknown],
  [`<resumed xmlns='${sm3}' previd='x' h='0'/>`, unknown],
  ["<active xmlns='urn:xmpp:csi:0'/>", event({ _tag: 'ClientActive' })],
  ["<inactive xmlns='urn:xmpp:csi:0'/>", event({ _tag: 'ClientInactive' })],
  ["<asleep xmlns='urn:xmpp:csi:0'/>", unknown],
  ["<active xmlns='urn:example:x'/>", unknown],
  ["<message xmlns='jabber:server'/>", unknown],
  [`<starttls xmlns='${nsTls}'/>`, unknown],
  [auth('x'), unknown],
])('%s', (xml, expected) => expect(step(xml)).toEqual(expected))

test('<resume/> is a question to the account, whatever its session', () =>
  expect(step(`<resume xmlns='${sm3}' previd='x' h='3'/>`)).toEqual({
    _tag: 'Dispatch',
    event: { _tag: 'ResumeReceived', at: 5, connection: 'c1', version, previd: 'x', h: 3 },
  }))

describe('a stanza', () => {
  test.each(['message', 'presence', 'iq'])('of the kind %s is received as it came', name => {
    const xml = `<${name} to='juliet@a.example' id='1'/>`
    const decided = step(xml)
    expect(decided).toMatchObject(event({ _tag: 'StanzaReceived' }))
    expect(decided).toMatchObject({ event: { stanza: { xml: Stanza.fromElement(clientElement(xml)).xml } } })
  })

  test.each([me, `${me}/phone`, 'ROMEO@A.example/phone'])('may be from %s', from =>
    expect(step(`<message from='${from}'/>`)).toMatchObject(event({ _tag: 'StanzaReceived' })),
  )

  test.each([`${me}/desk`, 'juliet@a.example', 'a.example', '@', ''])('may not be from %j', from =>
    expect(step(`<message from='${from}'/>`)).toEqual(refused('invalid-from')),
  )

  test('that is beyond a limit counts as what is left of it, from whom it may be', () => {
    const rest = Stanza.refused(clientElement("<message id='1'/>"), { condition: 'policy-violation' })
    expect(stanzaStep(session, origin('phone'), rest)).toMatchObject({
      event: { _tag: 'StanzaReceived', stanza: rest },
    })
    const element = clientElement("<message from='juliet@a.example'/>")
    const forged = Stanza.refused(element, { condition: 'policy-violation' })
    expect(stanzaStep(session, origin('phone'), forged)).toEqual(refused('invalid-from'))
  })
})

test('nobody is asked for what a stanza does not need', () => {
  const unasked = () => {
    throw new Error('asked')
  }
  expect(boundStep(session, origin('phone'), unasked, clientElement('<message/>'))).toMatchObject({ _tag: 'Dispatch' })
})
