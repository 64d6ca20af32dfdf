/** What is asked for inside `<authenticate/>`, without a stream (XEP-0198 §9, XEP-0386). */
import { describe, expect, test } from 'vitest'
import type { AuthenticatedStream } from '../../../packages/stream-c2s/src/facts.js'
import { bindInline, resumeInline } from '../../../packages/stream-c2s/src/inline.js'
import { authenticate, nsBind2, sm3 } from './stage.js'
import { authenticated, clientElement, origin } from './steps.js'

const asked = (inside: string) => clientElement(authenticate('x', inside))
const resume = (inside: string) => resumeInline(authenticated(), asked(inside))
const bind = (inside: string, facts: Partial<AuthenticatedStream> = {}) =>
  bindInline(authenticated(facts), asked(`<bind xmlns='${nsBind2}'>${inside}</bind>`))

const put = (xml: string) => ({ _tag: 'Put', xml })
const enable = `<enable xmlns='${sm3}' resume='true'/>`
const csi = (name: string) => `<${name} xmlns='urn:xmpp:csi:0'/>`

describe('resumption', () => {
  const question = (previd: string) => ({
    _tag: 'Resume',
    question: { _tag: 'ResumeReceived', at: 5, connection: 'c1', version: sm3, previd, h: 0 },
  })
  const element = (previd: string) => `<resume xmlns='${sm3}' previd='${previd}' h='0'/>`

  test.each([
    ['', []],
    ["<x xmlns='urn:example:x'/>", []],
    ["<resume xmlns='urn:xmpp:sm:99' previd='x' h='0'/>", []],
    [element('x'), [question('x')]],
    [`<bind xmlns='${nsBind2}'/>${element('x')}`, [question('x')]],
    [element('x') + element('y'), [question('x')]],
    [`<resume xmlns='${sm3}' h='0'/>`, [put(expect.stringMatching(/^<failed xmlns='[^']*'><bad-request/))]],
    [`<resume xmlns='${sm3}' previd='known'/>`, [put(expect.stringMatching(/^<failed [^>]* h='7'/))]],
  ])('%s', (inside, steps) => expect(resume(inside)).toEqual(steps))
})

describe('Bind 2', () => {
  const binds = (resource: string) => ({ _tag: 'Bind', event: { _tag: 'SessionBound', ...origin(resource) } })
  const enables = (resource: string, freshId: string) => ({
    _tag: 'Enable',
    question: { _tag: 'EnableReceived', ...origin(resource), version: sm3, resume: true, freshId },
  })
  const state = (_tag: string) => ({ _tag: 'Dispatch', event: { _tag, ...origin('fresh-1') } })
  const bound = (inside = '') => put(expect.stringMatching(new RegExp(`^<bound xmlns='${nsBind2}'>${inside}</bound>$`)))

  test('that is not asked for is not done', () => expect(bindInline(authenticated(), asked(enable))).toEqual([]))

  test.each([
    ['', [bound()]],
    ["<x xmlns='urn:example:x'/>", [bound()]],
    ["<enable xmlns='urn:xmpp:sm:99'/>", [bound()]],
    [enable, [enables('fresh-1', 'fresh-2')]],
    [`<enable xmlns='${sm3}' max='soon'/>`, [bound('<failed .*<bad-request .*')]],
    [csi('active'), [bound(), state('ClientActive')]],
    [csi('inactive') + enable, [enables('fresh-1', 'fresh-2'), state('ClientInactive')]],
    [csi('asleep') + csi('inactive') + csi('active'), [bound(), state('ClientInactive')]],
    [`<tag>A</tag>`, undefined],
  ])('%s', (inside, others) => {
    if (others === undefined) expect(bind(inside)).toEqual([binds('A/fresh-1'), bound()])
    else expect(bind(inside)).toEqual([binds('fresh-1'), ...others])
  })

  test('needs room, but for a session of the same installation', () => {
    const [first] = bind('<tag>A</tag>')
    expect(first).toEqual(binds('A/fresh-1'))
    expect(bind('<tag>A</tag>', { resources: ['A/fresh-1', 'desk'] })).toHaveLength(2)
    expect(bind('<tag>A</tag>', { resources: ['phone', 'desk'] })).toEqual([])
  })
})
