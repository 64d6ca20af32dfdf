import { describe, expect, test } from 'vitest'
import { fromInitiating, fromReceiving } from '../../../packages/stream/src/sm-events.js'
import { elementOf } from '../stream-s2s/reading.js'

const here = { at: 5, resource: 'stream', connection: 's2s-1' }
const sm = "xmlns='urn:xmpp:sm:3'"
const version = 'urn:xmpp:sm:3'
const handledBy = (smId: string) => (smId === 'known' ? 7 : undefined)
const initiating = (xml: string, mayResume = true) =>
  fromInitiating(elementOf(xml), here, { mayResume, freshId: () => 'fresh', handledBy })
const receiving = (xml: string) => fromReceiving(elementOf(xml), here)
const event = (fields: object) => ({ _tag: 'Event', event: fields })

describe('of the initiating side', () => {
  test('<enable/> asks for a session, to be resumed or not', () => {
    expect(initiating(`<enable ${sm} resume='true' max='60'/>`)).toEqual(
      event({ _tag: 'EnableReceived', ...here, version, resume: true, max: 60, freshId: 'fresh' }),
    )
    expect(initiating(`<enable ${sm}/>`)).toEqual(
      event({ _tag: 'EnableReceived', ...here, version, resume: false, freshId: 'fresh' }),
    )
  })

  test('<enable/> asks for no resumption where that is switched off', () => {
    expect(initiating(`<enable ${sm} resume='true'/>`, false)).toEqual(
      event({ _tag: 'EnableReceived', ...here, version, resume: false, freshId: 'fresh' }),
    )
  })

  test('<resume/> concerns the link, whatever its session', () => {
    expect(initiating(`<resume ${sm} previd='p' h='3'/>`)).toEqual(
      event({ _tag: 'ResumeReceived', at: 5, connection: 's2s-1', version, previd: 'p', h: 3 }),
    )
  })

  test.each([
    ["previd='known'", " h='7'"],
    ["previd='other' h='-1'", ''],
    ["h='3'", ''],
  ])('<resume %s/> is malformed, and answered with what is known%s', (attributes, h) => {
    expect(initiating(`<resume ${sm} ${attributes}/>`)).toEqual({
      _tag: 'Answer',
      xml: expect.stringMatching(new RegExp(`^<failed xmlns='${version}'${h}><bad-request`)),
    })
  })

  test('<enable/> that is malformed is of no session', () => {
    expect(initiating(`<enable ${sm} previd='known' max='soon'/>`)).toEqual({
      _tag: 'Answer',
      xml: expect.stringMatching(/^<failed xmlns='[^']*'><bad-request/),
    })
  })

  test.each(['<enabled', "<resumed previd='p' h='1'", '<failed'])('%s/> is out of place', start => {
    expect(initiating(`${start} ${sm}/>`)).toEqual({ _tag: 'OutOfPlace' })
  })
})

describe('of the receiving side', () => {
  test('<enabled/> says whether and for how long the session can be resumed', () => {
    expect(receiving(`<enabled ${sm} resume='true' id='i' max='60'/>`)).toEqual(
      event({ _tag: 'EnabledReceived', ...here, resume: true, id: 'i', max: 60 }),
    )
    expect(receiving(`<enabled ${sm}/>`)).toEqual(event({ _tag: 'EnabledReceived', ...here, resume: false }))
  })

  test('<resumed/> and <failed/> answer <resume/>', () => {
    expect(receiving(`<resumed ${sm} previd='p' h='3'/>`)).toEqual(
      event({ _tag: 'ResumedReceived', ...here, previd: 'p', h: 3 }),
    )
    expect(
      receiving(`<failed ${sm} h='2'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`),
    ).toEqual(event({ _tag: 'FailedReceived', ...here, condition: 'item-not-found', h: 2 }))
  })

  test.each(['<enable', "<resume previd='p' h='1'"])('%s/> is out of place', start => {
    expect(receiving(`${start} ${sm}/>`)).toEqual({ _tag: 'OutOfPlace' })
  })
})

describe.each([
  ['initiating', (xml: string) => initiating(xml)],
  ['receiving', receiving],
])('of the %s side', (_, read) => {
  test('<a/> and <r/> are what they are', () => {
    expect(read(`<a ${sm} h='4'/>`)).toEqual(event({ _tag: 'AckReceived', ...here, version, h: 4 }))
    expect(read(`<r ${sm}/>`)).toEqual(event({ _tag: 'RequestReceived', ...here, version }))
  })

  test.each(["h='-1'", "h='four'", "h='4294967296'", ''])('<a %s/> is malformed', attributes => {
    expect(read(`<a ${sm} ${attributes}/>`)).toMatchObject(event({ _tag: 'MalformedAckReceived', ...here, version }))
  })

  test('what does not decode is answered at once', () => {
    const answer = read(`<nonsense ${sm}/>`)
    expect(answer._tag).toBe('Answer')
    expect(answer).toMatchObject({ xml: expect.stringMatching(/^<failed .*<bad-request/) })
  })
})
